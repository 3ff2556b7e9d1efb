// spotter.h - what an engineer would write in an afternoon, to hold a learned reader against: the words of training orders
// wherever they stand, a list of words that forbid, a few rules. Nothing is learned. Called by the probe's baselines.
// Pure; any thread; no torch.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/answer.h"
#include "envs/order.h"

namespace genba::trainer {

struct Spotted {
  std::optional<envs::Order>
      order;  // what its words amount to, whatever the answer; nothing when something is not said
  Answer answer = Answer::kNotUnderstood;
};
// must_not: a word forbids. cannot: one thing is named in two ways, or the order names what is not among the parts.
// act: a part and, where the task has places, a place are named. must_not: a word says stop. Otherwise not_understood.
Spotted Spot(const std::string& text, envs::Verb verb, const std::vector<envs::ScenePart>& parts);

}  // namespace genba::trainer
