#include "policies/network.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include "core/error.h"

namespace genba::policies {

TrainingBatch To(const TrainingBatch& batch, const at::Device& device) {
  const auto moved = [&](const at::Tensor& x) { return x.defined() ? x.to(device) : x; };
  return {moved(batch.obs),   moved(batch.actions), moved(batch.mask),
          moved(batch.noise), moved(batch.time),    To(batch.text, device)};
}

Network::Network(const EnvSpec& spec, const PolicyConfig& config, const TextShape& text, const Normalizer& normalizer,
                 const at::Device& device)
    : encoder_(spec, config, text, normalizer, layout_, device),
      head_(config, encoder_.context_dim(), spec.action_dim(), layout_),
      action_mean_(at::tensor(at::ArrayRef<float>(normalizer.action_mean), at::kFloat).to(device)),
      action_scale_(at::tensor(at::ArrayRef<float>(normalizer.action_scale), at::kFloat).to(device)),
      residual_width_(config.residual_width),
      residual_scale_(config.residual_scale) {
  if (!corrects()) return;
  correction_ =
      Mlp(layout_, kCorrection, encoder_.context_dim() + spec.action_dim(), residual_width_, spec.action_dim(), 0.0f);
}

at::Tensor Network::Loss(const Weights& weights, const TrainingBatch& batch) const {
  const EncodedText text = Select(reader().Read(weights, batch.text), batch.text.index);
  const Encoded encoded = encoder_.Encode(weights, batch.obs, text);
  const at::Tensor actions = (batch.actions - action_mean_) / action_scale_;
  return head_.Loss(weights, encoded.context, actions, batch.mask, batch.noise, batch.time);
}

at::Tensor Network::Context(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const {
  return encoder_.Encode(weights, obs, text).context;
}

at::Tensor Network::PlanFrom(const Weights& weights, const at::Tensor& context, const at::Tensor& noise) const {
  return head_.Sample(weights, context, noise) * action_scale_ + action_mean_;
}

at::Tensor Network::Plan(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                         const at::Tensor& noise) const {
  return PlanFrom(weights, Context(weights, obs, text), noise);
}

at::Tensor Network::Correct(const Weights& weights, const at::Tensor& context, const at::Tensor& planned) const {
  GENBA_CHECK(corrects(), "a policy that plays as planned");
  const at::Tensor seen = at::cat({context.detach(), planned.detach()}, 1);
  return planned.detach() + residual_scale_ * correction_(weights, seen);
}

at::Tensor Network::Predict(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                            const at::Tensor& noise) const {
  return Plan(weights, obs, text, noise).clamp(-1.0, 1.0);
}

at::Tensor Network::AnswerLogits(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const {
  return reader().AnswerLogits(weights, obs, text, reader().Ground(obs, text));
}

std::int64_t Network::flops(int text_tokens, bool training) const {
  return 2 * (encoder_.macs(text_tokens) + head_.macs(training)) + correction_flops();
}

}  // namespace genba::policies
