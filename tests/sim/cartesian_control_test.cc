#include "sim/cartesian_control.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "arm_rig.h"
#include "random_cell.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::sim {
namespace {

class Controller : public ArmRig {
 protected:
  void SetUp() override {
    CellSpec empty = RandomCell(0, 0);
    empty.bins.clear();
    Put(empty);
  }
  Eigen::Vector3d Tcp() {
    mj_kinematics(m(), d_);
    return Eigen::Map<const Eigen::Vector3d>(d_->site_xpos + 3 * ids_.tcp_site);
  }
  std::array<double, kArmJoints> Joints() const {
    std::array<double, kArmJoints> q{};
    for (std::size_t j = 0; j < kArmJoints; ++j) q[j] = d_->qpos[ids_.arm_qpos[j]];
    return q;
  }
};

TEST_F(Controller, KinematicsEqualTheEngines) {
  Rng rng(1, 0, "q");
  for (int trial = 0; trial < 50; ++trial) {
    for (std::size_t j = 0; j < kArmJoints; ++j) d_->qpos[ids_.arm_qpos[j]] = rng.Uniform(-3, 3);
    mj_kinematics(m(), d_);
    mj_comPos(m(), d_);
    const auto q = Joints();
    const TcpPose pose = ForwardKinematics(chain_, q);
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(pose.p_WT[i], d_->site_xpos[3 * ids_.tcp_site + i], 1e-9);
    const Eigen::Matrix3d R = pose.q_WT.toRotationMatrix();
    for (int i = 0; i < 9; ++i) EXPECT_NEAR(R(i / 3, i % 3), d_->site_xmat[9 * ids_.tcp_site + i], 1e-9);
    std::vector<double> jacp(static_cast<std::size_t>(3 * m()->nv)), jacr(jacp.size());
    mj_jacSite(m(), d_, jacp.data(), jacr.data(), ids_.tcp_site);
    const auto J = Jacobian(chain_, q);
    for (int row = 0; row < 3; ++row) {
      for (int j = 0; j < kArmJoints; ++j) {
        const auto at =
            static_cast<std::size_t>(row * static_cast<int>(m()->nv) + ids_.arm_dof[static_cast<std::size_t>(j)]);
        EXPECT_NEAR(J(row, j), jacp[at], 1e-9);
        EXPECT_NEAR(J(row + 3, j), jacr[at], 1e-9);
      }
    }
  }
}

TEST_F(Controller, HomeIsAsTheHeaderSays) {
  const TcpPose home = ForwardKinematics(chain_, Ur5eHome());
  EXPECT_NEAR(home.p_WT.x(), 0.42, 1e-3);
  EXPECT_NEAR(home.p_WT.y(), 0, 1e-3);
  EXPECT_NEAR(home.p_WT.z(), 0.32, 1e-3);
  EXPECT_NEAR((home.q_WT * Eigen::Vector3d::UnitZ()).z(), -1, 1e-4);
}

TEST_F(Controller, FollowsAMotionAndComesToRestOnIt) {
  const Eigen::Vector3d start = Tcp();
  for (int i = 0; i < 10; ++i) Step({0.5, -0.3, -0.8, 0, 0, 0.4, 1});
  for (int i = 0; i < 15; ++i) Step({0, 0, 0, 0, 0, 0, 1});
  const Eigen::Vector3d moved = Tcp() - start;
  EXPECT_NEAR(moved.x(), 0.10, 0.003);
  EXPECT_NEAR(moved.y(), -0.06, 0.003);
  EXPECT_NEAR(moved.z(), -0.16, 0.003);
}

TEST_F(Controller, TheTargetNeverLeadsByMoreThanItMayNorLeavesTheWorkspace) {
  Rng rng(2, 0, "action");
  for (int i = 0; i < 300; ++i) {
    std::array<double, kActionSize> action{};
    const double bias = i < 150 ? 1.0 : -1.0;
    for (double& a : action) a = std::clamp(bias + rng.Uniform(-1.5, 1.5), -1.0, 1.0);
    if (i % 50 == 0) action[2] = std::numeric_limits<double>::quiet_NaN();
    const Eigen::Vector3d before = ForwardKinematics(chain_, Joints()).p_WT;
    Step(action);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_GE(state_.p_WT[axis], config_.workspace_low[axis]);
      EXPECT_LE(state_.p_WT[axis], config_.workspace_high[axis]);
    }
    const Eigen::Vector3d target(state_.p_WT[0], state_.p_WT[1], state_.p_WT[2]);
    // Outside the workspace the box wins over the lead.
    const bool inside =
        before.x() > 0.21 && before.x() < 0.79 && std::abs(before.y()) < 0.49 && before.z() > 0.01 && before.z() < 0.49;
    if (inside) {
      EXPECT_LE((target - before).norm(), config_.lead_translation + 1e-9);
    }
    for (std::size_t j = 0; j < kArmJoints; ++j) {
      EXPECT_LE(std::abs(state_.q[j]), kUr5eRange[j] - config_.joint_margin + 1e-12);
    }
    EXPECT_TRUE(std::isfinite(d_->qpos[0]));
  }
}

