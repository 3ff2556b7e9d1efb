// encoder.h - what the robot sees and is told → one vector per sample.
// An observation's rank-2 fields [K, C] are sets of slots (column 0: present), its rank-1 fields are vectors. What the
// text says is the Reader's matter. Slots carry no index: a slot asks the words (cross-attention) and compares itself with the other slots
// (self-attention), then a few pointers read out what is meant: the first ones a set each, the others any. So an
// instruction binds to attributes, and shuffling slots changes nothing.
// Plan is constant after construction; all weights are passed in. One thread.
#pragma once
#include "policies/normalizer.h"
#include "policies/policy_config.h"
#include "policies/reader.h"

namespace genba::policies {

struct Encoded {
  at::Tensor context;    // [B, context_dim()]
  at::Tensor grounding;  // [B, num_slots()] logit: the text is about this slot (sets in the spec's order)
  at::Tensor present;    // [B, num_slots()] 1: there is something in this slot
};

class Encoder {
 public:
  Encoder(const EnvSpec& spec, const PolicyConfig& config, const TextShape& text, const Normalizer& normalizer,
          ParameterLayout& layout, const at::Device& device = at::kCPU);

  const Reader& reader() const { return reader_; }
  // obs [B, obs_dim] raw, text with U = B.
  Encoded Encode(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const;

  int context_dim() const { return context_dim_; }
  int num_slots() const { return num_slots_; }
  std::int64_t macs(int text_tokens) const;  // multiply-adds of one sample, forward

 private:
  struct SlotSet {
    int offset, count, columns;
    Linear columns_in, context_in, wanted_in, out, value;
  };
  struct SlotBlock {
    LayerNorm norm;
    Linear query, out;
    Block block;
  };

  struct SlotTokens {     // the context token first, then every slot of every set
    at::Tensor x;         // [B, 1 + slots, d]
    at::Tensor geometry;  // [B, 1 + slots, d] what a slot's columns say without any mixing
    at::Tensor present;   // [B, 1 + slots] bool
  };

  at::Tensor Views(const at::Tensor& obs) const;
  at::Tensor VectorOf(const at::Tensor& views) const;
  SlotTokens Tokenize(const Weights& weights, const at::Tensor& obs, const at::Tensor& views, const at::Tensor& context,
                      const at::Tensor& meant) const;
  at::Tensor Compare(const Weights& weights, at::Tensor x, const at::Tensor& mask, const EncodedText& text) const;
  at::Tensor Point(const Weights& weights, const at::Tensor& x, const at::Tensor& geometry, const at::Tensor& mask,
                   const at::Tensor& grounding) const;
  at::Tensor PointerMask(const at::Tensor& mask) const;

  int obs_dim_, width_, heads_, pointers_;
  int vector_dim_ = 0, num_slots_ = 0, context_dim_ = 0;
  at::Tensor mean_, inverse_scale_;
  std::vector<std::pair<int, int>> vectors_;  // offset, size
  std::vector<SlotSet> slots_;
  Reader reader_;
  Mlp context_;
  std::vector<SlotBlock> blocks_;
  LayerNorm readout_norm_;
  Linear pointer_query_, pointer_key_value_;
};

}  // namespace genba::policies
