// episode_recorder.h - watches a VecEnv step by step and hands out whole episodes, in the order of their numbers.
// Called around every Step by collect and replay; one thread. What is held back for an earlier episode is bounded by
// the worlds: VecEnv gives the next number to whichever world is free. Faulted episodes are handed out too.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "envs/vec_env.h"

namespace genba::trainer {

// A finished episode, or one as far as it has come. The hashes are not in it yet: they cost time and can be made
// elsewhere.
struct Recorded {
  datasets::Episode episode;
  std::shared_ptr<const sim::Model> model;
};
datasets::Episode Completed(Recorded recorded);

class EpisodeRecorder {
 public:
  using Sink = std::function<void(Recorded)>;  // faulted ones come too: look at episode.fault
  EpisodeRecorder(const envs::VecEnv& env, std::string policy, Sink sink);

  void BeforeStep(const envs::VecEnv& env, const StepBatch& batch, const Commands& commands);
  void AfterStep(const envs::VecEnv& env, const StepBatch& batch);
  Recorded Running(int world) const { return running_[static_cast<std::size_t>(world)]; }  // so far

 private:
  void Begin(const envs::VecEnv& env, int world);
  void End(const envs::VecEnv& env, const StepBatch& batch, int world);
  void HandOut(Recorded recorded);

  std::string policy_;
  Sink sink_;
  std::vector<Recorded> running_;              // [N]
  std::map<std::uint64_t, Recorded> waiting_;  // ended before an earlier one
  std::uint64_t next_;                         // number of the next episode to hand out
};

// An instruction as an attribute of a file, which holds printable text: a NUL is shown as ␀, a tab as ␉. The plan has it
// as it was said.
std::string AsAttribute(const std::string& text);

// The description a data set of this environment has. policy: who acts, by content.
datasets::DatasetInfo DescribeDataset(const envs::VecEnv& env, const std::string& policy,
                                      const std::string& config_toml);

// Hash64 of the action, of the answer and its probability, then of the physics state they led to: what
// Episode::step_hashes holds.
struct HashedStep {
  std::span<const float> action;
  std::uint8_t answer;
  float probability;
};
std::uint64_t StepHash(const HashedStep& step, std::span<const double> physics_after);

}  // namespace genba::trainer
