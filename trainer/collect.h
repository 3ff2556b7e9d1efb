// collect.h - plays episodes and writes them as a data set. Called by `genba collect` and the demo.
// Law: the shards' bytes depend on task, policy, seed and settings, not on worlds or threads; a killed collection
// continues where the last committed shard ended. Failure: Error; what was committed stays.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/config.h"
#include "trainer/acting.h"

namespace genba::trainer {

struct CollectConfig {
  std::string task = "pick_bin";
  std::string policy = "expert";  // expert | random | zero | a run
  std::filesystem::path out;
  std::uint64_t seed = 1;
  std::uint64_t episodes = 100;
  int threads = 0;  // 0: one per core
  int worlds = 64;
  int episodes_per_shard = 250;
  std::string language = "both";  // en | ja | both
  double max_fault_share = 0.05;  // more faults than this stop the collection
  ExpertNoise noise;
  policies::FeaturePlaces places;  // of the policy's backbone
  envs::Disturbances disturbances;
};
void Register(ConfigTable& table, CollectConfig& config);  // section "collect"

struct CollectResult {
  std::uint64_t episodes = 0, steps = 0, successes = 0, faults = 0;  // of the whole data set; faults of this call
  double seconds = 0;
  std::uint64_t new_steps = 0;
};
CollectResult Collect(const CollectConfig& config, const std::string& config_toml);
// design.md's keys for `collect --json`.
nlohmann::json ToJson(const CollectConfig& config, const CollectResult& result);

}  // namespace genba::trainer
