#include "trainer/optimizer.h"

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "policies/parameters.h"

namespace genba::trainer {

FlatAdamW::FlatAdamW(at::Tensor flat, at::Tensor gradient, const AdamWConfig& config)
    : config_(config),
      flat_(std::move(flat)),
      gradient_(std::move(gradient)),
      exp_avg_(at::zeros_like(flat_)),
      exp_avg_sq_(at::zeros_like(flat_)),
      steps_(at::full({}, 0, flat_.options())) {}

at::Tensor FlatAdamW::Step(double learning_rate) {
  const at::Tensor norm = gradient_.norm();
  Update(learning_rate, norm);
  gradient_.zero_();
  return norm;
}

void FlatAdamW::Update(double learning_rate, const at::Tensor& norm) {
  gradient_.mul_(norm.add(1e-6).reciprocal().mul(config_.clip_norm).clamp_max(1.0));
  ++step_;
  steps_.fill_(static_cast<double>(step_));
  at::_fused_adamw_({flat_}, {gradient_}, {exp_avg_}, {exp_avg_sq_}, {}, {steps_}, learning_rate, config_.beta1,
                    config_.beta2, config_.weight_decay, config_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
}

void FlatAdamW::Save(policies::TensorFile& file, const std::string& prefix) const {
  file.tensors[prefix + ".exp_avg"] = policies::ToTensorData(exp_avg_);
  file.tensors[prefix + ".exp_avg_sq"] = policies::ToTensorData(exp_avg_sq_);
}

void FlatAdamW::Restore(const policies::TensorFile& file, const std::string& name, std::int64_t step,
                        const std::string& prefix) {
  const at::Tensor average = policies::TensorLike(file, prefix + ".exp_avg", exp_avg_, name),
                   squares = policies::TensorLike(file, prefix + ".exp_avg_sq", exp_avg_sq_, name);
  exp_avg_.copy_(average);
  exp_avg_sq_.copy_(squares);
  step_ = step;
}

double WarmupCosine(std::int64_t step, std::int64_t warmup, std::int64_t total, double peak, double final_share) {
  if (step < warmup) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
  const double along = std::min(
      1.0, static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, total - warmup)));
  return peak * (final_share + (1 - final_share) * 0.5 * (1 + std::cos(std::numbers::pi * along)));
}

}  // namespace genba::trainer
