// Experts, success predicates at their thresholds, and cheats that must not count.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include <numbers>
#include <set>

#include "core/error.h"
#include "env_harness.h"
#include "envs/scene.h"
#include "envs/task.h"
#include "envs/tasks/shared.h"

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
  Outcome outcome = PlayEpisodes(pick, 500);
  EXPECT_GE(outcome.successes, 485);
  EXPECT_EQ(outcome.causes["thrown"], 0);  // nothing that it lets go brushes a finger and counts as flung
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
  int hold() const { return task_->spec().hold_steps(); }
  // Everything still, but for a mean motion of `moved` metres over the hold.
  bool SucceedsWhileMoving(Eigen::Vector3d& p, double moved) {
    TaskState state = state_;
    int cause = 0;
    for (int i = 0; i < 3 * hold() && cause == 0; ++i) {
      cause = task_->Judge({episode_, controller_, ids_, measured_}, state).cause;
      p.x() += moved / (hold() - 1);
    }
    return cause != 0;
  }

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
    episode_.goal.count = 1;
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
  EXPECT_FALSE(SucceedsAfter(hold() - 1));
  EXPECT_TRUE(SucceedsAfter(hold()));
}
TEST_F(PickBinSuccess, NotInAnotherBin) {
  measured_.parts[0].in_bin = 1;
  EXPECT_FALSE(SucceedsAfter(50));
}
TEST_F(PickBinSuccess, NotWhileTheFingersTouchIt) {
  measured_.parts[0].touched = true;
  EXPECT_FALSE(SucceedsAfter(50));
}
// At rest is a displacement: a part that creeps is not, one that shivers (fast, but nowhere) is.
TEST_F(PickBinSuccess, StillAtTheThreshold) {
  EXPECT_TRUE(SucceedsWhileMoving(measured_.parts[0].p, 0.9 * kRestPart));
  EXPECT_FALSE(SucceedsWhileMoving(measured_.parts[0].p, 1.1 * kRestPart));
  measured_.parts[0].speed = 0.5;
  EXPECT_TRUE(SucceedsAfter(hold()));
}
TEST_F(PickBinSuccess, LetGoLowAndSlowly) {
  const double rest = sim::PartHalfSize(episode_.cell.parts[0].shape, 1).z() + sim::kBinFloor;
  for (const auto& [height, speed, cause] :
       {std::tuple{0.999 * kReleaseHeight, 0.999 * kReleaseSpeed, "success"},
        std::tuple{1.001 * kReleaseHeight, 0.0, "thrown"}, std::tuple{0.0, 1.001 * kReleaseSpeed, "thrown"}}) {
    state_.release[0] = {.touched = true, .height = rest + height, .speed = speed};
    EXPECT_EQ(CauseAfter(50), cause) << height << " m, " << speed << " m/s";
  }
}
TEST_F(PickBinSuccess, AThrowIsForgivenOnlyByGraspingAgain) {
  state_.release[0] = {.touched = true, .height = 0.4};
  task_->Judge({episode_, controller_, ids_, measured_}, state_);
  state_.release[0].height = 0.02;  // nudged afterwards
  EXPECT_EQ(CauseAfter(50), "thrown");
  measured_.held = 0;
  task_->Judge({episode_, controller_, ids_, measured_}, state_);
  measured_.held = -1;
  EXPECT_EQ(CauseAfter(50), "success");
}
TEST_F(PickBinSuccess, NotWhenAnotherPartWasMoved) {
  measured_.parts[1].p.x() = 0.4 + 0.0099;
  EXPECT_TRUE(SucceedsAfter(hold()));
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
  episode_.goal.count = 2;
  EXPECT_FALSE(SucceedsAfter(50));
  measured_.parts[1].in_bin = 0;
  EXPECT_TRUE(SucceedsAfter(hold()));
}
// Two of three: any two are right, a third is wrong, and the one that stays is not played with.
TEST_F(PickBinSuccess, AsManyAsAreAskedForAndNoMore) {
  for (std::size_t i = 1; i < 3; ++i) {
    episode_.cell.parts[i].present = episode_.goal.wanted[i] = true;
    measured_.parts[i].p = {0.4, 0.2 * static_cast<double>(i), 0.012};
    state_.p_start[i] = {0.4, 0.2 * static_cast<double>(i), 0.012};
  }
  episode_.goal.count = 2;
  EXPECT_FALSE(SucceedsAfter(50));
  for (std::size_t other = 1; other < 3; ++other) {
    measured_.parts[other].in_bin = 0;
    EXPECT_TRUE(SucceedsAfter(hold()));
    measured_.parts[3 - other].p.x() += 0.0101;
    EXPECT_FALSE(SucceedsAfter(50));
    measured_.parts[3 - other].p.x() -= 0.0101;
    measured_.parts[3 - other].in_bin = 0;
    EXPECT_FALSE(SucceedsAfter(50));
    measured_.parts[1].in_bin = measured_.parts[2].in_bin = -1;
  }
}
TEST_F(PickBinSuccess, AThirdOneIsNotForgottenWhenTakenOut) {
  episode_.goal.wanted[1] = true;  // one of two
  TaskState state = state_;
  measured_.parts[1].in_bin = 0;
  task_->Judge({episode_, controller_, ids_, measured_}, state);
  measured_.parts[1].in_bin = -1;
  int cause = 0;
  for (int i = 0; i < 50; ++i) cause = task_->Judge({episode_, controller_, ids_, measured_}, state).cause;
  EXPECT_EQ(cause, 0);
}
// Holding still because the instruction is not to be acted on: for a second, at rest, and without a break.
TEST_F(PickBinSuccess, WhoDeclinesEndsAfterASecondAtRest) {
  episode_.goal = {};
  state_.answer = Answer::kMustNot;
  const int second = task_->spec().Steps(kDeclineTime);
  EXPECT_EQ(CauseAfter(second - 1), "none");
  EXPECT_EQ(CauseAfter(second), "declined");
  TaskState state = state_;
  const auto judged = [&] { return task_->Judge({episode_, controller_, ids_, measured_}, state).cause; };
  for (int i = 0; i < second - 1; ++i) ASSERT_EQ(judged(), 0);
  state.answer = Answer::kAct;
  EXPECT_EQ(judged(), 0);
  state.answer = Answer::kMustNot;
  for (int i = 0; i < second - 1; ++i) ASSERT_EQ(judged(), 0);
  state = state_;
  for (int i = 0; i < 3 * second; ++i) {
    measured_.tcp.p_WT.x() += 1.1 * kRestTool / second * 2;  // the tool is on its way
    ASSERT_EQ(judged(), 0);
  }
}
TEST_F(PickBinSuccess, NothingIsNoGoal) {
  episode_.goal = {};
  measured_.parts[0].in_bin = -1;
  EXPECT_EQ(CauseAfter(50), "none");
}

