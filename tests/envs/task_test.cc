// Experts, success predicates at their thresholds, and cheats that must not count.
#include <gtest/gtest.h>

#include <numbers>
#include <set>

#include "env_harness.h"
#include "envs/scene.h"
#include "envs/task.h"

namespace genba::envs {
namespace {

VecEnvConfig Config(const std::string& task, std::uint64_t seed, int episodes) {
  VecEnvConfig config;
  config.task = task;
  config.seed = seed;
  config.num_worlds = 16;
  config.num_episodes = static_cast<std::uint64_t>(episodes);
  return config;
}

TEST(Expert, ReachesAndPicks) {
  VecEnv reach(Config("reach", 5, 64));
  EXPECT_GE(PlayEpisodes(reach, 64).successes, 64);
  VecEnv pick(Config("pick_bin", 5, 64));
  EXPECT_GE(PlayEpisodes(pick, 64).successes, 62);
}

// Bar 4: the expert's success over 500 seeds.
TEST(Expert, SuccessOver500Seeds) {
  VecEnv reach(Config("reach", 1, 500));
  EXPECT_GE(PlayEpisodes(reach, 500).successes, 495);
  VecEnv pick(Config("pick_bin", 1, 500));
  EXPECT_GE(PlayEpisodes(pick, 500).successes, 485);
}

TEST(Expert, SurvivesNoiseOnItsActions) {
  VecEnv pick(Config("pick_bin", 6, 32));
  std::map<std::uint64_t, Rng> noise;
  const Outcome outcome = PlayEpisodes(pick, 32, [&](const VecEnv& env, int world, std::span<float> action) {
    Rng& rng = noise.try_emplace(env.plan(world).episode, 6, env.plan(world).episode, "noise").first->second;
    for (std::size_t i = 0; i < 3; ++i) action[i] += static_cast<float>(0.2 * rng.Normal());
  });
  EXPECT_GE(outcome.successes, 28);
}

// Success judged by hand-made measurements: what counts, at the edge, and what does not.
class Judging : public ::testing::Test {
 protected:
  // How an episode ends in which everything stays as it is measured for so many steps; "none": it goes on.
  std::string CauseAfter(int steps) const {
    TaskState state = state_;
    int cause = 0;
    for (int i = 0; i < steps && cause == 0; ++i) {
      cause = task_->Judge({episode_, controller_, ids_, measured_}, state).cause;
    }
    return task_->spec().terminations[static_cast<std::size_t>(cause)];
  }
  bool SucceedsAfter(int steps) const { return CauseAfter(steps) == "success"; }

