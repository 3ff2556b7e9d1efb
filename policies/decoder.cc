#include "policies/decoder.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/triu.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>
#include <string_view>

#include "core/error.h"

namespace genba::policies {

namespace {

float Scale(const DecoderConfig& config) { return 1.0f / std::sqrt(static_cast<float>(config.hidden_size)); }
std::string LayerName(int i) { return "model.layers." + std::to_string(i) + "."; }

// A tensor that no Llama has (a bias, a second norm) would change the computation if it were heard. Old files keep the
// rotary frequencies, which follow from config.json, and files with tied embeddings the head.
void CheckNamesAreKnown(const ModelTensors& tensors, const DecoderConfig& config) {
  static const std::set<std::string, std::less<>> kInLayer = {"input_layernorm.weight",
                                                              "self_attn.q_proj.weight",
                                                              "self_attn.k_proj.weight",
                                                              "self_attn.v_proj.weight",
                                                              "self_attn.o_proj.weight",
                                                              "self_attn.rotary_emb.inv_freq",
                                                              "post_attention_layernorm.weight",
                                                              "mlp.gate_proj.weight",
                                                              "mlp.up_proj.weight",
                                                              "mlp.down_proj.weight"};
  static const std::set<std::string, std::less<>> kOutside = {"model.embed_tokens.weight", "model.norm.weight",
                                                              "lm_head.weight", "model.rotary_emb.inv_freq"};
  for (const auto& [name, found] : tensors.all()) {
    int layer = -1, used = 0;
    const bool in_layer = std::sscanf(name.c_str(), "model.layers.%4d.%n", &layer, &used) == 1 && used > 0 &&
                          layer >= 0 && layer < config.num_hidden_layers && name.starts_with(LayerName(layer)) &&
                          kInLayer.contains(std::string_view(name).substr(static_cast<std::size_t>(used)));
    if (!in_layer && !kOutside.contains(name))
      throw BadInput({found.reader->file(), name, "only tensors of this network", "an unknown tensor"});
  }
}

at::Tensor RotateHalf(const at::Tensor& x) {
  const std::vector<at::Tensor> halves = x.chunk(2, -1);
  return at::cat({-halves[1], halves[0]}, -1);
}

}  // namespace

Decoder::Decoder(const DecoderConfig& config) : Decoder(config, config.num_hidden_layers) {
  head_ = config.tie_word_embeddings
              ? embed_
              : layout_.Add("lm_head.weight", {config.vocab_size, config.hidden_size}, 0, Scale(config));
}

Decoder::Decoder(const DecoderConfig& config, int layers) : config_(config) {
  GENBA_CHECK(layers >= 0 && layers <= config.num_hidden_layers, "layers the model has");
  embed_ = layout_.Add("model.embed_tokens.weight", {config.vocab_size, config.hidden_size}, 0, 0.02f);
  AddLayers(layers);
  if (layers == config.num_hidden_layers) final_norm_ = layout_.Add("model.norm.weight", {config.hidden_size}, 1, 0);
}

void Decoder::AddLayers(int count) {
  const int d = config_.hidden_size, q = config_.num_attention_heads * config_.head_dim,
            kv = config_.num_key_value_heads * config_.head_dim, wide = config_.intermediate_size;
  const float scale = Scale(config_);
  const float out_scale = scale / std::sqrt(2.0f * static_cast<float>(config_.num_hidden_layers));
  for (int i = 0; i < count; ++i) {
    const std::string name = LayerName(i);
    Layer layer{};
    layer.input_norm = layout_.Add(name + "input_layernorm.weight", {d}, 1, 0);
    layer.q = layout_.Add(name + "self_attn.q_proj.weight", {q, d}, 0, scale);
    layer.k = layout_.Add(name + "self_attn.k_proj.weight", {kv, d}, 0, scale);
    layer.v = layout_.Add(name + "self_attn.v_proj.weight", {kv, d}, 0, scale);
    layer.o = layout_.Add(name + "self_attn.o_proj.weight", {d, q}, 0, out_scale);
    layer.post_norm = layout_.Add(name + "post_attention_layernorm.weight", {d}, 1, 0);
    layer.gate = layout_.Add(name + "mlp.gate_proj.weight", {wide, d}, 0, scale);
    layer.up = layout_.Add(name + "mlp.up_proj.weight", {wide, d}, 0, scale);
    layer.down = layout_.Add(name + "mlp.down_proj.weight", {d, wide}, 0, out_scale);
    layers_.push_back(layer);
  }
}

at::Tensor Decoder::Norm(const at::Tensor& x, const at::Tensor& weight) const {
  return x * at::rsqrt(x.pow(2).mean(-1, true) + config_.rms_norm_eps) * weight;
}

at::Tensor Decoder::Attend(const Weights& weights, const Layer& layer, const at::Tensor& x,
                           const Positions& positions) const {
  const auto heads = [&](int weight, int count) {
    return at::linear(x, weights[static_cast<std::size_t>(weight)])
        .view({x.size(0), x.size(1), count, config_.head_dim})
        .transpose(1, 2);
  };
  const auto rotate = [&](const at::Tensor& t) { return t * positions.cos + RotateHalf(t) * positions.sin; };
  const int groups = config_.num_attention_heads / config_.num_key_value_heads;
  const at::Tensor q = rotate(heads(layer.q, config_.num_attention_heads));
  const at::Tensor k = rotate(heads(layer.k, config_.num_key_value_heads)).repeat_interleave(groups, 1);
  const at::Tensor v = heads(layer.v, config_.num_key_value_heads).repeat_interleave(groups, 1);
  const at::Tensor mixed = at::scaled_dot_product_attention(q, k, v, positions.mask).transpose(1, 2);
  return at::linear(mixed.reshape({x.size(0), x.size(1), -1}), weights[static_cast<std::size_t>(layer.o)]);
}

at::Tensor Decoder::Block(const Weights& weights, const Layer& layer, const at::Tensor& x,
                          const Positions& positions) const {
  const auto at = [&](int index) -> const at::Tensor& { return weights[static_cast<std::size_t>(index)]; };
  const at::Tensor y = x + Attend(weights, layer, Norm(x, at(layer.input_norm)), positions);
  const at::Tensor z = Norm(y, at(layer.post_norm));
  return y + at::linear(at::silu(at::linear(z, at(layer.gate))) * at::linear(z, at(layer.up)), at(layer.down));
}

Decoder::Positions Decoder::PositionsOf(const at::Tensor& tokens, const at::Tensor& lengths) const {
  const std::int64_t num_tokens = tokens.size(1);
  const at::Tensor positions = at::arange(num_tokens, at::kFloat);
  const at::Tensor inverse =
      at::arange(0, config_.head_dim, 2, at::kFloat).div(config_.head_dim).mul(-std::log(config_.rope_theta)).exp();
  const at::Tensor half = at::outer(positions, inverse), angles = at::cat({half, half}, -1);
  const at::Tensor cos = angles.cos(), sin = angles.sin();
  // Causal, and blind to padding. A padded row still sees itself, so no row of scores is empty.
  const at::Tensor causal =
      at::triu(at::full({num_tokens, num_tokens}, -std::numeric_limits<float>::infinity(), at::kFloat), 1);
  const at::Tensor index = at::arange(num_tokens, at::kLong);
  const at::Tensor padded = (index.view({1, 1, 1, -1}) >= lengths.view({-1, 1, 1, 1}))
                                .logical_and(index.view({1, 1, 1, -1}) != index.view({1, 1, -1, 1}));
  const at::Tensor mask = causal.view({1, 1, num_tokens, num_tokens})
                              .expand({tokens.size(0), 1, -1, -1})
                              .masked_fill(padded, -std::numeric_limits<float>::infinity());
  return {cos, sin, mask};
}

std::vector<at::Tensor> Decoder::HiddenAt(const Weights& weights, const at::Tensor& tokens, const at::Tensor& lengths,
                                          std::span<const int> num_layers) const {
  GENBA_CHECK(std::is_sorted(num_layers.begin(), num_layers.end()), "depths ascend");
  const Positions positions = PositionsOf(tokens, lengths);
  at::Tensor x = at::embedding(weights[static_cast<std::size_t>(embed_)], tokens);
  std::vector<at::Tensor> hidden;
  int depth = 0;
  for (const int wanted : num_layers) {
    GENBA_CHECK(wanted >= 0 && wanted <= static_cast<int>(layers_.size()), "layers the decoder has");
    while (depth < wanted) x = Block(weights, layers_[static_cast<std::size_t>(depth++)], x, positions);
    const bool last = wanted == config_.num_hidden_layers;
    hidden.push_back(last ? Norm(x, weights[static_cast<std::size_t>(final_norm_)]) : x);
  }
  return hidden;
}

at::Tensor Decoder::Hidden(const Weights& weights, const at::Tensor& tokens, const at::Tensor& lengths,
                           int num_layers) const {
  return HiddenAt(weights, tokens, lengths, std::span(&num_layers, 1)).front();
}

at::Tensor Decoder::Logits(const Weights& weights, const at::Tensor& final_hidden) const {
  return at::linear(final_hidden, weights[static_cast<std::size_t>(head_)]);
}

at::Tensor Decoder::Expectation(const Weights& weights, const at::Tensor& tokens,
                                const at::Tensor& final_hidden) const {
  GENBA_CHECK(expects(), "a model that predicts with its embeddings, with its final norm");
  const std::int64_t later = tokens.size(1) - 1;
  const at::Tensor said = at::embedding(weights[static_cast<std::size_t>(embed_)], tokens.narrow(1, 1, later));
  return at::constant_pad_nd((final_hidden.narrow(1, 0, later) * said).sum(-1, true), {0, 0, 1, 0});
}

double Decoder::GigaFlops(int num_tokens, int num_layers) const {
  const double d = config_.hidden_size, q = config_.num_attention_heads * config_.head_dim,
               kv = config_.num_key_value_heads * config_.head_dim;
  const double per_token = 2 * (2 * d * q + 2 * d * kv + 3 * d * config_.intermediate_size) + 4 * q * num_tokens;
  return 1e-9 * per_token * num_tokens * num_layers;
}

DecoderWeights ReadDecoderWeights(const Decoder& decoder, const std::filesystem::path& folder) {
  const ModelTensors tensors(folder);
  CheckNamesAreKnown(tensors, decoder.config());
  std::vector<Parameter> wanted = decoder.layout().parameters();
  std::sort(wanted.begin(), wanted.end(), [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
  for (const Parameter& parameter : wanted) tensors.Find(parameter.name, parameter.shape);
  DecoderWeights weights{at::zeros({decoder.layout().flat_size()}, at::kFloat), ""};
  Sha256Stream hash;
  for (const Parameter& parameter : wanted) {
    ReadAsFloats(parameter.name, tensors.Find(parameter.name, parameter.shape),
                 std::span(weights.flat.mutable_data_ptr<float>() + parameter.offset,
                           static_cast<std::size_t>(parameter.size())),
                 hash);
  }
  weights.identity = hash.Finish();
  return weights;
}

}  // namespace genba::policies