TEST_F(PickBinSuccess, NotWithAForceThatStopsTheRobot) {
  measured_.peak_force = kSafetyStopForce - 1;
  EXPECT_TRUE(SucceedsAfter(hold()));
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
    episode_.goal.count = 1;
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
  EXPECT_FALSE(SucceedsAfter(hold() - 1));
  EXPECT_TRUE(SucceedsAfter(hold()));
}
TEST_F(ReachSuccess, WithinACentimetre) {
  const Eigen::Vector3d above = measured_.tcp.p_WT;
  for (const Eigen::Vector3d& aside : {Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(0, 0, 1), Eigen::Vector3d(0, 0, -1)}) {
    measured_.tcp.p_WT = above + 0.0099 * aside;
    EXPECT_TRUE(SucceedsAfter(hold()));
    measured_.tcp.p_WT = above + 0.0101 * aside;
    EXPECT_FALSE(SucceedsAfter(50));
  }
}
TEST_F(ReachSuccess, AtRest) {
  EXPECT_TRUE(SucceedsWhileMoving(measured_.tcp.p_WT, 0.9 * kRestTool));
  measured_.tcp.p_WT.x() -= 0.02;
  EXPECT_FALSE(SucceedsWhileMoving(measured_.tcp.p_WT, 1.1 * kRestTool));
}
TEST_F(ReachSuccess, WithinFiveDegrees) {
  Lean(4.9);
  EXPECT_TRUE(SucceedsAfter(hold()));
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

// Cheats in real physics: doing nothing, and nonsense.
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

// A script that grasps and carries as the expert does and then lets go its own way: the part hangs over the middle of
// its bin at `height` over where it will lie, or passes there at `speed`.
struct Cheat {
  double height = 0.05;  // [m]
  double speed = 0;      // [m/s]
};
int PlayCheat(const Cheat& cheat, int episodes, std::map<std::string, int>& causes) {
  VecEnvConfig config = Config("pick_bin", 21, episodes);
  config.num_worlds = episodes;
  VecEnv env(config);
  StepBatch batch(env.spec(), episodes);
  env.Reset(batch);
  const auto width = static_cast<std::size_t>(env.spec().action_dim());
  const auto dim = static_cast<std::size_t>(env.spec().obs_dim());
  const auto places = static_cast<std::size_t>(env.spec().obs_offset("places"));
  enum Phase { kExpert, kGo, kRun, kGone };
  std::vector<Phase> phase(static_cast<std::size_t>(episodes), kExpert);
  int successes = 0, ended = 0;
  std::vector<std::uint8_t> over(phase.size(), 0);
  while (ended < episodes) {
    std::vector<float> actions = batch.expert_action;
    for (std::size_t w = 0; w < phase.size(); ++w) {
      if (over[w] != 0) continue;
      const float* obs = batch.obs.data() + w * dim;
      float* action = actions.data() + w * width;
      const Goal goal =
          GoalOf(env.plan(static_cast<int>(w)).order, env.plan(static_cast<int>(w)), env.cell(static_cast<int>(w)));
      const float* to_bin = obs + places + static_cast<std::size_t>(goal.bin) * kPlaceSize + 4;  // from the TCP
      const bool holds = obs[kProprioSize - 1] > 0.5f;
      if (phase[w] == kExpert && holds && obs[2] > 0.10f && std::hypot(to_bin[0], to_bin[1]) < 0.05) phase[w] = kGo;
      if (phase[w] == kExpert) continue;
      if (phase[w] != kGone && !holds) phase[w] = kGone;
      std::fill_n(action, width, 0.0f);
      action[6] = phase[w] == kGone ? 1.0f : -1.0f;
      const double z = cheat.height + 0.016, dz = z - obs[2];  // the part's centre is at the TCP
      // The run: along y, and as much along x as one axis alone cannot reach; from 0.12 m before the middle.
      const double step = cheat.speed * env.spec().control_period() / 0.02;  // in actions
      const Eigen::Vector2d run(std::sqrt(std::max(0.0, step * step - 1)), std::min(1.0, step));
      const Eigen::Vector2d left(to_bin[0], to_bin[1]);
      if (phase[w] == kGo) {
        const Eigen::Vector2d go = left - 0.12 * (step > 0 ? run.normalized() : run);
        action[0] = static_cast<float>(std::clamp(go.x() / 0.02 * 0.5, -1.0, 1.0));
        action[1] = static_cast<float>(std::clamp(go.y() / 0.02 * 0.5, -1.0, 1.0));
        action[2] = static_cast<float>(std::clamp(dz / 0.02 * 0.5, -1.0, 1.0));
        const bool there = go.cwiseAbs().maxCoeff() < 0.006 && std::abs(dz) < 0.004;
        if (there) phase[w] = cheat.speed > 0 ? kRun : kGone;
        if (phase[w] == kGone) action[6] = 1;
      } else if (phase[w] == kRun) {  // across the bin, letting go on the way
        action[0] = static_cast<float>(run.x());
        action[1] = static_cast<float>(run.y());
        action[6] = left.dot(run.normalized()) < 0.06 ? 1.0f : -1.0f;
      }
    }
    env.Step(View2<const float>(actions.data(), episodes, env.spec().action_dim()), batch);
    for (std::size_t w = 0; w < phase.size(); ++w) {
      if (over[w] != 0 || !batch.done(static_cast<int>(w))) continue;
      over[w] = 1;
      ++ended;
      successes += batch.success[w];
      ++causes[env.spec().terminations[batch.cause[w]]];
    }
  }
  return successes;
}

TEST(Cheat, DroppedFromHighUp) {
  for (const double height : {0.11, 0.2, 0.4}) {
    std::map<std::string, int> causes;
    EXPECT_LE(PlayCheat({.height = height}, 20, causes), 0) << height << " m";
    EXPECT_GT(causes["thrown"], 10) << height << " m";
  }
  std::map<std::string, int> causes;
  EXPECT_GT(PlayCheat({.height = 0.08}, 20, causes), 10);  // the script itself can succeed
}

TEST(Cheat, LetGoOnTheMove) {
  for (const double speed : {0.26, 0.5, 0.56}) {  // 0.56 m/s: as fast as two axes go
    std::map<std::string, int> causes;
    EXPECT_EQ(PlayCheat({.height = 0.085, .speed = speed}, 20, causes), 0) << speed << " m/s";
    EXPECT_GT(causes["thrown"], 10) << speed << " m/s";
  }
  std::map<std::string, int> causes;
  EXPECT_GT(PlayCheat({.height = 0.085, .speed = 0.12}, 20, causes), 10);  // the script itself can succeed
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
      EXPECT_EQ(CellToJson(CellFromJson(CellToJson(scene.cell), "test")), CellToJson(scene.cell));
      EXPECT_EQ(ToJson(EpisodePlanFromText(ToJson(scene.plan).dump(), "test")), ToJson(scene.plan));
      EXPECT_NO_THROW(CheckScene(verb == Verb::kReach ? "reach" : "pick_bin", scene.plan, scene.cell, "test"));
      const Goal goal = GoalOf(scene.plan.order, scene.plan, scene.cell);
      for (int slot = 0; slot < kMaxParts; ++slot) slot_of_target[slot] += goal.wanted[static_cast<std::size_t>(slot)];
      const Scene again = DrawScene(verb, limits, 9, episode, {});
      EXPECT_EQ(CellToJson(again.cell), CellToJson(scene.cell));
      EXPECT_EQ(again.plan.text, scene.plan.text);
    }
  }
  for (const auto& [slot, count] : slot_of_target) EXPECT_GT(count, 60) << "slot " << slot;
}

