#include "policies/network.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/tensor.h>

namespace genba::policies {

namespace {
// Of the loss on how much a text asks for: a word shall not also say what other words say already, or pairs never named
// together would ask for more than they mean.
constexpr double kSparing = 0.002;
}  // namespace

Network::Network(const EnvSpec& spec, const PolicyConfig& config, int text_dim, const Normalizer& normalizer)
    : encoder_(spec, config, text_dim, normalizer, layout_),
      head_(config, encoder_.context_dim(), spec.action_dim(), layout_),
      action_mean_(at::tensor(at::ArrayRef<float>(normalizer.action_mean), at::kFloat)),
      action_scale_(at::tensor(at::ArrayRef<float>(normalizer.action_scale), at::kFloat)) {}

at::Tensor Network::Loss(const Weights& weights, const TrainingBatch& batch, double grounding_weight) const {
  const EncodedText text = Select(encoder_.EncodeText(weights, batch.text), batch.text.index);
  const Encoded encoded = encoder_.Encode(weights, batch.obs, text);
  const at::Tensor actions = (batch.actions - action_mean_) / action_scale_;
  const at::Tensor loss = head_.Loss(weights, encoded.context, actions, batch.mask, batch.noise, batch.time);
  if (!batch.wanted.defined() || grounding_weight == 0) return loss;
  const at::Tensor each =
      at::binary_cross_entropy_with_logits(encoded.grounding, batch.wanted, {}, {}, at::Reduction::None);
  const at::Tensor grounding = (each * encoded.present).sum() / encoded.present.sum();
  return loss + (grounding + kSparing * text.wanted.abs().mean()) * grounding_weight;
}

at::Tensor Network::Predict(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                            const at::Tensor& noise) const {
  const at::Tensor actions = head_.Sample(weights, encoder_.Encode(weights, obs, text).context, noise);
  return (actions * action_scale_ + action_mean_).clamp(-1.0, 1.0);
}

std::int64_t Network::flops(int text_tokens, bool training) const {
  return 2 * (encoder_.macs(text_tokens) + head_.macs(training));
}

}  // namespace genba::policies
