// episode_recorder.h - watches a VecEnv step by step and hands out whole episodes, in the order of their numbers.
// Called around every Step by collect; one thread. Episodes that ended in a fault are reported, not handed out.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "envs/vec_env.h"

namespace genba::trainer {

class EpisodeRecorder {
 public:
  using Sink = std::function<void(const datasets::Episode&)>;  // faulted ones come too: look at episode.fault
  EpisodeRecorder(const envs::VecEnv& env, std::string policy, Sink sink);

  void BeforeStep(const envs::VecEnv& env, const StepBatch& batch, const std::vector<float>& actions);
  void AfterStep(const envs::VecEnv& env, const StepBatch& batch);

 private:
  void Begin(const envs::VecEnv& env, int world);
  void End(const envs::VecEnv& env, const StepBatch& batch, int world);
  void HandOut(datasets::Episode episode);

  std::string policy_;
  Sink sink_;
  std::vector<datasets::Episode> running_;              // [N]
  std::map<std::uint64_t, datasets::Episode> waiting_;  // ended before an earlier one
  std::uint64_t next_;                                  // number of the next episode to hand out
};

// The description a data set of this environment has.
datasets::DatasetInfo DescribeDataset(const envs::VecEnv& env, const std::string& config_toml);

// Hash64 of the action, then of the physics state it led to: what Episode::step_hashes holds.
std::uint64_t StepHash(std::span<const float> action, std::span<const double> physics_after);

}  // namespace genba::trainer
