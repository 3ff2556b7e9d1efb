// failure.h - why an episode ended as it did, in one sentence with numbers: limit, value, bodies and step.
// Called by the panels and the report for an episode that is over, with the model it is shown in. What the arrays do
// not hold (which bodies touched) is found by stepping once more from the last recorded state. Failure: Error for an
// episode that does not fit its model or has no readable plan.
#pragma once
#include <mujoco/mujoco.h>

#include <string>

#include "core/spec.h"
#include "datasets/episode.h"

namespace genba::viewer {

// "safety_stop: 271 N > 250 N between finger_left and bin1 at step 83"; empty for a success.
std::string FailureSentence(const EnvSpec& spec, const datasets::Episode& episode, const mjModel* m);

}  // namespace genba::viewer
