// measure.h - from engine state to the quantities tasks talk about. Called in VecEnv's pass; pure, no allocation.
#pragma once
#include "envs/task.h"

namespace genba::envs {

// contacts and peak_force were collected during the sub-steps.
Measured Measure(const Episode& episode, const sim::CellIds& ids, const sim::ArmChain& chain, const mjData* d,
                 const sim::ContactSummary& contacts, double peak_force);

// Angle folded into (-π/2, π/2]: a gripper turned by half a turn grasps the same.
double FoldHalfTurn(double angle);

}  // namespace genba::envs
