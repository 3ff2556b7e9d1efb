// bench.h - honest figures: the environment's step against bare physics on the same models, states and controls, and
// collection into files against the same. Called by `genba bench`; both kinds alternate step by step in one run, so
// that a noisy machine disturbs them alike and both meet the same contacts.
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
