// optimizer.h - AdamW on one flat buffer, with clipping and a learning-rate schedule. Used by all training loops; one
// thread. Decoupled weight decay: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "policies/safetensors.h"

namespace genba::trainer {

struct AdamWConfig {
  double beta1 = 0.9, beta2 = 0.95;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  double clip_norm = 1.0;  // of the whole gradient
};

class FlatAdamW {
 public:
  // flat [n] is updated in place; gradient [n] is what the backward pass writes into.
  FlatAdamW(at::Tensor flat, at::Tensor gradient, const AdamWConfig& config);
  // Clips (without reading the norm back: it stays a tensor), updates, zeroes the gradient. Returns the norm before
  // clipping.
  at::Tensor Step(double learning_rate);
  // Step's second half, with a norm that is known: that of the whole, where gradient is a part (sharded_optimizer.h).
  void Update(double learning_rate, const at::Tensor& norm);
  std::int64_t step() const { return step_; }
  void set_step(std::int64_t step) { step_ = step; }
  // The running means of the gradient and of its square: the very tensors.
  const at::Tensor& exp_avg() const { return exp_avg_; }
  const at::Tensor& exp_avg_sq() const { return exp_avg_sq_; }

  // prefix.exp_avg, prefix.exp_avg_sq
  void Save(policies::TensorFile& file, const std::string& prefix = "optimizer") const;
  void Restore(const policies::TensorFile& file, const std::string& name, std::int64_t step,
               const std::string& prefix = "optimizer");

 private:
  AdamWConfig config_;
  at::Tensor flat_, gradient_, exp_avg_, exp_avg_sq_, steps_;
  std::int64_t step_ = 0;
};

// Linear warm-up to peak, then a cosine down to final_share of it at total.
double WarmupCosine(std::int64_t step, std::int64_t warmup, std::int64_t total, double peak, double final_share);

}  // namespace genba::trainer
