// shared.h - what reach and pick_bin have in common: goals, disturbance, motion of the experts.
// The inside of envs/tasks; pure functions.
#pragma once
#include "envs/task.h"

namespace genba::envs {

inline constexpr double kDisturbance = 0.01;  // [m] a part nobody asked for may move

// Rest is told by displacement over the hold time: no more than a mean of a centimetre a second.
inline constexpr double kRestPart = 0.002;  // [m]
inline constexpr double kRestTool = 0.005;  // [m]
// A part is put down, not thrown: when it last moves along with the tool, it is less than this over where it comes to
// rest, and slower.
inline constexpr double kReleaseHeight = 0.10;  // [m]
inline constexpr double kReleaseSpeed = 0.25;   // [m/s]

// One step of a hold: counted while holds, from anew when something of now has moved by more than rest since it began.
void Advance(bool holds, const std::array<std::array<double, 3>, kMaxParts>& now, double rest, Hold& hold);
// Positions of the parts that are wanted, 0 for others.
std::array<std::array<double, 3>, kMaxParts> WantedPositions(const World& world, const Goal& goal);
// Marks the wanted parts that were let go too high or too fast; a part that is held again is forgiven.
void NoteThrows(const World& world, const Goal& goal, TaskState& state);
bool AnyThrown(const Goal& goal, const TaskState& state);

// Whether a part has moved by more than kDisturbance since the start.
bool HasMoved(const World& world, const TaskState& state, std::size_t slot);
// Whether a part outside the goal has.
bool Disturbed(const World& world, const TaskState& state, const Goal& goal);

// The fields every task fills in the same way.
EnvSpec BaseSpec(const std::string& name, const std::string& description);

double TiltFromDown(const sim::TcpPose& tcp);  // [rad] between the tool's axis and straight down

// Action towards a position with the tool straight down, turned by turn about world z from where it points now.
// Translation is scaled as one, so that the path is straight.
std::array<double, sim::kActionSize> MoveTo(const World& world, const TaskState& state, const Eigen::Vector3d& position,
                                            double turn, double opening);

}  // namespace genba::envs
