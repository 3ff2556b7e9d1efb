// replay.h - re-simulates stored episodes and compares everything that is stored, bit for bit (design law 2). Called by
// `genba replay`. Threads: episodes are spread over threads, each with a world of its own; the result does not depend
// on how many. Failure: Error(kBadInput) before anything is played when the data set is of another specification, or an
// episode does not hold together.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "datasets/dataset.h"

namespace genba::trainer {

struct Difference {
  std::int64_t episode = -1;  // stored position k
  int step = -1;
  std::string field;  // an array's or attribute's name, or "file" when only the shard's hash differs
};

// Of an episode: its first difference (.step -1: none), and how far the states part until its end.
struct EpisodeReplay {
  Difference difference;
  double largest_state_difference = 0;  // in the units of the states
};

struct ReplayResult {
  std::uint64_t episodes = 0, steps = 0;
  std::uint64_t differences = 0;  // episodes that differ
  Difference first;               // the one with the lowest position
  // Made by another builder, engine or processor type: what differs, and how far the states part at most.
  std::string maker;
  double largest_state_difference = 0;
};

EpisodeReplay ReplayEpisode(const datasets::Episode& episode, const datasets::DatasetInfo& info,
                            const std::string& file);
// All episodes, or only the one at position only.
ReplayResult Replay(const datasets::Dataset& dataset, int num_threads, std::int64_t only = -1);
nlohmann::json ToJson(const ReplayResult& result);

}  // namespace genba::trainer
