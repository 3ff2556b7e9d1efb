#include "envs/measure.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/tools/parallel_gripper.h"

namespace genba::envs {

namespace {

using Eigen::Vector3d;

constexpr double kHeldDistance = 0.022;  // [m] part's centre to the TCP
constexpr double kHeldSlack = 0.004;     // [m] opening over the part's width
constexpr double kMovesAlong = 0.15;     // [m/s] between part and tool; a finger that opens makes 0.1

int BinAt(const sim::CellSpec& cell, const Vector3d& p) {
  for (std::size_t b = 0; b < cell.bins.size(); ++b) {
    if (p.z() < cell.bins[b].height && sim::InsideBin(cell.bins[b], p.head<2>())) return static_cast<int>(b);
  }
  return -1;
}

Measured::Part MeasurePart(const Episode& episode, const sim::CellIds& ids, const mjData* d, std::size_t slot,
                           double gripper_yaw) {
  const double* qpos = d->qpos + ids.part_qpos[slot];
  const double* qvel = d->qvel + ids.part_dof[slot];
  Measured::Part part;
  part.p = {qpos[0], qpos[1], qpos[2]};
  const Eigen::Matrix3d R = Eigen::Quaterniond(qpos[3], qpos[4], qpos[5], qpos[6]).toRotationMatrix();
  part.up = R(2, 2);
  part.grasp_turn = FoldHalfTurn(std::atan2(R(1, 0), R(0, 0)) - gripper_yaw);
  part.speed = Vector3d(qvel[0], qvel[1], qvel[2]).norm();
  part.in_bin = BinAt(episode.cell, part.p);
  return part;
}

// Seen from the fingers alone, as a real gripper would: closed to about the part's width with the part between the
// pads. Contact forces flicker; this does not.
int HeldPart(const Episode& episode, const Measured& measured) {
  for (std::size_t slot = 0; slot < episode.cell.parts.size(); ++slot) {
    const sim::PartSpec& part = episode.cell.parts[slot];
    if (!part.present) continue;
    const double width = sim::PartGraspWidth(part.shape, part.size);
    const bool closed_on_it = measured.opening < width * 1.15 + kHeldSlack && measured.opening > width * 0.7;
    if (closed_on_it && (measured.parts[slot].p - measured.tcp.p_WT).norm() < kHeldDistance)
      return static_cast<int>(slot);
  }
  return -1;
}

Vector3d VelocityOf(const mjModel* m, const mjData* d, mjtObj type, int id) {
  mjtNum spin_and_velocity[6];
  mj_objectVelocity(m, d, type, id, spin_and_velocity, 0);
  return {spin_and_velocity[3], spin_and_velocity[4], spin_and_velocity[5]};
}

}  // namespace

double FoldHalfTurn(double angle) {
  constexpr double kPi = std::numbers::pi;
  return angle - kPi * std::ceil((angle - kPi / 2) / kPi);
}

void NoteTouches(const sim::CellIds& ids, const mjModel* m, const mjData* d, Touches& touches,
                 std::array<Release, kMaxParts>& release) {
  sim::SummariseContacts(ids, m, d, touches.contacts);
  touches.peak_force = std::max(touches.peak_force, touches.contacts.peak);
  for (std::size_t slot = 0; slot < static_cast<std::size_t>(ids.num_parts); ++slot) {
    if (!touches.contacts.touched[slot]) continue;
    touches.touched[slot] = true;
    release[slot].touched = true;
    const Vector3d v_WP = VelocityOf(m, d, mjOBJ_BODY, ids.part_body[slot]);
    const Vector3d v_WT = VelocityOf(m, d, mjOBJ_SITE, ids.tcp_site);
    if ((v_WP - v_WT).norm() > kMovesAlong) continue;  // falls past a finger
    release[slot].height = d->qpos[ids.part_qpos[slot] + 2];
    release[slot].speed = std::max(v_WP.norm(), v_WT.norm());
  }
}

Measured Measure(const Episode& episode, const sim::CellIds& ids, const sim::ArmChain& chain, const mjData* d,
                 const Touches& touches) {
  std::array<double, sim::kArmJoints> q{};
  Eigen::Matrix<double, sim::kArmJoints, 1> qd;
  for (std::size_t j = 0; j < sim::kArmJoints; ++j) {
    q[j] = d->qpos[ids.arm_qpos[j]];
    qd[static_cast<Eigen::Index>(j)] = d->qvel[ids.arm_dof[j]];
  }
  Measured measured;
  measured.tcp = sim::ForwardKinematics(chain, q);
  measured.v_WT = (sim::Jacobian(chain, q) * qd).head<3>();
  measured.opening = ids.Opening(d);
  measured.contacts = touches.contacts;
  measured.peak_force = touches.peak_force;
  const Eigen::Vector3d x_axis = measured.tcp.q_WT * Vector3d::UnitX();
  const double yaw = std::atan2(x_axis.y(), x_axis.x());
  for (std::size_t slot = 0; slot < episode.cell.parts.size(); ++slot) {
    if (!episode.cell.parts[slot].present) continue;
    measured.parts[slot] = MeasurePart(episode, ids, d, slot, yaw);
    measured.parts[slot].touched = touches.touched[slot];
  }
  measured.held = HeldPart(episode, measured);
  return measured;
}

}  // namespace genba::envs
