#include "policies/decoder.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/triu.h>
#include <ATen/ops/where.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"

namespace genba::policies {

namespace {

using nlohmann::json;

class ConfigReader {
 public:
  ConfigReader(const json& object, std::string file) : object_(object), file_(std::move(file)) {}

  int Int(const char* key, int low, int high) const {
    if (!object_.contains(key) || !object_[key].is_number_integer())
      throw BadInput({file_, key, "a whole number", Got(key)});
    const auto value = object_[key].get<std::int64_t>();
    if (value < low || value > high)
      throw BadInput({file_, key, std::to_string(low) + " … " + std::to_string(high), std::to_string(value)});
    return static_cast<int>(value);
  }
  int IntOr(const char* key, int fallback, int low, int high) const {
    return !object_.contains(key) || object_[key].is_null() ? fallback : Int(key, low, high);
  }
  double NumberOr(const char* key, double fallback, double low, double high) const {
    if (!object_.contains(key) || object_[key].is_null()) return fallback;
    if (!object_[key].is_number()) throw BadInput({file_, key, "a number", Got(key)});
    const double value = object_[key].get<double>();
    if (!(value >= low && value <= high)) throw BadInput({file_, key, "in range", Got(key)});
    return value;
  }
  // Options that would change the maths in a way this decoder does not implement.
  void Refuse(const char* key, const json& accepted) const {
    if (object_.contains(key) && !object_[key].is_null() && object_[key] != accepted)
      throw BadInput({file_, key, accepted.dump() + " (nothing else is implemented)", Got(key)});
  }
  std::string Got(const char* key) const {
    return object_.contains(key) ? object_[key].dump().substr(0, 60) : "nothing";
  }

 private:
  const json& object_;
  std::string file_;
};

// transformers 5 moved theta into rope_parameters; both spellings are read.
double RopeTheta(const json& object, const std::string& file) {
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    if (!object.contains(key) || object[key].is_null()) continue;
    const json& rope = object[key];
    const json type = rope.is_object() ? rope.value("rope_type", rope.value("type", json("default"))) : json(nullptr);
    if (type != "default")
      throw BadInput({file, std::string(key) + ".rope_type", "default (scaled rotary positions are not implemented)",
                      rope.dump().substr(0, 60)});
    if (rope.contains("rope_theta")) return ConfigReader(rope, file).NumberOr("rope_theta", 10000, 1, 1e9);
  }
  return ConfigReader(object, file).NumberOr("rope_theta", 10000, 1, 1e9);
}

float HalfToFloat(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16, exponent = (bits >> 10) & 0x1Fu, mantissa = bits & 0x3FFu;
  if (exponent == 0) return std::ldexp(static_cast<float>(mantissa), -24) * (sign != 0 ? -1.0f : 1.0f);
  const std::uint32_t full = exponent == 31 ? 0x7F800000u : (exponent + 112) << 23;
  return std::bit_cast<float>(sign | full | (mantissa << 13));
}

// 16-bit tensors as 32-bit ones; others as they are.
TensorData Widened(const TensorData& data) {
  if (data.type != TensorType::kBF16 && data.type != TensorType::kF16) return data;
  TensorData wide{TensorType::kF32, data.shape, std::string(data.bytes.size() * 2, '\0')};
  for (std::size_t i = 0; i < data.bytes.size() / 2; ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, data.bytes.data() + 2 * i, 2);
    const float value = data.type == TensorType::kBF16 ? std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16)
                                                       : HalfToFloat(bits);
    std::memcpy(wide.bytes.data() + 4 * i, &value, 4);
  }
  return wide;
}

at::Tensor RotateHalf(const at::Tensor& x) {
  const std::vector<at::Tensor> halves = x.chunk(2, -1);
  return at::cat({-halves[1], halves[0]}, -1);
}

}  // namespace

