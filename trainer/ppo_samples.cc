#include "trainer/ppo_samples.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "core/error.h"
#include "trainer/gae.h"
#include "trainer/shards.h"
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

// Learned from every rank's rows, shard by shard; this rank's are then in the scale.
void AddOfAll(const std::vector<std::span<float>>& rows, RunningScale& scale, Comm& comm, const char* operation) {
  std::vector<at::Tensor> measured;
  for (const std::span<float> own : rows) measured.push_back(DoubleTensor(scale.Measure(own)));
  const at::Tensor all = GatherShards(comm, measured, operation);
  for (std::int64_t shard = 0; shard < all.size(0); ++shard) {
    const at::Tensor row = all.select(0, shard);
    scale.Merge({row.const_data_ptr<double>(), static_cast<std::size_t>(row.numel())});
  }
}

void ApplyTo(const std::vector<std::span<float>>& rows, const RunningScale& scale) {
  for (const std::span<float> own : rows) scale.Apply(own);
}

// Of every rollout, what a field of it holds.
template <class Of>
std::vector<std::span<float>> Each(std::vector<Rollout>& rollouts, Of of) {
  std::vector<std::span<float>> rows;
  for (Rollout& rollout : rollouts) rows.push_back(of(rollout));
  return rows;
}

void ScaleStates(std::vector<Rollout>& rollouts, const Judging& judging, Comm& comm) {
  const auto columns = static_cast<std::size_t>(judging.view.dim());
  AddOfAll(Each(rollouts, [&](Rollout& r) { return std::span(r.critic).first(r.reward.size() * columns); }),
           judging.states, comm, "states");
  ApplyTo(Each(rollouts, [](Rollout& r) { return std::span(r.critic); }), judging.states);
  ApplyTo(Each(rollouts, [](Rollout& r) { return std::span(r.final_critic); }), judging.states);
}

std::vector<Advantages> ScaledAdvantages(const std::vector<Rollout>& rollouts, const PpoConfig& config,
                                         const Judging& judging, Comm& comm) {
  std::vector<Advantages> learned;
  std::vector<std::span<float>> returns, advantages;
  learned.reserve(rollouts.size());
  for (const Rollout& rollout : rollouts) {
    Advantages& one = learned.emplace_back(AdvantagesOf(rollout, config, judging));
    returns.emplace_back(one.returns);
    advantages.emplace_back(one.advantage);
  }
  AddOfAll(returns, judging.returns, comm, "returns");
  ApplyTo(returns, judging.returns);
  RunningScale of_these(1);
  AddOfAll(advantages, of_these, comm, "advantages");
  ApplyTo(advantages, of_these);
  return learned;
}

PpoSamples SamplesOf(const Rollout& rollout, const Advantages& learned, std::int64_t columns) {
  const auto rows = static_cast<std::int64_t>(rollout.reward.size());
  const auto of = [&](std::span<const float> values) {
    return FloatTensor(values, {rows, static_cast<std::int64_t>(values.size()) / rows});
  };
  PpoSamples samples;
  samples.obs = of(rollout.obs);
  samples.critic = of(std::span(rollout.critic).first(static_cast<std::size_t>(rows * columns)));
  samples.action = of(rollout.action);
  if (!rollout.planned.empty()) {
    samples.planned = of(rollout.planned);
    samples.context = of(rollout.context);
  }
  samples.before = {of(rollout.mean), rollout.log_deviation};
  samples.log_probability = FloatTensor(rollout.log_probability, {rows});
  samples.returns = FloatTensor(learned.returns, {rows});
  samples.advantage = FloatTensor(learned.advantage, {rows});
  return samples;
}

}  // namespace

void TakeTexts(const Rollout& rollout, const ToldTexts& told, PpoSamples& samples) {
  std::vector<int> distinct(rollout.text);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  samples.texts = told.Rows(distinct);
  samples.text = at::empty({static_cast<std::int64_t>(rollout.text.size())}, at::kLong);
  std::transform(rollout.text.begin(), rollout.text.end(), samples.text.mutable_data_ptr<std::int64_t>(),
                 [&](int id) { return std::lower_bound(distinct.begin(), distinct.end(), id) - distinct.begin(); });
}

std::vector<PpoSamples> SamplesFrom(std::vector<Rollout>& rollouts, const PpoConfig& config, const Judging& judging,
                                    Comm& comm) {
  ScaleStates(rollouts, judging, comm);
  const std::vector<Advantages> learned = ScaledAdvantages(rollouts, config, judging, comm);
  std::vector<PpoSamples> samples;
  for (std::size_t i = 0; i < rollouts.size(); ++i)
    samples.push_back(SamplesOf(rollouts[i], learned[i], judging.view.dim()));
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
