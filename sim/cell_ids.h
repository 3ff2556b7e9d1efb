// cell_ids.h - where the robot, tool, bins and parts of a cell sit in mjModel and mjData: resolved once by
// name, the same for every cell of equal sizes. A constant plain value; safe to share between threads and
// inside Apply().
#pragma once
#include <mujoco/mujoco.h>

#include <array>
#include <vector>

#include "sim/cell_builder.h"
#include "sim/robots/ur5e.h"

namespace genba::sim {

enum class Owner : std::uint8_t { kWorld, kTable, kBin, kPart, kArm, kPalm, kFingerLeft, kFingerRight };

struct GeomOwner {
  Owner owner = Owner::kWorld;
  int index = 0;  // of the bin or part
};

struct CellIds {
  std::array<int, kArmJoints> arm_qpos{};      // addresses in qpos
  std::array<int, kArmJoints> arm_dof{};       // addresses in qvel
  std::array<int, kArmJoints> arm_actuator{};  // indices of ctrl
  std::array<int, 2> finger_qpos{};            // left, right; opening [m] = their sum
  std::array<int, 2> finger_dof{};
  int gripper_actuator = 0;
  int tcp_site = 0;
  int wrist_body = 0;
  int gripper_body = 0;  // its frame is the flange's
  int num_parts = 0;
  int num_bins = 0;
  std::array<int, kMaxPartSlots> part_body{};
  std::array<int, kMaxPartSlots> part_qpos{};  // 7 numbers: p_WP, quaternion w x y z
  std::array<int, kMaxPartSlots> part_dof{};   // 6 numbers: linear velocity (world), angular velocity (body)
  std::vector<GeomOwner> geom_owner;           // [ngeom]

  double Opening(const mjData* d) const { return d->qpos[finger_qpos[0]] + d->qpos[finger_qpos[1]]; }
};

CellIds FindCellIds(const Model& model);

}  // namespace genba::sim