// At every sub-step, for any control rate: what the servos are told to do.
TEST_F(Controller, CommandedJointsKeepSpeedAndAcceleration) {
  for (const int substeps : {10, 4, 2}) {
    const double dt = m()->opt.timestep;
    config_.control_period = substeps * dt;
    mj_resetData(m(), d_);
    mj_forward(m(), d_);
    ResetController(ids_, chain_, m(), d_, state_);
    Rng rng(3, 0, "action");
    std::array<double, kArmJoints> q = state_.q, speed{};
    double fastest = 0, sharpest = 0;
    for (int step = 0; step < 300; ++step) {
      std::array<double, kActionSize> action{};
      for (double& a : action) a = step % 40 < 20 ? 1 - 2 * (step / 40 % 2) : rng.Uniform(-1, 1);
      Command(config_, ids_, chain_, m(), d_, action, state_);
      for (int i = 0; i < substeps; ++i) {
        Servo(ids_, i, substeps, state_, d_);
        for (std::size_t j = 0; j < kArmJoints; ++j) {
          const double told = d_->ctrl[ids_.arm_actuator[j]], now = (told - q[j]) / dt;
          fastest = std::max(fastest, std::abs(now));
          sharpest = std::max(sharpest, std::abs(now - speed[j]) / dt);
          q[j] = told, speed[j] = now;
        }
        mj_step(m(), d_);
      }
    }
    EXPECT_LE(fastest, config_.max_joint_speed + 1e-9) << substeps;
    EXPECT_LE(config_.max_joint_speed, kUr5eMaxSpeed);
    EXPECT_LE(sharpest, kMaxJointAcceleration + 1e-6) << substeps;
    EXPECT_GT(sharpest, 0.9 * kMaxJointAcceleration) << "the limit was never reached";
  }
}

// Who has only the controls at the end of each step knows those of every sub-step.
TEST_F(Controller, SubStepsFollowFromTheEndsOfSteps) {
  const std::vector<double> at_rest(d_->ctrl, d_->ctrl + m()->nu);
  ControllerState followed = Resting(ids_, at_rest);
  const std::unique_ptr<mjData, void (*)(mjData*)> told(mj_makeData(m()), mj_deleteData);
  Rng rng(5, 0, "action");
  double straight = 0;  // the farthest from a straight line
  for (int step = 0; step < 100; ++step) {
    std::array<double, kActionSize> action{};
    for (double& a : action) a = rng.Uniform(-1, 1);
    Command(config_, ids_, chain_, m(), d_, action, state_);
    Servo(ids_, 9, 10, state_, told.get());
    Follow(ids_, {told->ctrl, static_cast<std::size_t>(m()->nu)}, followed);
    for (int i = 0; i < 10; ++i) {
      Servo(ids_, i, 10, state_, d_);
      Servo(ids_, i, 10, followed, told.get());
      for (int j = 0; j < m()->nu; ++j) ASSERT_NEAR(told->ctrl[j], d_->ctrl[j], 1e-9) << "step " << step;
      for (std::size_t j = 0; j < kArmJoints; ++j) {
        const double line = state_.q_from[j] + (i + 1) / 10.0 * (state_.q[j] - state_.q_from[j]);
        straight = std::max(straight, std::abs(d_->ctrl[ids_.arm_actuator[j]] - line));
      }
      mj_step(m(), d_);
    }
  }
  EXPECT_GT(straight, 1e-4) << "a straight line would have done";
}

TEST_F(Controller, OffsetsTheArm) {
  const TcpPose before = ForwardKinematics(chain_, Joints());
  OffsetArm(ids_, chain_, {0.05, -0.04, 0.03}, {0, 0.3, 0}, d_);
  const TcpPose after = ForwardKinematics(chain_, Joints());
  EXPECT_LT((after.p_WT - before.p_WT - Eigen::Vector3d(0.05, -0.04, 0.03)).norm(), 1e-4);
  EXPECT_NEAR(after.q_WT.angularDistance(before.q_WT), 0.3, 1e-3);
}

TEST_F(Controller, GripperClosesAndOpens) {
  for (int i = 0; i < 20; ++i) Step({0, 0, 0, 0, 0, 0, -1});
  EXPECT_NEAR(ids_.Opening(d_), 0, 2e-3);
  for (int i = 0; i < 20; ++i) Step({0, 0, 0, 0, 0, 0, 1});
  EXPECT_NEAR(ids_.Opening(d_), kGripperOpening, 2e-3);
}

TEST_F(Controller, ActionTowardsReachesAPose) {
  TcpPose goal{{0.5, 0.15, 0.2},
               ForwardKinematics(chain_, Ur5eHome()).q_WT *
                   Eigen::Quaterniond(Eigen::AngleAxisd(0.7, Eigen::Vector3d::UnitZ()))};
  for (int i = 0; i < 60; ++i) Step(ActionTowards(config_, state_, goal, 0.05));
  const TcpPose reached = ForwardKinematics(chain_, Joints());
  EXPECT_LT((reached.p_WT - goal.p_WT).norm(), 2e-3);
  EXPECT_LT(reached.q_WT.angularDistance(goal.q_WT), 0.01);
}

}  // namespace
}  // namespace genba::sim
