#include "envs/vec_env.h"

#include <gtest/gtest.h>

#include <set>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "env_harness.h"
#include "envs/scene.h"
#include "sim/cell_ids.h"

namespace genba::envs {
namespace {

VecEnvConfig Config(const std::string& task, int worlds, int threads, std::uint64_t episodes) {
  VecEnvConfig config;
  config.task = task;
  config.num_worlds = worlds;
  config.num_threads = threads;
  config.seed = 11;
  config.num_episodes = episodes;
  return config;
}

TEST(VecEnv, EpisodesDoNotDependOnThreadsOrWorlds) {
  const std::array<std::pair<int, int>, 4> shapes{{{8, 1}, {8, 2}, {8, 3}, {3, 2}}};
  std::vector<Outcome> outcomes;
  for (const auto& [worlds, threads] : shapes) {
    VecEnv env(Config("reach", worlds, threads, 24));
    outcomes.push_back(PlayEpisodes(env, 24));
  }
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.hashes.size(), 24u);
    EXPECT_EQ(outcome.hashes, outcomes[0].hashes);
  }
  VecEnvConfig other = Config("reach", 8, 2, 24);
  other.seed = 12;
  VecEnv env(other);
  EXPECT_NE(PlayEpisodes(env, 24).hashes, outcomes[0].hashes);
}

TEST(VecEnv, SleepingEpisodesDoNotDependOnThreadsOrWorlds) {
  const std::array<std::pair<int, int>, 4> shapes{{{6, 1}, {6, 2}, {6, 3}, {1, 1}}};
  std::vector<Outcome> outcomes;
  for (const auto& [worlds, threads] : shapes) {
    VecEnv env(Config("pick_bin", worlds, threads, 8));
    outcomes.push_back(PlayEpisodes(env, 8));
    EXPECT_EQ(outcomes.back().hashes, outcomes[0].hashes);
  }
  VecEnvConfig awake = Config("pick_bin", 6, 2, 8);
  awake.sleep = false;
  VecEnv env(awake);
  EXPECT_NE(PlayEpisodes(env, 8).hashes, outcomes[0].hashes);  // the test tells the two apart
}

void ExpectSameWorld(const StepBatch& a, const StepBatch& b, int world, const EnvSpec& spec) {
  const auto row = [world](const std::vector<float>& rows, int width) {
    const auto at = rows.begin() + static_cast<std::ptrdiff_t>(world) * width;
    return std::vector<float>(at, at + width);
  };
  EXPECT_EQ(row(a.obs, spec.obs_dim()), row(b.obs, spec.obs_dim()));
  EXPECT_EQ(row(a.expert_action, spec.action_dim()), row(b.expert_action, spec.action_dim()));
  EXPECT_EQ(row(a.reward_terms, spec.num_reward_terms()), row(b.reward_terms, spec.num_reward_terms()));
}

// Worlds at the beginning of their first episodes.
struct Begun {
  explicit Begun(const VecEnvConfig& config) : env(config), batch(env.spec(), config.num_worlds) { env.Reset(batch); }
  void FollowExpert() { env.Step(batch.expert_view(), batch); }
  void RestoreFrom(const VecEnv& other) {
    for (int w = 0; w < env.num_worlds(); ++w) env.RestoreWorld(w, other.SaveWorld(w), batch);
  }

  VecEnv env;
  StepBatch batch;
};

// A restored world shows what the saved one showed, before any step, and goes on alike on its own labels, whatever it
// played before.
TEST(VecEnv, SaveRestoreContinueEqualsContinue) {
  Begun a(Config("pick_bin", 2, 1, 2)), b(Config("pick_bin", 2, 2, 2));
  for (int step = 0; step < 20; ++step) b.FollowExpert();
  EXPECT_NE(a.batch.obs, b.batch.obs);
  for (int step = 0; step < 90; ++step) {
    if (step % 3 == 0) {
      b.RestoreFrom(a.env);
      EXPECT_EQ(a.batch.obs, b.batch.obs) << "step " << step;
      EXPECT_EQ(a.batch.expert_action, b.batch.expert_action) << "step " << step;
    }
    std::vector<float> actions = step % 3 == 1 ? a.batch.expert_action : b.batch.expert_action;
    if (step % 3 == 2) std::fill(actions.begin(), actions.end(), 0.7f);
    const View2<const float> view(actions.data(), 2, a.env.spec().action_dim());
    a.env.Step(view, a.batch);
    b.env.Step(view, b.batch);
    for (int w = 0; w < 2; ++w) {
      ExpectSameWorld(a.batch, b.batch, w, a.env.spec());
      ASSERT_EQ(a.env.sim().Hash(w), b.env.sim().Hash(w)) << "step " << step;
    }
  }
  EXPECT_THROW(b.env.RestoreWorld(0, "nonsense", b.batch), Error);
}

