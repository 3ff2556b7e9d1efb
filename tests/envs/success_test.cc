// Success predicates at their thresholds, over measurements made by hand: what counts, and what does not.
#include <gtest/gtest.h>

#include <numbers>

#include "envs/task.h"
#include "envs/tasks/shared.h"

namespace genba::envs {
namespace {

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

}  // namespace
}  // namespace genba::envs
