// parallel_gripper.h - a two-finger parallel gripper: two slides coupled by an equality, one force-limited
// servo. Called by CellBuilder. Body "gripper", joints "finger_left" (towards +y of the flange) and
// "finger_right", actuator "gripper" (control: opening [m], 0 … kGripperOpening), pads "pad_left0",
// "pad_left1", "pad_right0", "pad_right1", site "tcp" between the pad tips: z out of the flange, fingers move
// along its y. Camera "wrist".
#pragma once
#include <mujoco/mujoco.h>

namespace genba::sim {

inline constexpr double kGripperOpening = 0.09;  // [m] between the pads, open
inline constexpr double kGripperForce = 40;      // [N] most each finger presses with
inline constexpr double kTcpOffset = 0.145;      // [m] flange to TCP

// pad_friction: sliding, of the pads against whatever they hold.
void AddParallelGripper(mjSpec* spec, mjsBody* flange, double pad_friction);

}  // namespace genba::sim
