#include "sim/cartesian_control.h"

#include <Eigen/Cholesky>
#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "sim/tools/parallel_gripper.h"

namespace genba::sim {

namespace {

using Eigen::AngleAxisd;
using Eigen::Map;
using Eigen::Matrix3d;
using Eigen::Quaterniond;
using Eigen::Vector3d;
using JointArray = std::array<double, kArmJoints>;
using JointVector = Eigen::Matrix<double, kArmJoints, 1>;
using Twist = Eigen::Matrix<double, 6, 1>;

Quaterniond ToQuaternion(const std::array<double, 4>& q) { return {q[0], q[1], q[2], q[3]}; }
std::array<double, 4> FromQuaternion(const Quaterniond& q) { return {q.w(), q.x(), q.y(), q.z()}; }
Vector3d ToVector(const std::array<double, 3>& v) { return {v[0], v[1], v[2]}; }
std::array<double, 3> FromVector(const Vector3d& v) { return {v.x(), v.y(), v.z()}; }
std::array<double, 3> Copy3(const mjtNum* v) { return {v[0], v[1], v[2]}; }
std::array<double, 4> Copy4(const mjtNum* v) { return {v[0], v[1], v[2], v[3]}; }

Quaterniond Exp(const Vector3d& rotation) {
  const double angle = rotation.norm();
  if (angle < 1e-12) return Quaterniond::Identity();
  return Quaterniond(AngleAxisd(angle, rotation / angle));
}

Vector3d ClampLength(const Vector3d& v, double longest) {
  const double length = v.norm();
  return length > longest ? Vector3d(v * (longest / length)) : v;
}

struct ChainPose {  // every joint's axis and origin in the world, and the TCP
  std::array<Vector3d, kArmJoints> axis, origin;
  TcpPose tcp;
};

ChainPose Walk(const ArmChain& chain, std::span<const double, kArmJoints> q) {
  ChainPose pose;
  Vector3d p = Vector3d::Zero();
  Quaterniond R = Quaterniond::Identity();
  for (std::size_t j = 0; j < kArmJoints; ++j) {
    const ArmChain::Link& link = chain.links[j];
    const Vector3d axis = ToVector(link.axis);
    p += R * ToVector(link.position);
    R = R * ToQuaternion(link.rotation);
    pose.origin[j] = p;
    pose.axis[j] = R * axis;
    R = R * Quaterniond(AngleAxisd(q[j] - chain.q_zero[j], axis));
  }
  pose.tcp.p_WT = p + R * ToVector(chain.tool_position);
  pose.tcp.q_WT = (R * ToQuaternion(chain.tool_rotation)).normalized();
  return pose;
}

Eigen::Matrix<double, 6, kArmJoints> JacobianOf(const ChainPose& pose) {
  Eigen::Matrix<double, 6, kArmJoints> J;
  for (int j = 0; j < kArmJoints; ++j) {
    const auto i = static_cast<std::size_t>(j);
    J.col(j) << pose.axis[i].cross(pose.tcp.p_WT - pose.origin[i]), pose.axis[i];
  }
  return J;
}

double Clamped(double action) { return std::isfinite(action) ? std::clamp(action, -1.0, 1.0) : 0.0; }

// The target goes where the action says, but stays near the achieved pose (it must not wind up against an obstacle) and
// in the workspace.
void MoveTarget(const ControllerConfig& config, const TcpPose& achieved, std::span<const double, kActionSize> action,
                ControllerState& state) {
  Vector3d p = ToVector(state.p_WT);
  Vector3d turn;
  for (int i = 0; i < 3; ++i) {
    p[i] += Clamped(action[static_cast<std::size_t>(i)]) * config.max_translation;
    turn[i] = Clamped(action[static_cast<std::size_t>(i) + 3]) * config.max_rotation;
  }
  p = achieved.p_WT + ClampLength(p - achieved.p_WT, config.lead_translation);
  p = p.cwiseMax(ToVector(config.workspace_low)).cwiseMin(ToVector(config.workspace_high));
  const Quaterniond wanted = Exp(turn) * ToQuaternion(state.q_WT);
  const Vector3d lead = ClampLength(RotationVector(wanted * achieved.q_WT.conjugate()), config.lead_rotation);
  state.p_WT = FromVector(p);
  state.q_WT = FromQuaternion((Exp(lead) * achieved.q_WT).normalized());
}

// Damped least squares, notes/tasks.md §3: dq = Jᵀ (J Jᵀ + λ² I)⁻¹ e, a few Newton steps from q.
void SolveJoints(const ArmChain& chain, const TcpPose& wanted, double damping, int iterations, JointArray& q) {
  for (int iteration = 0; iteration < iterations; ++iteration) {
    const ChainPose pose = Walk(chain, q);
    Twist error;
    error << wanted.p_WT - pose.tcp.p_WT, RotationVector(wanted.q_WT * pose.tcp.q_WT.conjugate());
    const Eigen::Matrix<double, 6, kArmJoints> J = JacobianOf(pose);
    Eigen::Matrix<double, 6, 6> A = J * J.transpose();
    A.diagonal().array() += damping * damping;
    const JointVector dq = J.transpose() * A.ldlt().solve(error);
    for (int j = 0; j < kArmJoints; ++j) q[static_cast<std::size_t>(j)] += dq[j];
  }
}

// The fastest speed (per period) after this period from which the joint still stops at its target, when it moves at dq
// now, the target is `left` away and speeds change by at most `most` a period; near the target it arrives two periods
// later. Speeds are linear in a period, so stopping from v takes v / 2 when v < most, v² / (2 most) beyond.
double StoppingSpeed(double left, double dq, double most) {
  const double room = left - dq / 2;
  const double size = std::abs(room);
  const double speed = size <= most ? size : (std::sqrt(most * most + 8 * most * size) - most) / 2;
  return std::clamp(std::copysign(speed, room), dq - most, dq + most);
}

// Moves the commanded joints towards wanted as far as speed and acceleration allow.
void LimitMotion(const ControllerConfig& config, const ArmChain& chain, JointArray wanted, ControllerState& state) {
  const double fastest = config.max_joint_speed * config.control_period;
  const double most = config.max_joint_acceleration * config.control_period * config.control_period;
  // One factor for all joints keeps the direction of a long motion. (One and a half: what a joint at full speed lags.)
  double longest = 1.5 * fastest;
  // Braking in whole periods passes its target by a little: by a thirtieth of `most` as measured; twice that is kept.
  const double stop = config.joint_margin + most / 16;
  for (std::size_t j = 0; j < kArmJoints; ++j) {
    wanted[j] = std::clamp(wanted[j], chain.low[j] + stop, chain.high[j] - stop);
    longest = std::max(longest, std::abs(wanted[j] - state.q[j]));
  }
  const double scale = 1.5 * fastest / longest;
  for (std::size_t j = 0; j < kArmJoints; ++j) {
    const double dq = StoppingSpeed(scale * (wanted[j] - state.q[j]), state.dq[j], most);
    state.dq[j] = std::clamp(dq, -fastest, fastest);
    state.q[j] += (state.dq_from[j] + state.dq[j]) / 2;
  }
}

}  // namespace

ArmChain ReadArmChain(const Model& model, const CellIds& ids) {
  const mjModel* m = model.get();
  ArmChain chain;
  for (std::size_t j = 0; j < kArmJoints; ++j) {
    const int joint = model.joint(kUr5eJointNames[j]);
    const int body = m->jnt_bodyid[joint];
    chain.links[j] = {Copy3(m->body_pos + 3 * body), Copy4(m->body_quat + 4 * body), Copy3(m->jnt_axis + 3 * joint)};
    chain.q_zero[j] = m->qpos0[ids.arm_qpos[j]];
    chain.low[j] = m->jnt_range[2 * joint];
    chain.high[j] = m->jnt_range[2 * joint + 1];
  }
  // From the last link to the TCP there are only fixed frames: multiply them outwards in.
  Vector3d p = Map<const Vector3d>(m->site_pos + 3 * ids.tcp_site);
  Quaterniond R = ToQuaternion(Copy4(m->site_quat + 4 * ids.tcp_site));
  for (int body = m->site_bodyid[ids.tcp_site]; body != ids.wrist_body; body = m->body_parentid[body]) {
    const Quaterniond R_PB = ToQuaternion(Copy4(m->body_quat + 4 * body));
    p = Map<const Vector3d>(m->body_pos + 3 * body) + R_PB * p;
    R = R_PB * R;
  }
  chain.tool_position = FromVector(p);
  chain.tool_rotation = FromQuaternion(R);
  return chain;
}

Eigen::Vector3d RotationVector(Eigen::Quaterniond q) {
  if (q.w() < 0) q.coeffs() = -q.coeffs();
  const double sine = q.vec().norm();
  if (sine < 1e-12) return 2 * q.vec();
  return q.vec() * (2 * std::atan2(sine, q.w()) / sine);
}

TcpPose ForwardKinematics(const ArmChain& chain, std::span<const double, kArmJoints> q) { return Walk(chain, q).tcp; }

Eigen::Matrix<double, 6, kArmJoints> Jacobian(const ArmChain& chain, std::span<const double, kArmJoints> q) {
  return JacobianOf(Walk(chain, q));
}

void ResetController(const CellIds& ids, const ArmChain& chain, const mjModel* m, mjData* d, ControllerState& state) {
  (void)m;
  for (std::size_t j = 0; j < kArmJoints; ++j) state.q[j] = d->qpos[ids.arm_qpos[j]];
  state.q_from = state.q;
  state.dq = state.dq_from = {};
  state.opening = state.opening_from = ids.Opening(d);
  const TcpPose tcp = ForwardKinematics(chain, state.q);
  state.p_WT = FromVector(tcp.p_WT);
  state.q_WT = FromQuaternion(tcp.q_WT);
  Servo(ids, 0, 1, state, d);
}

void Command(const ControllerConfig& config, const CellIds& ids, const ArmChain& chain, const mjModel* m,
             const mjData* d, std::span<const double, kActionSize> action, ControllerState& state) {
  (void)m;
  std::array<double, kArmJoints> q{};
  for (std::size_t j = 0; j < kArmJoints; ++j) q[j] = d->qpos[ids.arm_qpos[j]];
  state.q_from = state.q;
  state.dq_from = state.dq;
  MoveTarget(config, ForwardKinematics(chain, q), action, state);
  JointArray wanted = state.q;
  SolveJoints(chain, {ToVector(state.p_WT), ToQuaternion(state.q_WT)}, config.damping, config.iterations, wanted);
  LimitMotion(config, chain, wanted, state);

  state.opening_from = state.opening;
  const double opening = (Clamped(action[6]) + 1) / 2 * kGripperOpening;
  const double most = config.max_finger_speed * config.control_period;
  const double achieved = ids.Opening(d), lead = config.lead_opening;
  state.opening =
      std::clamp(state.opening + std::clamp(opening - state.opening, -most, most), achieved - lead, achieved + lead);
}

void Servo(const CellIds& ids, int substep, int num_substeps, const ControllerState& state, mjData* d) {
  const double along = static_cast<double>(substep + 1) / num_substeps;
  for (std::size_t j = 0; j < kArmJoints; ++j)
    d->ctrl[ids.arm_actuator[j]] =
        state.q_from[j] + along * (state.dq_from[j] + along * (state.dq[j] - state.dq_from[j]) / 2);
  d->ctrl[ids.gripper_actuator] = state.opening_from + along * (state.opening - state.opening_from);
}

ControllerState Resting(const CellIds& ids, std::span<const double> ctrl) {
  ControllerState state;
  for (std::size_t j = 0; j < kArmJoints; ++j) state.q[j] = ctrl[static_cast<std::size_t>(ids.arm_actuator[j])];
  state.opening = ctrl[static_cast<std::size_t>(ids.gripper_actuator)];
  return state;
}

void Follow(const CellIds& ids, std::span<const double> ctrl, ControllerState& state) {
  const ControllerState reached = Resting(ids, ctrl);
  state.q_from = state.q;
  state.dq_from = state.dq;
  state.opening_from = state.opening;
  state.q = reached.q;
  state.opening = reached.opening;
  for (std::size_t j = 0; j < kArmJoints; ++j) state.dq[j] = 2 * (state.q[j] - state.q_from[j]) - state.dq_from[j];
}

void OffsetArm(const CellIds& ids, const ArmChain& chain, const std::array<double, 3>& push,
               const std::array<double, 3>& tilt, mjData* d) {
  constexpr double kDamping = 1e-3;
  constexpr int kIterations = 20;
  JointArray q{};
  for (std::size_t j = 0; j < kArmJoints; ++j) q[j] = d->qpos[ids.arm_qpos[j]];
  TcpPose pose = ForwardKinematics(chain, q);
  pose.p_WT += ToVector(push);
  pose.q_WT = Exp(ToVector(tilt)) * pose.q_WT;
  SolveJoints(chain, pose, kDamping, kIterations, q);
  for (std::size_t j = 0; j < kArmJoints; ++j) d->qpos[ids.arm_qpos[j]] = q[j];
}

std::array<double, kActionSize> ActionTowards(const ControllerConfig& config, const ControllerState& state,
                                              const TcpPose& pose, double opening) {
  const Vector3d move = (pose.p_WT - ToVector(state.p_WT)) / config.max_translation;
  const Vector3d turn = RotationVector(pose.q_WT * ToQuaternion(state.q_WT).conjugate()) / config.max_rotation;
  return {move.x(), move.y(), move.z(), turn.x(), turn.y(), turn.z(), opening / kGripperOpening * 2 - 1};
}

}  // namespace genba::sim
