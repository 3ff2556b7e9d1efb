// heads.h - context → chunk of H normalised actions. Two ways, chosen by PolicyConfig::head.
// chunk: all actions at once, mean absolute error. flow: a velocity field that carries noise to actions,
// x_t = (1 - t) noise + t a, target a - noise, integrated by a few Euler steps from t = 0.
#pragma once
#include "policies/layers.h"
#include "policies/policy_config.h"

namespace genba::policies {

class Head {
 public:
  Head(const PolicyConfig& config, int context_dim, int action_dim, ParameterLayout& layout);

  bool needs_noise() const { return flow_; }
  int chunk() const { return chunk_; }
  int action_dim() const { return action_dim_; }
  // context [B, C], actions [B, H, A] normalised, mask [B, H] 1 for a real step; flow also noise [B, H, A]
  // and time [B].
  at::Tensor Loss(const Weights& weights, const at::Tensor& context, const at::Tensor& actions, const at::Tensor& mask,
                  const at::Tensor& noise, const at::Tensor& time) const;
  // [B, H, A] normalised; noise is unused by chunk.
  at::Tensor Sample(const Weights& weights, const at::Tensor& context, const at::Tensor& noise) const;
  std::int64_t macs(bool training) const;

 private:
  at::Tensor Velocity(const Weights& weights, const at::Tensor& embedded, const at::Tensor& noisy,
                      const at::Tensor& time) const;

  bool flow_;
  int chunk_, action_dim_, flow_steps_;
  Linear context_in_, noisy_in_, time_in_;
  std::vector<ResidualMlp> blocks_;
  LayerNorm norm_;
  Linear out_;
};

// Mean over real steps and action columns of errors [B, H, A]; mask [B, H]. Zero when nothing is real.
at::Tensor MaskedMean(const at::Tensor& errors, const at::Tensor& mask);

}  // namespace genba::policies
