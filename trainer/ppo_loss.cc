#include "trainer/ppo_loss.h"

#include <ATen/ops/minimum.h>

#include <cmath>
#include <numbers>

namespace genba::trainer {

namespace {

const double kLogTwoPi = std::log(2 * std::numbers::pi);

}  // namespace

at::Tensor LogProbability(const Gaussian& gaussian, const at::Tensor& action) {
  const at::Tensor scaled = (action - gaussian.mean) * (-gaussian.log_deviation).exp();
  return (-0.5 * scaled.square() - gaussian.log_deviation - 0.5 * kLogTwoPi).sum(1);
}

at::Tensor Entropy(const at::Tensor& log_deviation) { return (log_deviation + 0.5 * (1 + kLogTwoPi)).sum(); }

at::Tensor Divergence(const Gaussian& before, const Gaussian& now) {
  const at::Tensor squares = (2 * before.log_deviation).exp() + (before.mean - now.mean).square();
  return (now.log_deviation - before.log_deviation + squares / (2 * (2 * now.log_deviation).exp()) - 0.5).sum(1);
}

PpoTerms ComputePpoTerms(const Gaussian& now, const at::Tensor& value, const PlayedBatch& played, double clip) {
  const at::Tensor ratio = (LogProbability(now, played.action) - played.log_probability).exp();
  const at::Tensor kept = ratio.clamp(1 - clip, 1 + clip);
  const at::Tensor gain = at::minimum(ratio * played.advantage, kept * played.advantage);
  const at::Tensor outside = ((ratio.detach() - 1).abs() > clip).to(at::kFloat);
  return {-gain.mean(), 0.5 * (value - played.returns).square().mean(), Divergence(played.before, now).detach().mean(),
          outside.mean()};
}

}  // namespace genba::trainer
