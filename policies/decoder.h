// decoder.h - a Llama-shaped language model over ATen: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
// Read from config.json and model.safetensors as published checkpoints have them (LlamaForCausalLM names, rotate_half).
// Written functionally over a flat set of weights, so that pretraining can differentiate through it. One thread.
// Failure: Error(kBadInput) naming file and key, also for options of the family that are not implemented.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "policies/parameters.h"

namespace genba::policies {

struct DecoderConfig {
  int vocab_size = 0;
  int hidden_size = 0;  // d
  int intermediate_size = 0;
  int num_hidden_layers = 0;  // L
  int num_attention_heads = 0;
  int num_key_value_heads = 0;
  int head_dim = 0;
  double rms_norm_eps = 1e-5;
  double rope_theta = 10000;
  int max_position_embeddings = 0;
  bool tie_word_embeddings = false;
};
DecoderConfig ReadDecoderConfig(const std::filesystem::path& config_json);
std::string ToConfigJson(const DecoderConfig& config);  // as transformers reads it

class Decoder {
 public:
  explicit Decoder(const DecoderConfig& config);
  const DecoderConfig& config() const { return config_; }
  const ParameterLayout& layout() const { return layout_; }

  // Hidden states after num_layers blocks (0: the embeddings; L: after the final norm as well), [B, T, d].
  // tokens [B, T] int64; lengths [B] int64: tokens at and behind a row's length are padding.
  at::Tensor Hidden(const Weights& weights, const at::Tensor& tokens, const at::Tensor& lengths, int num_layers) const;
  // The state after `layer` blocks and the final one from one pass: what contrastive pretraining needs.
  std::pair<at::Tensor, at::Tensor> HiddenAndFinal(const Weights& weights, const at::Tensor& tokens,
                                                   const at::Tensor& lengths, int layer) const;
  at::Tensor Logits(const Weights& weights, const at::Tensor& final_hidden) const;  // [B, T, vocab]
  double GigaFlops(int num_tokens, int num_layers) const;                           // of one text

 private:
  struct Layer {
    int input_norm, q, k, v, o, post_norm, gate, up, down;
  };
  at::Tensor Attend(const Weights& weights, const Layer& layer, const at::Tensor& x, const at::Tensor& cos,
                    const at::Tensor& sin, const at::Tensor& mask) const;
  at::Tensor Block(const Weights& weights, const Layer& layer, const at::Tensor& x, const at::Tensor& cos,
                   const at::Tensor& sin, const at::Tensor& mask) const;
  at::Tensor Norm(const at::Tensor& x, const at::Tensor& weight) const;

  DecoderConfig config_;
  ParameterLayout layout_;
  int embed_, final_norm_, head_;
  std::vector<Layer> layers_;
};

// Weights in 16 or 32 bits become 32-bit floats in the layout's order.
at::Tensor ReadDecoderWeights(const Decoder& decoder, const std::filesystem::path& safetensors);

}  // namespace genba::policies
