// ur5e.h - Universal Robots UR5e as capsules and boxes, from the maker's published Denavit-Hartenberg table,
// link masses, joint and torque limits (UR e-Series technical data; DH parameters for UR5e). No meshes, no
// files. Called by CellBuilder. Bodies "shoulder" … "wrist_3"; joints and actuators "shoulder_pan",
// "shoulder_lift", "elbow", "wrist_1", "wrist_2", "wrist_3"; the tool goes on the returned flange body
// (frame: x, y in the flange, z out of it).
#pragma once
#include <mujoco/mujoco.h>

#include <array>

namespace genba::sim {

inline constexpr int kArmJoints = 6;
extern const std::array<const char*, kArmJoints> kUr5eJointNames;

// Base at the world's origin on the table. Returns the body of the flange (wrist_3).
mjsBody* AddUr5e(mjSpec* spec);

// Elbow up, tool pointing down over the middle of the table, TCP about 0.30 m above it.
std::array<double, kArmJoints> Ur5eHome();

inline constexpr double kUr5eMaxSpeed = 3.14159;  // [rad/s] every joint
inline constexpr std::array<double, kArmJoints> kUr5eRange{6.28319, 6.28319, 3.14159,
                                                           6.28319, 6.28319, 6.28319};   // ± [rad]
inline constexpr std::array<double, kArmJoints> kUr5eTorque{150, 150, 150, 28, 28, 28};  // ± [N·m]

}  // namespace genba::sim
