// contacts.h - what touches what after a step: the forces a task measures, rewards and limits.
// Pure reads of mjData inside Apply(), after mj_step (contact forces belong to the step just made). No
// allocation.
#pragma once
#include <mujoco/mujoco.h>

#include <array>

#include "sim/cell_ids.h"

namespace genba::sim {

struct ContactSummary {                              // normal forces [N]
  std::array<double, kMaxPartSlots> left_on_part{};  // left finger against part i
  std::array<double, kMaxPartSlots> right_on_part{};
  double robot_on_fixture = 0;  // arm, palm and fingers against table and bins, sum
  double peak = 0;              // largest single contact of the robot with anything but a held part
  int num_contacts = 0;
};

void SummariseContacts(const CellIds& ids, const mjModel* m, const mjData* d, ContactSummary& out);

// Pinched between the two fingers, each pressing with at least min_force.
bool Holding(const ContactSummary& contacts, int part, double min_force = 0.5);

}  // namespace genba::sim
