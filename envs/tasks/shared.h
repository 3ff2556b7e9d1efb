// shared.h - what reach and pick_bin have in common: goals, disturbance, motion of the experts.
// The inside of envs/tasks; pure functions.
#pragma once
#include "envs/task.h"

namespace genba::envs {

inline constexpr double kDisturbance = 0.01;  // [m] a part nobody asked for may move

// Whether a part outside the goal has moved by more than kDisturbance since the start.
bool Disturbed(const World& world, const TaskState& state, const Goal& goal);

// The fields every task fills in the same way.
EnvSpec BaseSpec(const std::string& name, const std::string& description);

double TiltFromDown(const sim::TcpPose& tcp);  // [rad] between the tool's axis and straight down

// Action towards a position with the tool straight down, turned by turn about world z from where it points now.
// Translation is scaled as one, so that the path is straight.
std::array<double, sim::kActionSize> MoveTo(const World& world, const TaskState& state, const Eigen::Vector3d& position,
                                            double turn, double opening);

}  // namespace genba::envs
