#include "policies/heads.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/silu.h>

#include <cmath>

#include "core/error.h"

namespace genba::policies {
namespace {

constexpr int kTimeFeatures = 16;  // sines and as many cosines

// [B] in [0, 1] → [B, 2 * kTimeFeatures], periods from 4e-3 to 4.
at::Tensor TimeFeatures(const at::Tensor& time) {
  const at::Tensor exponent = at::arange(kTimeFeatures, time.options()) / static_cast<double>(kTimeFeatures - 1);
  const at::Tensor frequency = (exponent * -std::log(1e3)).exp() * (2.0 * 3.14159265358979 / 4e-3);
  const at::Tensor angle = time.unsqueeze(1) * frequency.unsqueeze(0);
  return at::cat({angle.sin(), angle.cos()}, 1);
}

}  // namespace

at::Tensor MaskedMean(const at::Tensor& errors, const at::Tensor& mask) {
  const at::Tensor total = (errors * mask.unsqueeze(2)).sum();
  return total / (mask.sum() * static_cast<double>(errors.size(2))).clamp_min(1.0);
}

Head::Head(const PolicyConfig& config, int context_dim, int action_dim, ParameterLayout& layout)
    : flow_(config.head == "flow"), chunk_(config.chunk), action_dim_(action_dim), flow_steps_(config.flow_steps) {
  const int width = config.trunk_width;
  context_in_ = Linear(layout, "head.context", context_dim, width);
  if (flow_) {
    noisy_in_ = Linear(layout, "head.noisy", chunk_ * action_dim_, width);
    time_in_ = Linear(layout, "head.time", 2 * kTimeFeatures, width);
  }
  for (int i = 0; i < config.trunk_blocks; ++i) blocks_.emplace_back(layout, "head.block." + std::to_string(i), width);
  norm_ = LayerNorm(layout, "head.norm", width);
  out_ = Linear(layout, "head.out", width, chunk_ * action_dim_, flow_ ? 0.1f : 0.3f);
}

at::Tensor Head::Velocity(const Weights& weights, const at::Tensor& embedded, const at::Tensor& noisy,
                          const at::Tensor& time) const {
  at::Tensor x = embedded;
  if (flow_)
    x = x + noisy_in_(weights, noisy.reshape({noisy.size(0), chunk_ * action_dim_})) +
        time_in_(weights, TimeFeatures(time));
  x = at::silu(x);
  for (const ResidualMlp& block : blocks_) x = block(weights, x);
  return out_(weights, at::silu(norm_(weights, x))).view({embedded.size(0), chunk_, action_dim_});
}

at::Tensor Head::Loss(const Weights& weights, const at::Tensor& context, const at::Tensor& actions,
                      const at::Tensor& mask, const at::Tensor& noise, const at::Tensor& time) const {
  const at::Tensor embedded = context_in_(weights, context);
  if (!flow_) return MaskedMean((Velocity(weights, embedded, {}, {}) - actions).abs(), mask);
  const at::Tensor t = time.view({-1, 1, 1});
  // Padded steps hold nothing but noise, so that what they were padded with cannot be seen.
  const at::Tensor noisy = noise * (1.0 - t) + actions * mask.unsqueeze(2) * t;
  return MaskedMean((Velocity(weights, embedded, noisy, time) - (actions - noise)).square(), mask);
}

at::Tensor Head::Sample(const Weights& weights, const at::Tensor& context, const at::Tensor& noise) const {
  const at::Tensor embedded = context_in_(weights, context);
  if (!flow_) return Velocity(weights, embedded, {}, {});
  at::Tensor x = noise;
  for (int step = 0; step < flow_steps_; ++step) {
    const at::Tensor time = at::full({context.size(0)}, static_cast<double>(step) / flow_steps_, context.options());
    x = x + Velocity(weights, embedded, x, time) / static_cast<double>(flow_steps_);
  }
  return x;
}

std::int64_t Head::macs(bool training) const {
  std::int64_t each = out_.macs() + (flow_ ? noisy_in_.macs() + time_in_.macs() : 0);
  for (const ResidualMlp& block : blocks_) each += block.macs();
  return context_in_.macs() + each * (flow_ && !training ? flow_steps_ : 1);
}

}  // namespace genba::policies
