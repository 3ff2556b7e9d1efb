// cartesian_control.h - TCP motion commands to joint servo targets: what the seven numbers of an action do.
// Plain state beside the physics row plus pure functions, to be called inside BatchSim::Apply: no allocation,
// no exceptions.
//   once per control step:  Command(config, ids, chain, m, d, action, state)
//   before every sub-step:  Servo(ids, substep, num_substeps, state, d); mj_step(m, d)
// Action, each in [-1, 1] (clamped; not finite: read as 0): Δx Δy Δz of the TCP target in the world frame (±2
// cm), rotation vector of the target in the world frame (±0.15 rad), gripper opening (-1 closed … +1 open;
// absolute). Law: the target leads the achieved pose by at most lead_*, stays in the workspace box; commanded
// joints stay inside their limits; their speed is continuous, never above max_joint_speed, and changes by at most
// max_joint_acceleration at every instant.
#pragma once
#include <mujoco/mujoco.h>

#include <Eigen/Core>
#include <array>
#include <span>

#include "core/spec.h"
#include "sim/cell_ids.h"

namespace genba::sim {

inline constexpr int kActionSize = 7;

// The maker publishes no joint accelerations; this is ours, and the most a setting may ask for.
inline constexpr double kMaxJointAcceleration = 15;  // [rad/s²]

struct ControllerConfig {
  double control_period = EnvSpec{}.control_period();       // [s]
  double max_translation = 0.02;                            // [m] per control step at action 1, each axis
  double max_rotation = 0.15;                               // [rad] per control step at action 1, each axis
  double lead_translation = 0.06;                           // [m] most the target is ahead of the achieved TCP
  double lead_rotation = 0.50;                              // [rad]
  std::array<double, 3> workspace_low{0.20, -0.50, 0.004};  // [m] box for the TCP target, world
  std::array<double, 3> workspace_high{0.80, 0.50, 0.50};
  double damping = 0.03;                                  // λ of the damped least squares
  int iterations = 3;                                     // of the inverse kinematics per control step
  double max_joint_speed = 2.0;                           // [rad/s] of the commanded joints, under the maker's 180°/s
  double max_joint_acceleration = kMaxJointAcceleration;  // [rad/s²] of the commanded joints
  double joint_margin = 0.02;                             // [rad] kept from the joint limits
  double max_finger_speed = 0.20;                         // [m/s] of the commanded opening
  double lead_opening = 0.020;  // [m] most the commanded opening is from the achieved one: full force, quick release
};

struct ControllerState {                   // copyable, savable, hashable: doubles only
  std::array<double, 3> p_WT{};            // [m] commanded TCP position
  std::array<double, 4> q_WT{1, 0, 0, 0};  // commanded TCP orientation, w x y z
  double opening = 0;                      // [m] commanded gripper opening
  double opening_from = 0;                 // [m] the one before: sub-steps interpolate
  std::array<double, kArmJoints> q{};      // [rad] commanded joints
  std::array<double, kArmJoints> q_from{};
  std::array<double, kArmJoints> dq{};  // [rad] commanded speed at q, per control period: what the limiter remembers
  std::array<double, kArmJoints> dq_from{};
};

// The arm's kinematics read from the model: forward kinematics and Jacobian without touching mjData.
struct ArmChain {
  struct Link {
    std::array<double, 3> position{};  // of the link's frame in its parent
    std::array<double, 4> rotation{};  // w x y z
    std::array<double, 3> axis{};      // of the joint, in the link's frame
  };
  std::array<Link, kArmJoints> links;
  std::array<double, kArmJoints>
      q_zero{};                          // [rad] joint angles at which the links stand as described (mjModel's qpos0)
  std::array<double, kArmJoints> low{};  // [rad] joint limits
  std::array<double, kArmJoints> high{};
  std::array<double, 3> tool_position{};  // TCP in the last link
  std::array<double, 4> tool_rotation{};
};
ArmChain ReadArmChain(const Model& model, const CellIds& ids);

Eigen::Vector3d RotationVector(Eigen::Quaterniond q);  // the shortest way round

struct TcpPose {
  Eigen::Vector3d p_WT = Eigen::Vector3d::Zero();
  Eigen::Quaterniond q_WT = Eigen::Quaterniond::Identity();
};
TcpPose ForwardKinematics(const ArmChain& chain, std::span<const double, kArmJoints> q);
// Rows: linear (world), angular (world) velocity of the TCP.
Eigen::Matrix<double, 6, kArmJoints> Jacobian(const ArmChain& chain, std::span<const double, kArmJoints> q);

// Target := the pose, joints and opening that d has now; ctrl set to hold them.
void ResetController(const CellIds& ids, const ArmChain& chain, const mjModel* m, mjData* d, ControllerState& state);

void Command(const ControllerConfig& config, const CellIds& ids, const ArmChain& chain, const mjModel* m,
             const mjData* d, std::span<const double, kActionSize> action, ControllerState& state);

// Writes ctrl for sub-step 0 … num_substeps - 1, at the fraction a = (substep + 1) / num_substeps of the period:
// joints q_from + a dq_from + a² (dq - dq_from) / 2, which ends at q; the opening on a straight line.
void Servo(const CellIds& ids, int substep, int num_substeps, const ControllerState& state, mjData* d);

// For who has only the controls at the end of each control step, ctrl [nu]: the state whose Servo makes the next one's
// sub-steps. Begin at rest with the controls in force before the first (Resting), then follow one row after the other.
ControllerState Resting(const CellIds& ids, std::span<const double> ctrl);
void Follow(const CellIds& ids, std::span<const double> ctrl, ControllerState& state);

// Moves the arm in d (positions only) so that its TCP is pushed [m] and tilted (rotation vector) from where it is,
// world frame. Before ResetController.
void OffsetArm(const CellIds& ids, const ArmChain& chain, const std::array<double, 3>& push,
               const std::array<double, 3>& tilt, mjData* d);

// The action (unclamped in scale 1 = one full step) that moves the target to a pose: what scripted experts
// use.
std::array<double, kActionSize> ActionTowards(const ControllerConfig& config, const ControllerState& state,
                                              const TcpPose& pose, double opening);

}  // namespace genba::sim
