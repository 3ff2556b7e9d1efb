#include "trainer/ppo_samples.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "core/error.h"
#include "trainer/gae.h"
#include "trainer/tensors.h"

namespace genba::trainer {

namespace {

// Of rows in the critic's scale, in the scale of rewards.
std::vector<float> Values(std::span<const float> rows, const Judging& judging) {
  const at::NoGradGuard no_gradients;
  const auto count = static_cast<std::int64_t>(rows.size()) / judging.view.dim();
  if (count == 0) return {};
  const at::Tensor judged =
      judging.critic.Value(judging.weights, FloatTensor(rows, {count, judging.view.dim()})).contiguous();
  std::vector<float> values(judged.const_data_ptr<float>(), judged.const_data_ptr<float>() + count);
  for (float& value : values) value = value * judging.returns.deviation(0) + judging.returns.mean(0);
  return values;
}

// rollout.critic, final_critic: already in the critic's scale.
Advantages AdvantagesOf(const Rollout& rollout, const PpoConfig& config, const Judging& judging) {
  const std::vector<float> values = Values(rollout.critic, judging), finals = Values(rollout.final_critic, judging);
  std::vector<float> next(values.begin() + rollout.num_worlds, values.end());
  for (std::size_t k = 0; k < finals.size(); ++k) next[static_cast<std::size_t>(rollout.final_of[k])] = finals[k];
  return ComputeGae({.num_worlds = rollout.num_worlds,
                     .reward = rollout.reward,
                     .value = std::span(values).first(rollout.reward.size()),
                     .next_value = next,
                     .terminated = rollout.terminated,
                     .truncated = rollout.truncated,
                     .gamma = config.gamma,
                     .lambda = config.lambda});
}

void TakeTexts(const Rollout& rollout, const ToldTexts& told, PpoSamples& samples) {
  std::vector<int> distinct(rollout.text);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  samples.texts = told.Rows(distinct);
  samples.text = at::empty({static_cast<std::int64_t>(rollout.text.size())}, at::kLong);
  std::transform(rollout.text.begin(), rollout.text.end(), samples.text.mutable_data_ptr<std::int64_t>(),
                 [&](int id) { return std::lower_bound(distinct.begin(), distinct.end(), id) - distinct.begin(); });
}

}  // namespace

PpoSamples SamplesFrom(Rollout& rollout, const PpoConfig& config, const Judging& judging, const ToldTexts& told,
                       const at::Tensor& log_deviation) {
  const auto rows = static_cast<std::int64_t>(rollout.reward.size()),
             columns = static_cast<std::int64_t>(judging.view.dim()),
             obs_dim = static_cast<std::int64_t>(rollout.obs.size()) / rows, action_dim = log_deviation.size(0);
  const auto judged = std::span(rollout.critic).first(static_cast<std::size_t>(rows * columns));
  judging.states.Add(judged);
  judging.states.Apply(rollout.critic);
  judging.states.Apply(rollout.final_critic);
  Advantages learned = AdvantagesOf(rollout, config, judging);
  judging.returns.Add(learned.returns);
  judging.returns.Apply(learned.returns);

  PpoSamples samples;
  samples.obs = FloatTensor(rollout.obs, {rows, obs_dim});
  samples.critic = FloatTensor(judged, {rows, columns});
  samples.action = FloatTensor(rollout.action, {rows, action_dim});
  samples.before = {FloatTensor(rollout.mean, {rows, action_dim}), log_deviation.detach().clone()};
  samples.log_probability = FloatTensor(rollout.log_probability, {rows});
  samples.returns = FloatTensor(learned.returns, {rows});
  const at::Tensor advantage = FloatTensor(learned.advantage, {rows});
  samples.advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-6);
  TakeTexts(rollout, told, samples);
  return samples;
}

PlayedBatch PlayedOf(const PpoSamples& samples, const at::Tensor& rows) {
  const auto of = [&](const at::Tensor& all) { return all.index_select(0, rows); };
  return {of(samples.action),
          {of(samples.before.mean), samples.before.log_deviation},
          of(samples.log_probability),
          of(samples.advantage),
          of(samples.returns)};
}

}  // namespace genba::trainer