// What a stored scene may say is what a task can play: everything else is refused in a sentence that names the key.
TEST(Scene, StoredScenesAreReadStrictly) {
  const Scene scene = DrawScene(Verb::kPick, {}, 9, 0, {});
  const nlohmann::json good_cell = nlohmann::json::parse(CellToJson(scene.cell)), good_plan = ToJson(scene.plan);
  const auto refusal = [&](const nlohmann::json& plan, const nlohmann::json& cell) -> std::string {
    try {
      CheckScene("pick_bin", EpisodePlanFromText(plan.dump(), "plan"), CellFromJson(cell.dump(), "cell"), "scene");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      return error.what();
    }
    return "";
  };
  ASSERT_EQ(refusal(good_plan, good_cell), "");
  const auto cell = [&](const std::string& key, const auto& change) {
    nlohmann::json bad = good_cell;
    change(bad);
    EXPECT_NE(refusal(good_plan, bad).find(key), std::string::npos) << key << ": " << refusal(good_plan, bad);
  };
  const auto plan = [&](const std::string& key, const nlohmann::json& value) {
    nlohmann::json bad = good_plan;
    bad[key] = value;
    EXPECT_NE(refusal(bad, good_cell).find(key), std::string::npos) << key << ": " << refusal(bad, good_cell);
  };
  using Json = nlohmann::json;
  cell("fixtures", [](Json& c) {
    for (int i = 0; i < 70; ++i) c["fixtures"].push_back(c["fixtures"][1]);
  });
  cell("bins", [](Json& c) {
    for (int i = 0; i < 13; ++i) c["fixtures"].push_back(c["fixtures"][1]);
  });
  cell("bins", [](Json& c) { c["fixtures"].erase(3); });
  cell("parts", [](Json& c) {
    for (int i = 0; i < 40; ++i) c["parts"].push_back(c["parts"][0]);
  });
  cell("parts", [](Json& c) { c["parts"].erase(7); });
  cell("parts", [](Json& c) {
    for (Json& part : c["parts"]) part["present"] = false;
  });
  cell("size", [](Json& c) { c["parts"][0]["size"] = 1e300; });
  cell("friction", [](Json& c) { c["fixtures"][0]["friction"] = -1; });
  cell("colour", [](Json& c) { c["parts"][0]["colour"] = "pink"; });
  cell("colour", [](Json& c) { c["parts"][0]["colour"] = 2.7; });
  cell("timestep", [](Json& c) { c["timestep"] = 0.004; });
  cell("arms", [](Json& c) { c["arms"].push_back(c["arms"][0]); });
  cell("robot", [](Json& c) { c["arms"][0]["robot"] = "crane"; });
  cell("weight", [](Json& c) { c["parts"][0]["weight"] = 1; });
  cell("yaw", [](Json& c) { c["parts"][0].erase("yaw"); });
  plan("parts", Json::array());
  plan("order", "reach(one red nut)");
  plan("order", "pick(three white gear -> left bin)");
  plan("old_order", "pick(");
  plan("seed", 2.7);
  plan("seed", -1);
  plan("language", "fr");
  plan("split", 1);
  plan("text", std::string(5000, 'x'));
  plan("chance", 2);
  plan("expect", "perhaps");
  plan("anything", 1);
  EXPECT_THROW(CellFromJson(std::string(1000000, '['), "cell"), Error);
  EXPECT_THROW(EpisodePlanFromText(good_plan.dump().substr(1), "plan"), Error);
}

