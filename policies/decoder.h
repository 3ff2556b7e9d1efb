// decoder.h - a Llama-shaped language model over ATen: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
// Weights as published checkpoints have them (LlamaForCausalLM names, rotate_half); only as many blocks as are asked
// for. Written functionally over a flat set of weights, so that pretraining can differentiate through it. One thread.
// Failure: Error(kBadInput) naming file and tensor.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "policies/decoder_config.h"
#include "policies/model_tensors.h"
#include "policies/parameters.h"

namespace genba::policies {

class Decoder {
 public:
  explicit Decoder(const DecoderConfig& config);     // whole, with the head that predicts the next token
  Decoder(const DecoderConfig& config, int layers);  // the embeddings and the first blocks; the final norm if it is all
  const DecoderConfig& config() const { return config_; }
  const ParameterLayout& layout() const { return layout_; }

  // Hidden states after num_layers blocks (0: the embeddings; L: after the final norm as well), [B, T, d].
  // tokens [B, T] int64; lengths [B] int64: tokens at and behind a row's length are padding.
  at::Tensor Hidden(const Weights& weights, const at::Tensor& tokens, const at::Tensor& lengths, int num_layers) const;
  // The same after each of several numbers of blocks, ascending, from one pass.
  std::vector<at::Tensor> HiddenAt(const Weights& weights, const at::Tensor& tokens, const at::Tensor& lengths,
                                   std::span<const int> num_layers) const;
  at::Tensor Logits(const Weights& weights, const at::Tensor& final_hidden) const;  // [B, T, vocab]
  // How much each token was expected: the logit, not normalised, that what stands before gave it; 0 for the first. Of a
  // model that predicts with its embeddings and has been run to its end. [B, T, 1]
  bool expects() const { return config_.tie_word_embeddings && final_norm_ >= 0; }
  at::Tensor Expectation(const Weights& weights, const at::Tensor& tokens, const at::Tensor& final_hidden) const;
  double GigaFlops(int num_tokens, int num_layers) const;  // of one text

 private:
  // Where each token stands, and which others it may see.
  struct Positions {
    at::Tensor cos, sin, mask;
  };
  struct Layer {
    int input_norm, q, k, v, o, post_norm, gate, up, down;
  };
  void AddLayers(int count);
  Positions PositionsOf(const at::Tensor& tokens, const at::Tensor& lengths) const;
  at::Tensor Attend(const Weights& weights, const Layer& layer, const at::Tensor& x, const Positions& positions) const;
  at::Tensor Block(const Weights& weights, const Layer& layer, const at::Tensor& x, const Positions& positions) const;
  at::Tensor Norm(const at::Tensor& x, const at::Tensor& weight) const;

  DecoderConfig config_;
  ParameterLayout layout_;
  int embed_ = -1, final_norm_ = -1, head_ = -1;
  std::vector<Layer> layers_;
};

// Weights in 16 or 32 bits become 32-bit floats in the layout's order. Everything is checked against what the files
// hold before memory is asked for, and no more is asked for than these weights. identity: SHA-256 over the tensors that
// were read, in the order of their names: the same however a model is cut into files, and whatever else lies in them.
struct DecoderWeights {
  at::Tensor flat;
  std::string identity;
};
DecoderWeights ReadDecoderWeights(const Decoder& decoder, const std::filesystem::path& folder);

}  // namespace genba::policies