DecoderConfig ReadDecoderConfig(const std::filesystem::path& config_json) {
  const std::string file = config_json.string();
  const json object = json::parse(ReadFile(config_json, 1 << 20), nullptr, false);
  if (!object.is_object()) throw BadInput({file, "", "a JSON object", "something else"});
  const ConfigReader read(object, file);
  if (object.value("model_type", json("")) != "llama")
    throw BadInput({file, "model_type", "llama", read.Got("model_type")});
  read.Refuse("hidden_act", "silu");
  read.Refuse("attention_bias", false);
  read.Refuse("mlp_bias", false);
  DecoderConfig config;
  config.vocab_size = read.Int("vocab_size", 3, 1 << 20);
  config.hidden_size = read.Int("hidden_size", 2, 1 << 16);
  config.intermediate_size = read.Int("intermediate_size", 1, 1 << 18);
  config.num_hidden_layers = read.Int("num_hidden_layers", 1, 1024);
  config.num_attention_heads = read.Int("num_attention_heads", 1, 1024);
  config.num_key_value_heads = read.IntOr("num_key_value_heads", config.num_attention_heads, 1, 1024);
  config.head_dim = read.IntOr("head_dim", config.hidden_size / config.num_attention_heads, 2, 4096);
  config.rms_norm_eps = read.NumberOr("rms_norm_eps", 1e-6, 0, 1);
  config.rope_theta = RopeTheta(object, file);
  config.max_position_embeddings = read.IntOr("max_position_embeddings", 2048, 1, 1 << 24);
  config.tie_word_embeddings = object.value("tie_word_embeddings", json(false)) == true;
  if (config.num_attention_heads % config.num_key_value_heads != 0)
    throw BadInput(
        {file, "num_key_value_heads", "a divisor of num_attention_heads", std::to_string(config.num_key_value_heads)});
  if (config.head_dim % 2 != 0) throw BadInput({file, "head_dim", "an even number", std::to_string(config.head_dim)});
  return config;
}

std::string ToConfigJson(const DecoderConfig& c) {
  return json{{"architectures", {"LlamaForCausalLM"}},
              {"model_type", "llama"},
              {"hidden_act", "silu"},
              {"attention_bias", false},
              {"mlp_bias", false},
              {"vocab_size", c.vocab_size},
              {"hidden_size", c.hidden_size},
              {"intermediate_size", c.intermediate_size},
              {"num_hidden_layers", c.num_hidden_layers},
              {"num_attention_heads", c.num_attention_heads},
              {"num_key_value_heads", c.num_key_value_heads},
              {"head_dim", c.head_dim},
              {"rms_norm_eps", c.rms_norm_eps},
              {"rope_theta", c.rope_theta},
              {"max_position_embeddings", c.max_position_embeddings},
              {"tie_word_embeddings", c.tie_word_embeddings},
              {"bos_token_id", 1},
              {"eos_token_id", 2},
              {"torch_dtype", "float32"}}
             .dump(2) +
         "\n";
}

Decoder::Decoder(const DecoderConfig& config) : config_(config) {
  const int d = config.hidden_size, q = config.num_attention_heads * config.head_dim,
            kv = config.num_key_value_heads * config.head_dim;
  const float scale = 1.0f / std::sqrt(static_cast<float>(d));
  const float out_scale = scale / std::sqrt(2.0f * static_cast<float>(config.num_hidden_layers));
  embed_ = layout_.Add("model.embed_tokens.weight", {config.vocab_size, d}, 0, 0.02f);
  for (int i = 0; i < config.num_hidden_layers; ++i) {
    const std::string name = "model.layers." + std::to_string(i) + ".";
    Layer layer{};
    layer.input_norm = layout_.Add(name + "input_layernorm.weight", {d}, 1, 0);
    layer.q = layout_.Add(name + "self_attn.q_proj.weight", {q, d}, 0, scale);
    layer.k = layout_.Add(name + "self_attn.k_proj.weight", {kv, d}, 0, scale);
    layer.v = layout_.Add(name + "self_attn.v_proj.weight", {kv, d}, 0, scale);
    layer.o = layout_.Add(name + "self_attn.o_proj.weight", {d, q}, 0, out_scale);
    layer.post_norm = layout_.Add(name + "post_attention_layernorm.weight", {d}, 1, 0);
    layer.gate = layout_.Add(name + "mlp.gate_proj.weight", {config.intermediate_size, d}, 0, scale);
    layer.up = layout_.Add(name + "mlp.up_proj.weight", {config.intermediate_size, d}, 0, scale);
    layer.down = layout_.Add(name + "mlp.down_proj.weight", {d, config.intermediate_size}, 0, out_scale);
    layers_.push_back(layer);
  }
  final_norm_ = layout_.Add("model.norm.weight", {d}, 1, 0);
  head_ = config.tie_word_embeddings ? embed_ : layout_.Add("lm_head.weight", {config.vocab_size, d}, 0, scale);
}

