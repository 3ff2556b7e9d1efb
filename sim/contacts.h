// contacts.h - what touches what after a step: the forces a task measures, rewards and limits.
// Pure reads of mjData inside Apply(), after mj_step (contact forces belong to the step just made). No
// allocation. A force between two bodies is the vector sum over their contact points, friction included.
#pragma once
#include <mujoco/mujoco.h>

#include <array>

#include "sim/cell_ids.h"

namespace genba::sim {

struct ContactSummary {
  std::array<double, kMaxPartSlots> left_on_part{};  // [N] left finger against part i, sum of normal forces
  std::array<double, kMaxPartSlots> right_on_part{};
  std::array<bool, kMaxPartSlots> touched{};  // part i, by anything of the robot
  std::array<double, 3> flange_force{};       // [N] of all that touches the tool, world: what a wrist sensor reads
  std::array<double, 3> flange_torque{};      // [N·m] about the flange
  // [N] Largest of: a body of the robot against another body; the whole tool against one part (so a grasp's own force
  // cancels, and what a held part is pressed with does not); the net force at the flange.
  double peak = 0;
  std::array<int, 2> hardest{-1, -1};  // body of the robot (the gripper: the whole tool) and what it presses hardest
};

void SummariseContacts(const CellIds& ids, const mjModel* m, const mjData* d, ContactSummary& out);

}  // namespace genba::sim
