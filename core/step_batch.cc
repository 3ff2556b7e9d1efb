#include "core/step_batch.h"

namespace genba {

void Commands::Fit(int num_worlds, int action_dim) {
  const auto worlds = static_cast<std::size_t>(num_worlds);
  actions.assign(worlds * static_cast<std::size_t>(action_dim), 0.0f);
  answers.assign(worlds, Answer::kAct);
  probabilities.assign(worlds, 1.0f);
}

StepBatch::StepBatch(const EnvSpec& spec, int n)
    : num_worlds(n), obs_dim_(spec.obs_dim()), action_dim_(spec.action_dim()) {
  const auto worlds = static_cast<std::size_t>(n);
  const auto rows = [worlds](int columns) { return worlds * static_cast<std::size_t>(columns); };
  obs.resize(rows(obs_dim_));
  final_obs.resize(rows(obs_dim_));
  reward.resize(worlds);
  reward_terms.resize(rows(spec.num_reward_terms()));
  measures.resize(rows(spec.num_measures()));
  expert_action.resize(rows(action_dim_));
  expert_answer.resize(worlds);
  for (auto* flags : {&active, &terminated, &truncated, &success, &cause, &fault}) flags->resize(worlds);
  events.resize(worlds);
}

}  // namespace genba
