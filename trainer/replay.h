// replay.h - re-simulates stored episodes and compares every step bit for bit (design law 2). Called by `genba replay`.
// Threads: episodes are spread over threads, each with a world of its own; the result does not depend on how many.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "datasets/dataset.h"

namespace genba::trainer {

struct Difference {
  std::int64_t episode = -1;  // stored position k
  int step = -1;
  std::string field;  // "model", "initial state", "actions", "states", "rewards", …
};

struct ReplayResult {
  std::uint64_t episodes = 0, steps = 0;
  std::uint64_t differences = 0;  // episodes that differ
  Difference first;               // the one with the lowest position
};

Difference ReplayEpisode(const datasets::Episode& episode);  // .step -1: equal
// All episodes, or only the one at position only.
ReplayResult Replay(const datasets::Dataset& dataset, int num_threads, std::int64_t only = -1);
nlohmann::json ToJson(const ReplayResult& result);

}  // namespace genba::trainer
