// Laws of a trained policy at work: an action depends on the world's own observation, text, episode and the seed alone,
// on no neighbour and no number of threads; a plan is executed k steps and made anew; another backbone is refused.
#include "policies/trained_policy.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/policies/fakes.h"

namespace genba::policies {
namespace {

struct Scene {
  int num_worlds;
  std::vector<float> obs;
  std::vector<std::string> texts;
  std::vector<std::uint8_t> first_step, active;
  std::vector<std::uint64_t> episodes;

  // Worlds first_episode … as they are whoever else is there.
  explicit Scene(int worlds, std::uint64_t first_episode = 0) : num_worlds(worlds) {
    for (int w = 0; w < worlds; ++w) {
      const std::uint64_t episode = first_episode + static_cast<std::uint64_t>(w);
      Rng rng(7, episode, "scene");
      const std::vector<float> row = ToyScene(rng);
      obs.insert(obs.end(), row.begin(), row.end());
      texts.push_back(episode % 2 == 0 ? "put the red bolt" : "the blue nut please");
      first_step.push_back(1);
      active.push_back(1);
      episodes.push_back(episode);
    }
  }
  PolicyInput input() const {
    return {View2<const float>(obs.data(), num_worlds, ToySpec().obs_dim()), texts, first_step, active, episodes};
  }
};

// threshold 0: it acts on everything.
Manifest ToyManifest(const std::string& head, double threshold = 0) {
  return {ToySpec(),
          ToyConfig(head),
          UnitNormalizer(ToySpec()),
          ToyFeatures().hash(),
          ToyFeatures().shape(),
          {.threshold = threshold, .hysteresis = 0}};
}

TrainedPolicy Make(const std::string& head, std::uint64_t seed = 1, const Manifest* manifest = nullptr) {
  const Manifest own = ToyManifest(head);
  const Network network(own.spec, own.config, own.text, own.normalizer);
  return TrainedPolicy("toy", "identity", manifest != nullptr ? *manifest : own, network.layout().Initial(3),
                       std::make_unique<ToyFeatures>(), seed);
}

std::vector<float> Act(TrainedPolicy& policy, const Scene& scene) {
  const int width = ToySpec().action_dim();
  Commands commands;
  commands.Fit(scene.num_worlds, width);
  policy.Act(scene.input(), commands);
  return commands.actions;
}

TEST(TrainedPolicy, AWorldDoesNotSeeItsNeighbours) {
  for (const char* head : {"chunk", "flow"}) {
    TrainedPolicy together = Make(head);
    const std::vector<float> all = Act(together, Scene(37));
    for (const int w : {0, 5, 16, 36}) {
      TrainedPolicy alone = Make(head);
      const std::vector<float> one = Act(alone, Scene(1, static_cast<std::uint64_t>(w)));
      EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + w * 3)) << head << " world " << w;
    }
    EXPECT_FALSE(std::equal(all.begin(), all.begin() + 3, all.begin() + 3));  // the control: worlds differ
  }
}

TEST(TrainedPolicy, TheNumberOfThreadsAroundItChangesNothing) {
  const int before = at::get_num_threads();
  std::vector<std::vector<float>> runs;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    TrainedPolicy policy = Make("flow");
    runs.push_back(Act(policy, Scene(20)));
    EXPECT_EQ(at::get_num_threads(), threads);  // and it leaves the command's own setting alone
  }
  at::set_num_threads(before);
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_EQ(runs[0], runs[2]);
}

TEST(TrainedPolicy, APlanIsExecutedForKStepsAndThenMadeAnew) {
  TrainedPolicy policy = Make("chunk");
  Scene scene(1);
  const std::vector<float> first = Act(policy, scene);
  const std::vector<float> rest(policy.Plan(0).begin(), policy.Plan(0).end());  // what it would do next
  scene.first_step[0] = 0;
  for (float& value : scene.obs) value *= 0.5f;  // what it would see now changes nothing yet
  EXPECT_TRUE(std::equal(rest.begin(), rest.begin() + 3, Act(policy, scene).begin()));
  const std::vector<float> third = Act(policy, scene);  // execute = 2: planned from the new observation
  EXPECT_FALSE(std::equal(third.begin(), third.end(), rest.begin() + 3));
  TrainedPolicy fresh = Make("chunk");
  scene.first_step[0] = 1;
  EXPECT_EQ(Act(fresh, scene), third);
}

// What a policy does that corrects by a bias, and by a weight of everything it sees.
TrainedPolicy MakeCorrecting(const std::string& head, float bias, float weight) {
  Manifest manifest = ToyManifest(head);
  manifest.config.residual_width = 16;
  manifest.config.residual_scale = 0.5;
  const Network network(manifest.spec, manifest.config, manifest.text, manifest.normalizer);
  const at::Tensor flat = network.layout().Initial(3);
  const Weights views = network.layout().Views(flat);
  views[views.size() - 2].fill_(weight);  // correction.second.weight
  views.back().fill_(bias);
  return TrainedPolicy("toy", "identity", manifest, flat, std::make_unique<ToyFeatures>(), 1);
}

TEST(TrainedPolicy, ACorrectionIsAddedToWhatIsPlanned) {
  for (const char* head : {"chunk", "flow"}) {
    TrainedPolicy plain = Make(head), none = MakeCorrecting(head, 0, 0), moved = MakeCorrecting(head, 0.1f, 0);
    Scene scene(20);
    for (int step = 0; step < 3; ++step) {
      const std::vector<float> planned = Act(plain, scene), corrected = Act(moved, scene);
      EXPECT_EQ(Act(none, scene), planned) << head << " " << step;
      for (std::size_t i = 0; i < planned.size(); ++i)
        EXPECT_NEAR(corrected[i], std::min(1.0f, planned[i] + 0.05f), 1e-6) << head << " " << step;
      std::fill(scene.first_step.begin(), scene.first_step.end(), 0);
    }
  }
}

