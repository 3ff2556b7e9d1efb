// bench.h - honest figures: the environment's step against bare physics on the same models and controls, and collection
// into files against both. Called by `genba bench`; ratios come from one run, alternating short rounds of each, so that a
// noisy machine disturbs both alike.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace genba::trainer {

struct BenchConfig {
  std::string task = "pick_bin";
  int worlds = 256;
  int threads = 0;
  int rounds = 8;            // of each kind
  int steps_per_round = 10;  // control steps
};

nlohmann::json BenchSim(const BenchConfig& config);      // design.md, `bench sim`
nlohmann::json BenchCollect(const BenchConfig& config);  // design.md, `bench collect`

}  // namespace genba::trainer
