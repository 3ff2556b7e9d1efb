// bench.h - honest figures: the environment's step, with sleeping parts and without, against the engine alone: a second
// batch that never sleeps, from the same states, on the same models, with the same controls of every sub-step. Both
// alternate step by step in one run, so that a noisy machine disturbs them alike. Called by `genba bench`.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace genba::trainer {

struct BenchConfig {
  std::string task = "pick_bin";
  int worlds = 256;
  int threads = 0;
  int steps = 120;  // control steps of each kind
};

nlohmann::json BenchSim(const BenchConfig& config);      // design.md, `bench sim`
nlohmann::json BenchCollect(const BenchConfig& config);  // design.md, `bench collect`

}  // namespace genba::trainer