  Episode episode_;
  sim::ControllerConfig controller_;
  sim::CellIds ids_;
  Measured measured_;
  TaskState state_;
  std::unique_ptr<Task> task_;
};

class PickBinSuccess : public Judging {
 protected:
  void SetUp() override {
    episode_.cell.bins = {sim::BinSpec{.centre = {0.6, 0.2}}, sim::BinSpec{.centre = {0.6, -0.2}}};
    episode_.cell.parts.resize(kMaxParts, sim::PartSpec{.present = false});
    for (std::size_t i = 0; i < 2; ++i) episode_.cell.parts[i].present = true;
    episode_.goal.wanted[0] = true;
    episode_.goal.bin = 0;
    measured_.parts[0].p = {0.6, 0.2, 0.017};
    measured_.parts[0].in_bin = 0;
    measured_.parts[1].p = {0.4, 0, 0.012};
    state_.p_start[1] = {0.4, 0, 0.012};
    measured_.tcp.p_WT = {0.6, 0.2, 0.2};
    measured_.tcp.q_WT = Eigen::Quaterniond(0, 1, 0, 0);
    task_ = MakePickBin();
  }
};

TEST_F(PickBinSuccess, HoldsForHalfASecond) {
  EXPECT_FALSE(SucceedsAfter(kHoldSteps - 1));
  EXPECT_TRUE(SucceedsAfter(kHoldSteps));
}
TEST_F(PickBinSuccess, NotInAnotherBin) {
  measured_.parts[0].in_bin = 1;
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(PickBinSuccess, NotWhileTheFingersTouchIt) {
  measured_.contacts.left_on_part[0] = 0.1;
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(PickBinSuccess, StillAtTheThreshold) {
  measured_.parts[0].speed = 0.0099;
  EXPECT_TRUE(SucceedsAfter(kHoldSteps));
  measured_.parts[0].speed = 0.0101;
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(PickBinSuccess, NotWhenAnotherPartWasMoved) {
  measured_.parts[1].p.x() = 0.4 + 0.0099;
  EXPECT_TRUE(SucceedsAfter(kHoldSteps));
  measured_.parts[1].p.x() = 0.4 + 0.0101;
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(PickBinSuccess, AMovedPartIsNotForgottenWhenPutBack) {
  TaskState state = state_;
  const Measured good = measured_;
  measured_.parts[1].p.x() += 0.02;
  task_->Judge({episode_, controller_, ids_, measured_}, state);
  measured_ = good;
  int cause = 0;
  for (int i = 0; i < 50; ++i) cause = task_->Judge({episode_, controller_, ids_, measured_}, state).cause;
  EXPECT_EQ(cause, 0);
}
TEST_F(PickBinSuccess, AllOfThem) {
  episode_.goal.wanted[1] = true;
  EXPECT_FALSE(SucceedsAfter(50));
  measured_.parts[1].in_bin = 0;
  EXPECT_TRUE(SucceedsAfter(kHoldSteps));
}

TEST_F(PickBinSuccess, NotWithAForceThatStopsTheRobot) {
  measured_.peak_force = kSafetyStopForce - 1;
  EXPECT_TRUE(SucceedsAfter(kHoldSteps));
  measured_.peak_force = kSafetyStopForce + 1;
  EXPECT_EQ(CauseAfter(50), "safety_stop");
}

class ReachSuccess : public Judging {
 protected:
  void SetUp() override {
    episode_.cell.parts.resize(kMaxParts, sim::PartSpec{.present = false});
    for (std::size_t i = 0; i < 2; ++i) {
      episode_.cell.parts[i].present = true;
      measured_.parts[i].p = {0.4, 0.2 * static_cast<double>(i), 0.012};
      state_.p_start[i] = {0.4, 0.2 * static_cast<double>(i), 0.012};
    }
    episode_.goal.wanted[0] = true;
    Lean(0);
    const double top = measured_.parts[0].p.z() + sim::PartHalfSize(episode_.cell.parts[0].shape, 1).z();
    measured_.tcp.p_WT = {0.4, 0, top + 0.05};
    task_ = MakeReach();
  }
  void Lean(double degrees) {
    measured_.tcp.q_WT =
        Eigen::AngleAxisd(degrees * std::numbers::pi / 180, Eigen::Vector3d::UnitY()) * Eigen::Quaterniond(0, 1, 0, 0);
  }
};

TEST_F(ReachSuccess, HoldsForHalfASecond) {
  EXPECT_FALSE(SucceedsAfter(kHoldSteps - 1));
  EXPECT_TRUE(SucceedsAfter(kHoldSteps));
}
TEST_F(ReachSuccess, WithinACentimetre) {
  const Eigen::Vector3d above = measured_.tcp.p_WT;
  for (const Eigen::Vector3d& aside : {Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(0, 0, 1), Eigen::Vector3d(0, 0, -1)}) {
    measured_.tcp.p_WT = above + 0.0099 * aside;
    EXPECT_TRUE(SucceedsAfter(kHoldSteps));
    measured_.tcp.p_WT = above + 0.0101 * aside;
    EXPECT_FALSE(SucceedsAfter(50));
  }
}
TEST_F(ReachSuccess, WithinFiveDegrees) {
  Lean(4.9);
  EXPECT_TRUE(SucceedsAfter(kHoldSteps));
  Lean(5.1);
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(ReachSuccess, NotOverAnotherPart) {
  measured_.tcp.p_WT.y() += 0.2;
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(ReachSuccess, NotWhenAnyPartWasMoved) {
  measured_.parts[0].p.y() = 0.0101;
  measured_.tcp.p_WT.y() = 0.0101;
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(ReachSuccess, NotWithAForceThatStopsTheRobot) {
  measured_.peak_force = kSafetyStopForce + 1;
  EXPECT_EQ(CauseAfter(50), "safety_stop");
}

// Cheats in real physics: throwing the part, and doing nothing.
TEST(Cheat, RandomAndIdleNeverSucceed) {
  for (const double scale : {0.0, 1.0}) {
    VecEnv pick(Config("pick_bin", 3, 16));
    std::map<std::uint64_t, Rng> noise;
    const Outcome outcome = PlayEpisodes(pick, 16, [&](const VecEnv& env, int world, std::span<float> action) {
      Rng& rng = noise.try_emplace(env.plan(world).episode, 6, env.plan(world).episode, "noise").first->second;
      for (float& a : action) a = static_cast<float>(scale * rng.Uniform(-1, 1));
    });
    EXPECT_EQ(outcome.successes, 0);
  }
}

TEST(Scene, LanguageIsNeededAndSlotsCarryNothing) {
  std::map<int, int> slot_of_target;
  for (const Verb verb : {Verb::kReach, Verb::kPick}) {
    SceneLimits limits;
    if (verb == Verb::kReach) limits.multi_share = 0;
    for (std::uint64_t episode = 0; episode < 400; ++episode) {
      const Scene scene = DrawScene(verb, limits, 9, episode, {});
      EXPECT_LE(scene.plan.chance, 0.5);
      EXPECT_TRUE(WellPosed(scene.plan.order, scene.plan.parts));
      EXPECT_EQ(CellToJson(CellFromJson(scene.plan.randomisation, "test")), scene.plan.randomisation);
      const Goal goal = GoalOf(scene.plan.order, scene.plan, scene.cell);
      for (int slot = 0; slot < kMaxParts; ++slot) slot_of_target[slot] += goal.wanted[static_cast<std::size_t>(slot)];
      for (const int referent : Referents(scene.plan.order, scene.plan.parts)) {
        const ScenePart& part = scene.plan.parts[static_cast<std::size_t>(referent)];
        EXPECT_FALSE(IsHeldOutPair(part.colour, part.shape));
      }
      const Scene again = DrawScene(verb, limits, 9, episode, {});
      EXPECT_EQ(again.plan.randomisation, scene.plan.randomisation);
      EXPECT_EQ(again.plan.text, scene.plan.text);
    }
  }
  for (const auto& [slot, count] : slot_of_target) EXPECT_GT(count, 60) << "slot " << slot;
}

TEST(Scene, HeldOutPairsAreNeitherMeantNorNamedInTraining) {
  for (std::uint64_t episode = 0; episode < 200; ++episode) {
    for (const Split split : {Split::kTrain, Split::kPairs}) {
      EpisodeOptions options;
      options.split = split;
      const EpisodePlan plan = DrawScene(Verb::kPick, {}, 3, episode, options).plan;
      const ObjectSet& set = plan.order.objects;
      const bool named = set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape);
      ASSERT_EQ(named, split == Split::kPairs) << ToText(plan.order);
      for (const int i : Referents(plan.order, plan.parts)) {
        const ScenePart& part = plan.parts[static_cast<std::size_t>(i)];
        ASSERT_EQ(IsHeldOutPair(part.colour, part.shape), split == Split::kPairs) << ToText(plan.order);
      }
    }
  }
}

TEST(Scene, CounterfactualAsksForOtherPartsOfTheSameScene) {
  EpisodeOptions probe;
  probe.probe = Probe::kCounterfactual;
  int changed = 0;
  for (std::uint64_t episode = 0; episode < 100; ++episode) {
    const Scene nominal = DrawScene(Verb::kPick, {}, 9, episode, {});
    const Scene other = DrawScene(Verb::kPick, {}, 9, episode, probe);
    EXPECT_EQ(nominal.plan.randomisation, other.plan.randomisation);
    EXPECT_EQ(other.plan.old_order, nominal.plan.order);
    changed += Referents(other.plan.order, other.plan.parts) != Referents(nominal.plan.order, nominal.plan.parts);
  }
  EXPECT_EQ(changed, 100);
}

}  // namespace
}  // namespace genba::envs
