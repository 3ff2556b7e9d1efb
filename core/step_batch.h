// step_batch.h - what one step of N worlds gives back, structure of arrays, allocated once from an EnvSpec.
// Written by VecEnv in its parallel pass (each world writes only its own rows); read by policies, recorder,
// trainer. Gymnasium's meanings: terminated = the task ended (success, failure, fault); truncated = out of
// time; on either, final_obs is the last observation of the ended episode and obs already the first of the
// next one.
#pragma once
#include <cstdint>
#include <vector>

#include "core/answer.h"
#include "core/spec.h"
#include "core/view.h"

namespace genba {

// What N worlds are told to do in a step.
struct Commands {
  std::vector<float> actions;        // [N, A] in [-1, 1]
  std::vector<Answer> answers;       // [N] only kAct moves, the others hold still
  std::vector<float> probabilities;  // [N] that the answer is right, 0 … 1
  // Of so many worlds: all act, nothing moves.
  void Fit(int num_worlds, int action_dim);
  int num_worlds() const { return static_cast<int>(answers.size()); }
  View2<float> action_view() { return {actions, num_worlds(), static_cast<int>(actions.size() / answers.size())}; }
};

struct StepBatch {
  explicit StepBatch(const EnvSpec& spec, int num_worlds);

  int num_worlds;                        // N
  std::vector<float> obs;                // [N, obs_dim] to act on next
  std::vector<float> final_obs;          // [N, obs_dim] valid where done
  std::vector<float> reward;             // [N] sum of the terms
  std::vector<float> reward_terms;       // [N, R]
  std::vector<float> measures;           // [N, M] units of EnvSpec::measures
  std::vector<float> expert_action;      // [N, A] the scripted expert's label for obs, noise-free
  std::vector<Answer> expert_answer;     // [N] what should be made of the instruction
  std::vector<std::uint8_t> active;      // [N] 0: the world had no episode to play in this step
  std::vector<std::uint8_t> terminated;  // [N]
  std::vector<std::uint8_t> truncated;   // [N]
  std::vector<std::uint8_t> success;     // [N] valid where done: strict success (design law 5)
  std::vector<std::uint8_t> cause;       // [N] index into EnvSpec::terminations
  std::vector<std::uint8_t> fault;       // [N] sim::Fault of the ended episode; 0 none
  std::vector<std::uint32_t> events;  // [N] task's event bits of this step (grasped, released, wrong part moved, …)

  bool done(int world) const {
    const auto w = static_cast<std::size_t>(world);
    return terminated[w] != 0 || truncated[w] != 0;
  }
  View2<float> obs_view() { return {obs, num_worlds, obs_dim_}; }
  View2<const float> obs_view() const { return {obs.data(), num_worlds, obs_dim_}; }
  View2<const float> expert_view() const { return {expert_action.data(), num_worlds, action_dim_}; }

 private:
  int obs_dim_;
  int action_dim_;
};

}  // namespace genba
