// failure.h - why an episode ended as it did, in one sentence with numbers: limit, value, bodies and step.
// Called by the panels and the report for an episode that is over. What the arrays do not hold (which bodies touched) is
// found by stepping once more from the last recorded state, in the world that its cell gives. Failure: Error for an
// episode that does not fit its cell or has no readable plan.
#pragma once
#include <string>

#include "core/spec.h"
#include "datasets/episode.h"

namespace genba::viewer {

// "safety_stop: 271 N > 250 N between finger_left and bin1 at step 83"; empty for a success.
std::string FailureSentence(const EnvSpec& spec, const datasets::Episode& episode);

}  // namespace genba::viewer