// An episode that is asked for comes next, as it always is; what others are handed out is as before, after a restart too.
TEST(VecEnv, AnEpisodeThatIsAskedForIsPlayedNextAndTheNumbersGoOn) {
  Begun a(Config("reach", 3, 1, 40)), b(Config("reach", 3, 2, 40));
  a.env.PlayNext(1, 0);
  b.RestoreFrom(a.env);
  std::vector<std::vector<std::uint64_t>> played(3);
  while (played[0].size() < 3 || played[1].size() < 3 || played[2].size() < 3) {
    a.FollowExpert();
    b.FollowExpert();
    for (int w = 0; w < 3; ++w) {
      ASSERT_EQ(a.env.plan(w).episode, b.env.plan(w).episode);
      if (a.batch.done(w)) played[static_cast<std::size_t>(w)].push_back(a.env.plan(w).episode);
    }
  }
  EXPECT_EQ(played[1].front(), 0u);  // and not 4, which nobody plays
  std::set<std::uint64_t> others;
  for (const std::vector<std::uint64_t>& of_world : played) others.insert(of_world.begin(), of_world.end());
  EXPECT_FALSE(others.contains(4));
  for (const std::uint64_t number : {3u, 5u, 6u, 7u}) EXPECT_TRUE(others.contains(number)) << number;
}

// And on through the episodes that come: no number is played twice, none is left out.
TEST(VecEnv, RestoredWorldsGoOnThroughTheSameEpisodes) {
  Begun a(Config("reach", 3, 1, 40)), b(Config("reach", 3, 2, 40));
  for (int step = 0; step < 150; ++step) a.FollowExpert();
  b.RestoreFrom(a.env);
  std::set<std::uint64_t> episodes;
  for (int step = 0; step < 150; ++step) {
    a.FollowExpert();
    b.FollowExpert();
    for (int w = 0; w < 3; ++w) {
      ASSERT_EQ(a.env.plan(w).episode, b.env.plan(w).episode) << "step " << step;
      episodes.insert(b.env.plan(w).episode);
    }
    ASSERT_EQ(a.batch.obs, b.batch.obs) << "step " << step;
  }
  EXPECT_GT(episodes.size(), 6u);
}

// What bench compares with: the engine alone, from the same state, with the controls of commanded(), is the
// environment.
TEST(VecEnv, CommandedControlsAreThoseOfTheStep) {
  VecEnvConfig config = Config("pick_bin", 2, 1, 2);
  config.sleep = false;
  VecEnv env(config);
  StepBatch batch(env.spec(), 2);
  env.Reset(batch);
  sim::BatchSim bare(env.model(0), {2, 1});
  for (int w = 0; w < 2; ++w) bare.SetModel(w, env.model(w));
  const sim::CellIds ids = sim::FindCellIds(*env.model(0));
  const std::vector<int> worlds{0, 1};
  for (int step = 0; step < 30; ++step) {
    for (int w = 0; w < 2; ++w) std::ranges::copy(env.integration_row(w), bare.row(w).begin());
    env.Step(batch.expert_view(), batch);
    bare.Apply(worlds, [&](const mjModel* m, mjData* d, int w) {
      for (int i = 0; i < env.spec().substeps; ++i) {
        sim::Servo(ids, i, env.spec().substeps, env.commanded(w), d);
        mj_step(m, d);
      }
    });
    for (int w = 0; w < 2; ++w) EXPECT_EQ(bare.Hash(w), env.sim().Hash(w)) << "step " << step;
  }
}