TEST(Scene, HeldOutPairsAreNamedInTheirSplitOnlyAndAreThereInAll) {
  int bystanders = 0, excluded = 0;
  for (std::uint64_t episode = 0; episode < 400; ++episode) {
    for (const Split split : {Split::kTrain, Split::kPairs}) {
      EpisodeOptions options;
      options.split = split;
      const EpisodePlan plan = DrawScene(Verb::kPick, {}, 3, episode, options).plan;
      const ObjectSet& set = plan.order.objects;
      const bool pair = set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape);
      ASSERT_EQ(pair && !set.negated_colour, split == Split::kPairs) << ToText(plan.order);
      const auto held_out = [](const ScenePart& part) { return IsHeldOutPair(part.colour, part.shape); };
      bystanders += std::any_of(plan.parts.begin(), plan.parts.end(), held_out) && split == Split::kTrain;
      excluded += pair && set.negated_colour;
    }
  }
  EXPECT_GT(bystanders, 100);
  EXPECT_GT(excluded, 0);
}

// Said together only to be left out, red and nut would mean the opposite of each other.
TEST(Scene, WhatIsLearnedFromNamesNoHeldOutPairInAnyWay) {
  EpisodeOptions options;
  options.to_learn_from = true;
  for (std::uint64_t episode = 0; episode < 400; ++episode) {
    const ObjectSet set = DrawScene(Verb::kPick, {}, 3, episode, options).plan.order.objects;
    EXPECT_FALSE(set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape));
  }
}