// In the middle of a plan, which is the same whatever is seen.
TEST(TrainedPolicy, AnActionIsCorrectedByWhatIsSeenWhenItIsPlayed) {
  Scene scene(20), later(20);
  for (float& value : later.obs) value *= 0.5f;
  scene.first_step.assign(20, 1);
  later.first_step.assign(20, 0);
  const auto second = [&](float weight, bool sees) {
    TrainedPolicy policy = MakeCorrecting("chunk", 0.1f, weight);
    Act(policy, scene);
    Scene now = scene;
    now.first_step.assign(20, 0);
    return Act(policy, sees ? later : now);
  };
  EXPECT_EQ(second(0, true), second(0, false));  // the control: one that does not look
  EXPECT_NE(second(0.3f, true), second(0.3f, false));
}

TEST(TrainedPolicy, OfAWorldACorrectionSeesNoNeighbour) {
  TrainedPolicy together = MakeCorrecting("chunk", 0, 0.3f);
  const std::vector<float> all = Act(together, Scene(37));
  for (const int w : {0, 16, 36}) {
    TrainedPolicy alone = MakeCorrecting("chunk", 0, 0.3f);
    const std::vector<float> one = Act(alone, Scene(1, static_cast<std::uint64_t>(w)));
    EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + w * 3)) << "world " << w;
  }
}

TEST(TrainedPolicy, AnotherTextIsAnotherPlanAndASleepingWorldIsLeftAlone) {
  TrainedPolicy policy = Make("chunk");
  Scene scene(2);
  const std::vector<float> before = Act(policy, scene);
  scene.first_step = {0, 0};
  scene.texts[0] = "blue";
  scene.active[1] = 0;
  Commands commands;
  commands.Fit(2, 3);
  std::fill(commands.actions.begin(), commands.actions.end(), 9.0f);
  policy.Act(scene.input(), commands);
  TrainedPolicy fresh = Make("chunk");
  Scene told(2);
  told.texts[0] = "blue";
  const std::vector<float> expected = Act(fresh, told);
  EXPECT_TRUE(std::equal(commands.actions.begin(), commands.actions.begin() + 3, expected.begin()));
  EXPECT_EQ(commands.actions[3], 9.0f);
}

TEST(TrainedPolicy, OnlyWhoAnswersWithActMoves) {
  const Scene scene(20);
  for (const double threshold : {0.0, 1.0}) {
    const Manifest manifest = ToyManifest("chunk", threshold);
    TrainedPolicy policy = Make("chunk", 1, &manifest);
    Commands commands;
    commands.Fit(scene.num_worlds, 3);
    policy.Act(scene.input(), commands);
    for (std::size_t w = 0; w < 20; ++w) {
      const bool moves = commands.actions[3 * w] != 0 || commands.actions[3 * w + 1] != 0;
      EXPECT_EQ(commands.answers[w] == Answer::kAct, threshold == 0);
      EXPECT_EQ(moves, threshold == 0);
      EXPECT_GT(commands.probabilities[w], 0);
      EXPECT_LT(commands.probabilities[w], 1);
    }
  }
}

TEST(TrainedPolicy, WhatIsHeardIsOfATextInItsSceneWhateverStandsBesideIt) {
  Scene scene(5);
  scene.texts = {"the red bolt", "the red bolt", "a nut", "the red bolt", "a nut"};
  auto hears = Make("chunk");
  const std::vector<Heard> together = hears.Hear(scene.input().obs, scene.texts);
  ASSERT_EQ(together.size(), scene.texts.size());
  EXPECT_NE(together[0].about, together[1].about);  // one text in two scenes
  for (int i = 0; i < scene.num_worlds; ++i) {
    const auto row = static_cast<std::size_t>(i);
    const auto obs = scene.input().obs.row(i);
    const std::vector<Heard> alone = hears.Hear({obs.data(), 1, static_cast<int>(obs.size())}, {&scene.texts[row], 1});
    EXPECT_EQ(alone.front().quantity, together[row].quantity);
    for (std::size_t slot = 0; slot < alone.front().about.size(); ++slot)
      EXPECT_NEAR(alone.front().about[slot], together[row].about[slot], 1e-5);
    for (std::size_t answer = 0; answer < alone.front().probabilities.size(); ++answer)
      EXPECT_NEAR(alone.front().probabilities[answer], together[row].probabilities[answer], 1e-5);
  }
}

TEST(TrainedPolicy, NoiseIsOfTheEpisodeAndTheSeed) {
  TrainedPolicy a = Make("flow"), b = Make("flow"), other_seed = Make("flow", 2);
  Scene renumbered(1);
  renumbered.episodes[0] = 8;
  const std::vector<float> actions = Act(a, Scene(1));
  EXPECT_NE(Act(b, renumbered), actions);
  EXPECT_NE(Act(other_seed, Scene(1)), actions);
}

TEST(TrainedPolicy, FeaturesOfAnotherBackboneAreRefused) {
  Manifest other = ToyManifest("chunk");
  other.features_hash = "another";
  try {
    Make("chunk", 1, &other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("features_hash"), std::string::npos);
  }
}

}  // namespace
}  // namespace genba::policies