at::Tensor Decoder::Norm(const at::Tensor& x, const at::Tensor& weight) const {
  return x * at::rsqrt(x.pow(2).mean(-1, true) + config_.rms_norm_eps) * weight;
}

at::Tensor Decoder::Attend(const Weights& weights, const Layer& layer, const at::Tensor& x, const at::Tensor& cos,
                           const at::Tensor& sin, const at::Tensor& mask) const {
  const auto heads = [&](int weight, int count) {
    return at::linear(x, weights[static_cast<std::size_t>(weight)])
        .view({x.size(0), x.size(1), count, config_.head_dim})
        .transpose(1, 2);
  };
  const auto rotate = [&](const at::Tensor& t) { return t * cos + RotateHalf(t) * sin; };
  const int groups = config_.num_attention_heads / config_.num_key_value_heads;
  const at::Tensor q = rotate(heads(layer.q, config_.num_attention_heads));
  const at::Tensor k = rotate(heads(layer.k, config_.num_key_value_heads)).repeat_interleave(groups, 1);
  const at::Tensor v = heads(layer.v, config_.num_key_value_heads).repeat_interleave(groups, 1);
  const at::Tensor mixed = at::scaled_dot_product_attention(q, k, v, mask).transpose(1, 2);
  return at::linear(mixed.reshape({x.size(0), x.size(1), -1}), weights[static_cast<std::size_t>(layer.o)]);
}

at::Tensor Decoder::Block(const Weights& weights, const Layer& layer, const at::Tensor& x, const at::Tensor& cos,
                          const at::Tensor& sin, const at::Tensor& mask) const {
  const auto at = [&](int index) -> const at::Tensor& { return weights[static_cast<std::size_t>(index)]; };
  const at::Tensor y = x + Attend(weights, layer, Norm(x, at(layer.input_norm)), cos, sin, mask);
  const at::Tensor z = Norm(y, at(layer.post_norm));
  return y + at::linear(at::silu(at::linear(z, at(layer.gate))) * at::linear(z, at(layer.up)), at(layer.down));
}

std::pair<at::Tensor, at::Tensor> Decoder::HiddenAndFinal(const Weights& weights, const at::Tensor& tokens,
                                                          const at::Tensor& lengths, int layer) const {
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

  at::Tensor x = at::embedding(weights[static_cast<std::size_t>(embed_)], tokens), chosen;
  for (int i = 0; i < config_.num_hidden_layers; ++i) {
    if (i == layer) chosen = x;
    x = Block(weights, layers_[static_cast<std::size_t>(i)], x, cos, sin, mask);
  }
  const at::Tensor final_hidden = Norm(x, weights[static_cast<std::size_t>(final_norm_)]);
  return {layer >= config_.num_hidden_layers ? final_hidden : chosen, final_hidden};
}

at::Tensor Decoder::Hidden(const Weights& weights, const at::Tensor& tokens, const at::Tensor& lengths,
                           int num_layers) const {
  GENBA_CHECK(num_layers >= 0 && num_layers <= config_.num_hidden_layers, "a layer the decoder has");
  return HiddenAndFinal(weights, tokens, lengths, num_layers).first;
}

at::Tensor Decoder::Logits(const Weights& weights, const at::Tensor& final_hidden) const {
  return at::linear(final_hidden, weights[static_cast<std::size_t>(head_)]);
}

double Decoder::GigaFlops(int num_tokens, int num_layers) const {
  const double d = config_.hidden_size, q = config_.num_attention_heads * config_.head_dim,
               kv = config_.num_key_value_heads * config_.head_dim;
  const double per_token = 2 * (2 * d * q + 2 * d * kv + 3 * d * config_.intermediate_size) + 4 * q * num_tokens;
  return 1e-9 * per_token * num_tokens * num_layers;
}

at::Tensor ReadDecoderWeights(const Decoder& decoder, const std::filesystem::path& safetensors) {
  TensorFile file = ReadSafetensors(safetensors);
  for (auto& [name, tensor] : file.tensors) tensor = Widened(tensor);
  if (decoder.config().tie_word_embeddings) file.tensors.erase("lm_head.weight");  // some checkpoints repeat it
  return decoder.layout().FromFile(file, safetensors.string());
}

}  // namespace genba::policies