TEST(Scene, CountsDecideInAShareOfTheScenes) {
  int spare = 0, several = 0;
  for (std::uint64_t episode = 0; episode < 400; ++episode) {
    const EpisodePlan plan = DrawScene(Verb::kPick, {}, 9, episode, {}).plan;
    spare += HasSpare(plan.order, plan.parts);
    several += HasSpare(plan.order, plan.parts) && NumWanted(plan.order, plan.parts) > 1;
  }
  EXPECT_NEAR(spare, 100, 35);
  EXPECT_GT(several, 5);
}

TEST(Scene, WhatIsNotToBeActedOnHasNoGoalAndDeclaresWhy) {
  EpisodeOptions options;
  options.negatives = 0.5;
  int refused = 0;
  for (std::uint64_t episode = 0; episode < 200; ++episode) {
    const Scene scene = DrawScene(Verb::kPick, {}, 9, episode, options);
    const bool acts = scene.plan.expect == Answer::kAct;
    refused += !acts;
    EXPECT_EQ(scene.plan.family.empty(), acts);
    EXPECT_FALSE(scene.plan.family.starts_with("held_out")) << scene.plan.family;
    EXPECT_EQ(CellToJson(scene.cell), CellToJson(DrawScene(Verb::kPick, {}, 9, episode, {}).cell));
    EXPECT_NO_THROW(CheckScene("pick_bin", scene.plan, scene.cell, "test"));
    EXPECT_EQ(ToJson(EpisodePlanFromText(ToJson(scene.plan).dump(), "test")), ToJson(scene.plan));
  }
  EXPECT_NEAR(refused, 100, 30);
  options.families = {"stop", "held_out.code"};
  options.negatives = 1;
  for (std::uint64_t episode = 0; episode < 50; ++episode) {
    const std::string family = DrawScene(Verb::kPick, {}, 9, episode, options).plan.family;
    EXPECT_TRUE(family == "stop" || family == "held_out.code") << family;
  }
  options.families = {"stop", "nonsense"};
  EXPECT_THROW(DrawScene(Verb::kPick, {}, 9, 0, options), Error);
}

