// measure.h - from engine state to the quantities tasks talk about. Called in VecEnv's pass; pure, no allocation.
#pragma once
#include "envs/task.h"

namespace genba::envs {

// What the sub-steps of one control step left.
struct Touches {
  sim::ContactSummary contacts;  // of the last one
  double peak_force = 0;         // [N] over all
  std::array<bool, kMaxParts> touched{};
};

// After every sub-step: contacts, and how the robot has the parts that it touches.
void NoteTouches(const sim::CellIds& ids, const mjModel* m, const mjData* d, Touches& touches,
                 std::array<Release, kMaxParts>& release);

Measured Measure(const Episode& episode, const sim::CellIds& ids, const sim::ArmChain& chain, const mjData* d,
                 const Touches& touches);

// Angle folded into (-π/2, π/2]: a gripper turned by half a turn grasps the same.
double FoldHalfTurn(double angle);

}  // namespace genba::envs