TEST(VecEnv, AReplayOfAPlanGivesTheSameBits) {
  VecEnv env(Config("pick_bin", 3, 2, 3));
  StepBatch batch(env.spec(), 3);
  env.Reset(batch);
  const auto plan = EpisodePlanFromJson(ToJson(env.plan(2)), "test");
  auto replay = MakeReplayEnv("pick_bin", plan, CellFromJson(CellToJson(env.cell(2)), "test"));
  EXPECT_EQ(replay->model(0)->Hash(), env.model(2)->Hash());
  StepBatch replay_batch(env.spec(), 1);
  replay->Reset(replay_batch);
  EXPECT_EQ(replay->sim().Hash(0), env.sim().Hash(2));
  const auto width = static_cast<std::size_t>(env.spec().action_dim());
  for (int step = 0; step < 50; ++step) {
    const std::vector<float> action(batch.expert_action.begin() + static_cast<std::ptrdiff_t>(2 * width),
                                    batch.expert_action.end());
    env.Step(batch.expert_view(), batch);
    replay->Step(View2<const float>(action.data(), 1, static_cast<int>(width)), replay_batch);
    ASSERT_EQ(replay->sim().Hash(0), env.sim().Hash(2)) << "step " << step;
    ASSERT_EQ(replay_batch.reward[0], batch.reward[2]);
  }
}

// Bar 8 at the level of episodes: three kinds of trouble, 61 others unchanged, causes named, worlds play on.
TEST(VecEnv, FaultsEndTheirEpisodeOnly) {
  Outcome outcomes[2];
  for (const bool inject : {false, true}) {
    VecEnv env(Config("reach", 64, 2, 64));
    std::map<std::uint64_t, int> steps;
    std::vector<std::string> named;
    outcomes[inject] = PlayEpisodes(env, 64, [&](const VecEnv& const_env, int world, std::span<float> action) {
      if (!inject || const_env.step_in_episode(world) != 5) return;
      if (world == 3) action[1] = std::numeric_limits<float>::quiet_NaN();
      auto& mutable_sim = env.sim();
      if (world == 9)
        mutable_sim.row(world)[static_cast<std::size_t>(env.physics_size()) - 3] =
            std::numeric_limits<double>::quiet_NaN();
      if (world == 30) mutable_sim.row(world)[static_cast<std::size_t>(env.physics_size()) - 3] = 1e9;
    });
    EXPECT_EQ(outcomes[inject].causes["fault"], inject ? 3 : 0);
    if (inject) {
      EXPECT_EQ(env.ended_fault(3).fault, sim::Fault::kBadControl);
      EXPECT_EQ(env.ended_fault(9).fault, sim::Fault::kBadState);
      EXPECT_NE(env.ended_fault(30).fault, sim::Fault::kNone);
    }
  }
  for (const auto& [episode, hash] : outcomes[0].hashes) {
    if (episode == 3 || episode == 9 || episode == 30) continue;
    EXPECT_EQ(outcomes[1].hashes[episode], hash) << "episode " << episode;
  }
}

TEST(VecEnv, AFaultedWorldPlaysItsNextEpisode) {
  VecEnv env(Config("reach", 1, 1, 2));
  int injected = 0;
  const Outcome outcome = PlayEpisodes(env, 2, [&](const VecEnv& e, int, std::span<float> action) {
    if (e.plan(0).episode == 0 && injected++ == 0) action[0] = std::numeric_limits<float>::infinity();
  });
  EXPECT_EQ(outcome.causes.at("fault"), 1);
  EXPECT_EQ(outcome.causes.at("success"), 1);
}

TEST(VecEnv, TheCellIsThatOfTheModel) {
  VecEnv env(Config("pick_bin", 2, 1, 2));
  StepBatch batch(env.spec(), 2);
  for (const bool reset : {false, true}) {
    if (reset) env.Reset(batch);
    for (int w = 0; w < 2; ++w) EXPECT_EQ(sim::CellBuilder(env.cell(w)).Build()->Hash(), env.model(w)->Hash());
  }
}

TEST(VecEnv, BadArgumentsAreNamed) {
  for (auto& [config, word] :
       std::vector<std::pair<VecEnvConfig, std::string>>{{Config("pick_bim", 1, 1, 1), "pick_bin"},
                                                         {Config("reach", 0, 1, 1), "worlds"},
                                                         {Config("reach", 1, -1, 1), "threads"}}) {
    try {
      VecEnv env(config);
      FAIL() << word;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace genba::envs
