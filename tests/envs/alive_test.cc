// Nothing that is recorded is dead: every observation column, reward term, measure and event says something in some
// episode, probes do what their name says.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "envs/scene.h"
#include "envs/vec_env.h"

namespace genba::envs {
namespace {

constexpr int kEpisodes = 12;

VecEnvConfig Config(const std::string& task, Probe probe = Probe::kNone) {
  VecEnvConfig config;
  config.task = task;
  config.seed = 21;
  config.num_worlds = kEpisodes;
  config.num_episodes = kEpisodes;
  config.options.probe = probe;
  return config;
}

struct Seen {
  std::vector<float> low, high;  // of every column
  void Add(std::span<const float> row) {
    low.resize(row.size(), std::numeric_limits<float>::infinity());
    high.resize(row.size(), -std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < row.size(); ++i) {
      low[i] = std::min(low[i], row[i]);
      high[i] = std::max(high[i], row[i]);
    }
  }
  bool Varies(std::size_t column) const { return high[column] > low[column]; }
};

struct Play {
  Seen obs, terms, measures;
  std::uint32_t events = 0;
  int did_old_task = 0, ended = 0;
  std::set<std::string> causes;
};

// One episode in every world; actor(batch, actions) fills the actions.
template <class Actor>
Play PlayAll(VecEnv& env, Actor&& actor) {
  StepBatch batch(env.spec(), env.num_worlds());
  env.Reset(batch);
  Play play;
  const auto num_terms = env.spec().reward_terms.size(), num_measures = env.spec().measures.size();
  std::vector<float> actions;
  while (play.ended < kEpisodes) {
    actor(batch, actions);
    env.Step(View2<const float>(actions.data(), env.num_worlds(), env.spec().action_dim()), batch);
    for (int world = 0; world < env.num_worlds(); ++world) {
      const auto w = static_cast<std::size_t>(world);
      if (batch.active[w] == 0) continue;
      play.terms.Add(std::span<const float>(batch.reward_terms).subspan(w * num_terms, num_terms));
      play.measures.Add(std::span<const float>(batch.measures).subspan(w * num_measures, num_measures));
      play.events |= batch.events[w];
      if (!batch.done(world)) {
        play.obs.Add(batch.obs_view().row(world));
        continue;
      }
      ++play.ended;
      play.did_old_task += env.ended_did_old_task(world);
      play.causes.insert(env.spec().terminations[batch.cause[w]]);
    }
  }
  return play;
}

const auto kExpert = [](const StepBatch& batch, std::vector<float>& actions) { actions = batch.expert_action; };

// The expert of the scene as it was drawn acts in the counterfactual: it does what is no longer asked.
Play PlayTheOldOrder(const std::string& task) {
  VecEnv drawn(Config(task)), asked(Config(task, Probe::kCounterfactual));
  StepBatch batch(drawn.spec(), kEpisodes);
  drawn.Reset(batch);
  return PlayAll(asked, [&](const StepBatch&, std::vector<float>& actions) {
    actions = batch.expert_action;
    drawn.Step(View2<const float>(actions.data(), kEpisodes, drawn.spec().action_dim()), batch);
  });
}

TEST(Alive, EveryObservationColumnSaysSomething) {
  VecEnv env(Config("pick_bin"));
  const Play play = PlayAll(env, kExpert);
  std::size_t column = 0;
  for (const FieldSpec& field : env.spec().observation) {
    const auto size = static_cast<std::size_t>(field.size());
    const std::size_t width = field.shape.size() == 2 ? static_cast<std::size_t>(field.shape[1]) : size;
    for (std::size_t c = 0; c < width; ++c) {
      float low = play.obs.low[column + c], high = play.obs.high[column + c];  // over all slots: they are alike
      for (std::size_t slot = 1; slot < size / width; ++slot) {
        low = std::min(low, play.obs.low[column + slot * width + c]);
        high = std::max(high, play.obs.high[column + slot * width + c]);
      }
      EXPECT_LT(low, high) << field.name << " column " << c;
    }
    column += size;
  }
}

TEST(Alive, EveryRewardTermAndMeasureIsSeen) {
  for (const char* task : {"pick_bin", "reach"}) {
    VecEnv env(Config(task));
    const Play done = PlayAll(env, kExpert), wrong = PlayTheOldOrder(task);
    for (std::size_t i = 0; i < env.spec().reward_terms.size(); ++i)
      EXPECT_TRUE(done.terms.Varies(i) || wrong.terms.Varies(i)) << task << " " << env.spec().reward_terms[i];
    for (std::size_t i = 1; i < env.spec().measures.size();
         ++i)  // force, the first, is seen where something is pressed
      EXPECT_TRUE(done.measures.Varies(i)) << task << " " << env.spec().measures[i].name;
  }
}

TEST(Alive, WhoDoesTheOldTaskIsSeenDoingIt) {
  for (const char* task : {"pick_bin", "reach"}) {
    const Play wrong = PlayTheOldOrder(task);
    EXPECT_GE(wrong.did_old_task, kEpisodes * 8 / 10) << task;
    EXPECT_TRUE(wrong.causes.contains("wrong_part")) << task;
    EXPECT_FALSE(wrong.causes.contains("success")) << task;
    VecEnv right(Config(task, Probe::kCounterfactual));
    EXPECT_EQ(PlayAll(right, kExpert).did_old_task, 0) << task;
  }
}

TEST(Alive, EveryEventIsSeenWhereItBelongs) {
  VecEnv env(Config("pick_bin"));
  const Play done = PlayAll(env, kExpert), wrong = PlayTheOldOrder("pick_bin");
  EXPECT_TRUE(done.events & kHolding);
  EXPECT_TRUE(done.events & kPlaced);
  EXPECT_FALSE(done.events & kHoldingWrong);
  EXPECT_TRUE(wrong.events & kHoldingWrong);
  EXPECT_TRUE(wrong.events & kDisturbed);
  VecEnv pressing(Config("reach"));
  const Play hard = PlayAll(pressing, [](const StepBatch& batch, std::vector<float>& actions) {
    actions.assign(batch.expert_action.size(), 0.0f);
    for (std::size_t i = 2; i < actions.size(); i += 7) actions[i] = -1;  // straight down, into the table
  });
  EXPECT_TRUE(hard.events & kHardContact);
  EXPECT_GT(hard.measures.high[0], kHardContactForce);
}

TEST(Probes, BlankHasNoTextAndTheOtherLanguageIsTheOther) {
  EpisodeOptions blank, other;
  blank.probe = Probe::kBlank;
  other.probe = Probe::kOtherLanguage;
  for (std::uint64_t episode = 0; episode < 50; ++episode) {
    const EpisodePlan plain = DrawScene(Verb::kPick, {}, 4, episode, {}).plan;
    EXPECT_FALSE(plain.text.empty());
    const EpisodePlan without = DrawScene(Verb::kPick, {}, 4, episode, blank).plan;
    EXPECT_TRUE(without.text.empty());
    EXPECT_EQ(without.order, plain.order);
    const EpisodePlan turned = DrawScene(Verb::kPick, {}, 4, episode, other).plan;
    EXPECT_NE(turned.language, plain.language);
    EXPECT_EQ(turned.order, plain.order);
    EXPECT_EQ(Understand(turned.text), plain.order);
  }
}

}  // namespace
}  // namespace genba::envs
