#include "sim/contacts.h"

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <algorithm>

namespace genba::sim {

namespace {

using Eigen::Map;
using Eigen::Vector3d;

bool IsFinger(Owner owner) { return owner == Owner::kFingerLeft || owner == Owner::kFingerRight; }
bool IsTool(Owner owner) { return owner == Owner::kPalm || IsFinger(owner); }
bool IsRobot(Owner owner) { return owner == Owner::kArm || IsTool(owner); }

// Sums forces by pair of bodies. More pairs than it holds do not occur; what comes then is a pair of its own.
class PairForces {
 public:
  void Add(int robot, int other, const Vector3d& force) {
    for (int i = 0; i < size_; ++i) {
      Pair& pair = pairs_[static_cast<std::size_t>(i)];
      if (pair.robot != robot || pair.other != other) continue;
      pair.force += force;
      return;
    }
    if (size_ == kMost) {
      rest_ = std::max(rest_, force.norm());
    } else {
      pairs_[static_cast<std::size_t>(size_++)] = {robot, other, force};
    }
  }
  // Its size, and its bodies where it is one of the pairs.
  double Largest(std::array<int, 2>& bodies) const {
    double largest = rest_;
    for (int i = 0; i < size_; ++i) {
      const Pair& pair = pairs_[static_cast<std::size_t>(i)];
      if (pair.force.norm() <= largest) continue;
      largest = pair.force.norm();
      bodies = {pair.robot, pair.other};
    }
    return largest;
  }

 private:
  static constexpr int kMost = 48;
  struct Pair {
    int robot, other;
    Vector3d force;
  };
  std::array<Pair, kMost> pairs_;
  int size_ = 0;
  double rest_ = 0;
};

}  // namespace

void SummariseContacts(const CellIds& ids, const mjModel* m, const mjData* d, ContactSummary& out) {
  out = ContactSummary{};
  PairForces pairs;
  const Vector3d flange = Map<const Vector3d>(d->xpos + 3 * ids.gripper_body);
  Vector3d force_sum = Vector3d::Zero(), torque_sum = Vector3d::Zero();
  for (int c = 0; c < d->ncon; ++c) {
    const mjContact& contact = d->contact[c];
    if (contact.geom[0] < 0 || contact.geom[1] < 0 || contact.efc_address < 0) continue;
    const GeomOwner& first = ids.geom_owner[static_cast<std::size_t>(contact.geom[0])];
    const GeomOwner& second = ids.geom_owner[static_cast<std::size_t>(contact.geom[1])];
    const bool robot_is_first = IsRobot(first.owner);
    if (!robot_is_first && !IsRobot(second.owner)) continue;
    mjtNum wrench[6];
    mj_contactForce(m, d, c, wrench);
    // The frame's rows are the contact's axes in the world, the first from geom 0 to geom 1; the force is geom 1's.
    const Map<const Eigen::Matrix3d> R_WC(contact.frame);
    const Vector3d force = (robot_is_first ? -1 : 1) * (R_WC * Map<const Vector3d>(wrench));  // on the robot
    const GeomOwner& robot = robot_is_first ? first : second;
    const GeomOwner& other = robot_is_first ? second : first;
    const bool on_part = other.owner == Owner::kPart;
    if (on_part) {
      const auto i = static_cast<std::size_t>(other.index);
      out.touched[i] = true;
      if (robot.owner == Owner::kFingerLeft) out.left_on_part[i] += wrench[0];
      if (robot.owner == Owner::kFingerRight) out.right_on_part[i] += wrench[0];
    }
    const int robot_body = m->geom_bodyid[contact.geom[robot_is_first ? 0 : 1]];
    const int other_body = m->geom_bodyid[contact.geom[robot_is_first ? 1 : 0]];
    pairs.Add(on_part && IsTool(robot.owner) ? ids.gripper_body : robot_body, other_body, force);
    if (!IsTool(robot.owner)) continue;
    force_sum += force;
    torque_sum += (Map<const Vector3d>(contact.pos) - flange).cross(force);
  }
  for (int axis = 0; axis < 3; ++axis) {
    out.flange_force[static_cast<std::size_t>(axis)] = force_sum[axis];
    out.flange_torque[static_cast<std::size_t>(axis)] = torque_sum[axis];
  }
  out.peak = std::max(pairs.Largest(out.hardest), force_sum.norm());
}

}  // namespace genba::sim
