// What is measured against what is applied: the table under a pressed part tells the truth.
#include "sim/contacts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "arm_rig.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::sim {
namespace {

class Contacts : public ArmRig {
 protected:
  // One nut under the gripper's home, one bin at its place.
  void SetUp() override {
    CellSpec cell;
    cell.parts.push_back({.shape = PartShape::kNut, .position = {0.42, 0}, .yaw = 0});
    cell.bins.push_back({.centre = {0.65, 0}});
    Put(cell);
  }
  // peak_: over the sub-steps of the last step.
  void Step(const std::array<double, kActionSize>& action) {
    peak_ = 0;
    ArmRig::Step(action);
  }
  void AfterSubstep() override {
    SummariseContacts(ids_, m(), d_, now_);
    peak_ = std::max(peak_, now_.peak);
  }
  void MoveTo(const Eigen::Vector3d& p, double opening, int steps) {
    const Eigen::Quaterniond down(0, 1, 0, 0);
    for (int i = 0; i < steps; ++i) {
      auto action = ActionTowards(config_, state_, {p, down}, opening);
      for (std::size_t axis = 0; axis < 3; ++axis) action[axis] = std::clamp(action[axis], -0.4, 0.4);
      Step(action);
    }
  }
  // Size of the vector sum of all contact forces between two owners.
  double Between(Owner a, Owner b) const {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (int c = 0; c < d_->ncon; ++c) {
      const mjContact& contact = d_->contact[c];
      const Owner first = ids_.geom_owner[static_cast<std::size_t>(contact.geom[0])].owner;
      const Owner second = ids_.geom_owner[static_cast<std::size_t>(contact.geom[1])].owner;
      if (!(first == a && second == b) && !(first == b && second == a)) continue;
      mjtNum wrench[6];
      mj_contactForce(m(), d_, c, wrench);
      for (int axis = 0; axis < 3; ++axis) {
        for (int i = 0; i < 3; ++i) sum[axis] += (first == a ? 1 : -1) * wrench[i] * contact.frame[3 * i + axis];
      }
    }
    return sum.norm();
  }
  // Lowers the tool a little at a time until the table carries so much.
  void PressUntil(double newtons, double opening) {
    for (int i = 0; i < 600 && Between(Owner::kTable, Owner::kPart) < newtons; ++i)
      Step({0, 0, -0.01, 0, 0, 0, opening / kGripperOpening * 2 - 1});
    ASSERT_GE(Between(Owner::kTable, Owner::kPart), newtons);
  }

  ContactSummary now_;
  double peak_ = 0;
};

// Closed fingers on top of the part: both touch it, and it is no grasp.
TEST_F(Contacts, PressingAPartIntoTheTableIsMeasured) {
  config_.workspace_low[2] = -0.2, config_.lead_translation = 0.2;  // otherwise the arm presses with 210 N at most
  MoveTo({0.42, 0, 0.10}, 0, 40);
  MoveTo({0.42, 0, 0.036}, 0, 30);
  for (const double newtons : {60.0, 150.0, 300.0}) {
    PressUntil(newtons, 0);
    const double truth = Between(Owner::kTable, Owner::kPart);
    EXPECT_NEAR(peak_, truth, 0.1 * truth);
    EXPECT_GE(peak_, newtons * 0.9);
  }
}

TEST_F(Contacts, AGraspsOwnForceCancelsAndPressingWithItDoesNot) {
  MoveTo({0.42, 0, 0.10}, kGripperOpening, 40);
  MoveTo({0.42, 0, 0.016}, kGripperOpening, 40);
  MoveTo({0.42, 0, 0.016}, 0, 20);
  EXPECT_GT(now_.left_on_part[0], 25);
  EXPECT_GT(now_.right_on_part[0], 25);
  EXPECT_TRUE(now_.touched[0]);
  MoveTo({0.42, 0, 0.10}, 0, 30);
  EXPECT_LT(peak_, 5);  // the part's weight and the way it is moved
  EXPECT_NEAR(now_.flange_force[2], -PartMass({.shape = PartShape::kNut}) * 9.81, 0.3);
  MoveTo({0.42, 0, 0.022}, 0, 30);
  PressUntil(60, 0);
  EXPECT_NEAR(peak_, Between(Owner::kTable, Owner::kPart), 0.1 * peak_);
}

TEST_F(Contacts, FingersOnABinAreMeasuredInSum) {
  MoveTo({0.65, 0, 0.16}, kGripperOpening, 60);
  MoveTo({0.65 + 0.077, 0, 0.10}, 0.05, 40);
  for (int i = 0; i < 300 && Between(Owner::kFingerLeft, Owner::kBin) + Between(Owner::kFingerRight, Owner::kBin) < 100;
       ++i)
    Step({0, 0, -0.02, 0, 0, 0, 0});
  const double sum = Between(Owner::kFingerLeft, Owner::kBin) + Between(Owner::kFingerRight, Owner::kBin);
  ASSERT_GT(sum, 90);
  EXPECT_GT(peak_, 0.85 * sum);
}

// Not only the tool: a link that leans on the table counts, with its name.
TEST_F(Contacts, AnArmLinkOnTheTableIsMeasured) {
  SummariseContacts(ids_, m(), d_, now_);
  EXPECT_EQ(now_.peak, 0);
  d_->qpos[ids_.arm_qpos[1]] = 0.35;  // shoulder lift: the stretched arm, under the table's level
  d_->qpos[ids_.arm_qpos[2]] = 0;
  mj_forward(m(), d_);
  SummariseContacts(ids_, m(), d_, now_);
  EXPECT_GT(now_.peak, 10);
  const std::string body = mj_id2name(m(), mjOBJ_BODY, now_.hardest[0]);
  EXPECT_TRUE(body == "upper_arm" || body == "forearm" || body == "wrist_1") << body;
}

}  // namespace
}  // namespace genba::sim
