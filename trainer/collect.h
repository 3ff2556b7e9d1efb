// collect.h - plays episodes and writes them as a data set. Called by `genba collect` and the demo.
// Law: the shards' bytes depend on task, policy, seed and the settings that change bytes, not on worlds, threads, or
// how often the collection was stopped, killed and made longer. What is finished is committed within kCommitEvery
// seconds. Memory is bounded by worlds and the size of a shard. Failure: Error; what was committed stays.
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
  double negatives = 0;           // share of instructions that are not to be acted on
  int max_wanted = 0;             // most parts that an order asks for; 0: as many as the task has
  double max_fault_share = 0.05;  // more faults than this stop the collection
  ExpertNoise noise;
  policies::FeaturePlaces places;  // of the policy's backbone
  envs::Disturbances disturbances;
};
void Register(ConfigTable& table, CollectConfig& config);  // section "collect": both lists
// The settings that change bytes, resolved: what a data set stores and is compared by.
std::string StoredSettings(const CollectConfig& config);

inline constexpr double kCommitEvery = 20;  // [s] with the time a commit takes, a kill costs less than 30 s

struct CollectResult {
  std::uint64_t episodes = 0, steps = 0, successes = 0, faults = 0;  // of the whole data set; faults of this call
  double seconds = 0;
  std::uint64_t new_steps = 0;
};
CollectResult Collect(const CollectConfig& config);
// The same with somebody else acting; identity: what the data set calls them.
CollectResult Collect(const CollectConfig& config, Actor& actor, const std::string& identity);
// design.md's keys for `collect --json`.
nlohmann::json ToJson(const CollectConfig& config, const CollectResult& result);

}  // namespace genba::trainer