TEST(Scene, CounterfactualAsksForAnotherThingInTheSameSceneAndSaysItInOneAspect) {
  EpisodeOptions probe;
  probe.probe = Probe::kCounterfactual;
  std::map<Aspect, int> aspects;
  for (std::uint64_t episode = 0; episode < 200; ++episode) {
    const Scene nominal = DrawScene(Verb::kPick, {}, 9, episode, {});
    const Scene other = DrawScene(Verb::kPick, {}, 9, episode, probe);
    EXPECT_EQ(CellToJson(nominal.cell), CellToJson(other.cell));
    EXPECT_EQ(other.plan.old_order, nominal.plan.order);
    const std::vector<Aspect> differences = Differences(other.plan.order, nominal.plan.order);
    ASSERT_EQ(differences.size(), 1u) << ToText(other.plan.order) << " " << ToText(nominal.plan.order);
    ++aspects[differences.front()];
    const Goal before = GoalOf(nominal.plan.order, nominal.plan, nominal.cell),
               after = GoalOf(other.plan.order, other.plan, other.cell);
    EXPECT_TRUE(before.wanted != after.wanted || before.count != after.count || before.bin != after.bin);
  }
  for (const Aspect aspect : {Aspect::kColour, Aspect::kShape, Aspect::kCount, Aspect::kPlace})
    EXPECT_GT(aspects[aspect], 15) << kAspectNames[static_cast<std::size_t>(aspect)];
}

TEST(Scene, ACounterfactualInOneAspectDiffersInThatOneInEveryEpisode) {
  for (const std::string name : {"pick_bin", "reach"}) {
    const std::unique_ptr<Task> task = MakeTask(name);
    for (const Aspect aspect : AspectsOf(task->verb())) {
      EpisodeOptions probe;
      probe.probe = Probe::kCounterfactual;
      probe.aspect = aspect;
      for (std::uint64_t episode = 0; episode < 100; ++episode) {
        const Scene scene = DrawScene(task->verb(), task->limits(), 9, episode, probe);
        const EpisodePlan& plan = scene.plan;
        ASSERT_EQ(Differences(plan.order, plan.old_order), std::vector{aspect}) << ToText(plan.order);
        const Goal before = GoalOf(plan.old_order, plan, scene.cell), after = GoalOf(plan.order, plan, scene.cell);
        EXPECT_TRUE(before.wanted != after.wanted || before.count != after.count || before.bin != after.bin);
      }
    }
  }
  EpisodeOptions impossible;
  impossible.aspect = Aspect::kPlace;
  EXPECT_THROW(DrawScene(Verb::kReach, MakeReach()->limits(), 9, 0, impossible), Error);
}

TEST(Scene, OrdersAskForNoMorePartsThanTheyAreAllowedTo) {
  for (const int most : {0, 1, 2}) {
    EpisodeOptions options;
    options.max_wanted = most;
    int wanted = 0;
    for (std::uint64_t episode = 0; episode < 100; ++episode) {
      const Scene scene = DrawScene(Verb::kPick, {}, 9, episode, options);
      wanted = std::max(wanted, NumWanted(scene.plan.order, scene.plan.parts));
    }
    EXPECT_EQ(wanted, most == 0 ? SceneLimits{}.max_wanted : most);
  }
  EpisodeOptions impossible;
  impossible.max_wanted = 1;
  impossible.aspect = Aspect::kCount;
  EXPECT_THROW(DrawScene(Verb::kPick, {}, 9, 0, impossible), Error);
}

// What bar a language has to reach is asked over the same scenes and orders.
TEST(Scene, TheLanguageChangesTheSentenceAndNothingElse) {
  EpisodeOptions english, japanese, turned;
  english.language = "en", japanese.language = "ja";
  turned.probe = Probe::kOtherLanguage;
  for (std::uint64_t episode = 0; episode < 100; ++episode) {
    const Scene en = DrawScene(Verb::kPick, {}, 9, episode, english),
                ja = DrawScene(Verb::kPick, {}, 9, episode, japanese);
    EXPECT_EQ(CellToJson(en.cell), CellToJson(ja.cell));
    EXPECT_EQ(en.plan.order, ja.plan.order);
    EXPECT_NE(en.plan.text, ja.plan.text);
    EXPECT_EQ(en.plan.language, Language::kEnglish);
    EXPECT_EQ(ja.plan.language, Language::kJapanese);
    // An episode and the same in the other language are these two.
    std::set<std::string> said{DrawScene(Verb::kPick, {}, 9, episode, {}).plan.text,
                               DrawScene(Verb::kPick, {}, 9, episode, turned).plan.text};
    EXPECT_EQ(said, (std::set{en.plan.text, ja.plan.text}));
  }
}

}  // namespace
}  // namespace genba::envs
