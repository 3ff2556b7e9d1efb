// ppo_loss.h - the arithmetic of proximal policy optimisation with a Gaussian of one deviation per action column
// (J. Schulman et al., "Proximal policy optimization algorithms", arXiv 1707.06347). Called by train_ppo. Pure; one
// thread.
#pragma once
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace genba::trainer {

struct Gaussian {
  at::Tensor mean;           // [B, A]
  at::Tensor log_deviation;  // [A]
};
at::Tensor LogProbability(const Gaussian& gaussian, const at::Tensor& action);  // [B], of all columns together
at::Tensor Entropy(const at::Tensor& log_deviation);                            // scalar [nats]
// KL(before || now), in closed form. [B]
at::Tensor Divergence(const Gaussian& before, const Gaussian& now);

// What a minibatch was played with.
struct PlayedBatch {
  at::Tensor action;           // [B, A] as drawn, not clamped
  Gaussian before;             // it was drawn from
  at::Tensor log_probability;  // [B] of it, then
  at::Tensor advantage;        // [B]
  at::Tensor returns;          // [B] in the critic's scale
};

// Means over the samples.
struct PpoTerms {
  at::Tensor policy;      // - min(ratio advantage, clip(ratio) advantage)
  at::Tensor value;       // squared error / 2
  at::Tensor divergence;  // no gradient
  at::Tensor clipped;     // share of ratios outside 1 ± clip, no gradient
};
PpoTerms ComputePpoTerms(const Gaussian& now, const at::Tensor& value, const PlayedBatch& played, double clip);

}  // namespace genba::trainer
