// network.h - encoder and head put together: what a policy computes, without when. Constant after
// construction; every function takes the weights, and all its tensors are on the network's device. One thread.
#pragma once
#include "policies/encoder.h"
#include "policies/heads.h"

namespace genba::policies {

// One minibatch as tensors, raw units. noise and time only where the head needs them.
struct TrainingBatch {
  at::Tensor obs;      // [B, obs_dim]
  at::Tensor actions;  // [B, H, A] in [-1, 1]
  at::Tensor mask;     // [B, H] 1: a real step
  at::Tensor noise;    // [B, H, A] standard normal
  at::Tensor time;     // [B] in [0, 1)
  TextBatch text;
};
TrainingBatch To(const TrainingBatch& batch, const at::Device& device);

// Names of the parameters that correct what was planned begin with it.
inline constexpr const char* kCorrection = "correction";

class Network {
 public:
  Network(const EnvSpec& spec, const PolicyConfig& config, const TextShape& text, const Normalizer& normalizer,
          const at::Device& device = at::kCPU);

  const ParameterLayout& layout() const { return layout_; }
  const Encoder& encoder() const { return encoder_; }
  const Reader& reader() const { return encoder_.reader(); }
  bool needs_noise() const { return head_.needs_noise(); }
  int chunk() const { return head_.chunk(); }  // H
  int action_dim() const { return head_.action_dim(); }

  // Of the actions; what a text says is taught by ReadingLoss.
  at::Tensor Loss(const Weights& weights, const TrainingBatch& batch) const;
  // text with one row per sample → actions [B, H, A]; as they are played, in [-1, 1].
  at::Tensor Plan(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                  const at::Tensor& noise) const;
  at::Tensor Predict(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                     const at::Tensor& noise) const;
  // What is seen and meant, as head and correction take it. [B, C]
  at::Tensor Context(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const;
  // As Plan, of a context.
  at::Tensor PlanFrom(const Weights& weights, const at::Tensor& context, const at::Tensor& noise) const;
  // Where the policy corrects what it planned (PolicyConfig::residual_width; T. Silver et al., "Residual policy learning",
  // arXiv 1812.06298; of chunks: L. Ankile et al., arXiv 2407.16677). planned [B, A] as Plan gives it → [B, A]; before it
  // has learned, the same. No gradient reaches anything else.
  bool corrects() const { return residual_width_ > 0; }
  at::Tensor Correct(const Weights& weights, const at::Tensor& context, const at::Tensor& planned) const;
  // What is made of the texts in these scenes: logits in genba::Answer's order. [B, kNumAnswers]
  at::Tensor AnswerLogits(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const;
  // Floating point operations (2 per multiply-add) of one sample with a text of so many tokens, forward.
  std::int64_t flops(int text_tokens, bool training) const;
  std::int64_t correction_flops() const { return 2 * correction_.macs(); }  // one sample, forward

 private:
  ParameterLayout layout_;
  Encoder encoder_;
  Head head_;
  at::Tensor action_mean_, action_scale_;
  int residual_width_;
  double residual_scale_;
  Mlp correction_;
};

}  // namespace genba::policies
