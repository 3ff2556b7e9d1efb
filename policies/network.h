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

class Network {
 public:
  Network(const EnvSpec& spec, const PolicyConfig& config, const TextShape& text, const Normalizer& normalizer,
          const at::Device& device = at::kCPU);

  const ParameterLayout& layout() const { return layout_; }
  const Encoder& encoder() const { return encoder_; }
  const Reader& reader() const { return encoder_.reader(); }
  bool needs_noise() const { return head_.needs_noise(); }

  // Of the actions; what a text says is taught by ReadingLoss.
  at::Tensor Loss(const Weights& weights, const TrainingBatch& batch) const;
  // text with one row per sample → actions [B, H, A]; as they are played, in [-1, 1].
  at::Tensor Plan(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                  const at::Tensor& noise) const;
  at::Tensor Predict(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                     const at::Tensor& noise) const;
  // What is made of the texts in these scenes: logits in genba::Answer's order. [B, kNumAnswers]
  at::Tensor AnswerLogits(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const;
  // Floating point operations (2 per multiply-add) of one sample with a text of so many tokens, forward.
  std::int64_t flops(int text_tokens, bool training) const;

 private:
  ParameterLayout layout_;
  Encoder encoder_;
  Head head_;
  at::Tensor action_mean_, action_scale_;
};

}  // namespace genba::policies
