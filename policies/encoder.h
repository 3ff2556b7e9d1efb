// encoder.h - what the robot sees and is told → one vector per sample.
// An observation's rank-2 fields [K, C] are sets of slots (column 0: present), its rank-1 fields are vectors.
// Grounding: the text becomes a number for every identity column (colour, shape, rank), a slot's score is their sum
// over what it is. Attributes thus add up, so pairs never asked for work, and motion cannot leak into what is meant.
// Slots carry no index: a slot asks the words (cross-attention) and compares itself with the other slots
// (self-attention), then a few pointers read out what is meant: the first ones a set each, the others any. So an
// instruction binds to attributes, and shuffling slots changes nothing.
// Plan is constant after construction; all weights are passed in. One thread.
#pragma once
#include <memory>
#include <span>

#include "core/spec.h"
#include "policies/features.h"
#include "policies/layers.h"
#include "policies/normalizer.h"
#include "policies/policy_config.h"

namespace genba::policies {

// Features of the distinct texts of a batch, shortest first. mask [U, 1, 1, T]: 0 for a token, -infinity for padding.
struct TextBatch {
  at::Tensor tokens;  // [U, T, d_text]
  at::Tensor mask;
  at::Tensor index;          // [B] int64: which text a sample has
  std::vector<int> lengths;  // [U] tokens that are not padding, ascending
};

// Collects texts[choice[i]] for every sample; each distinct text once. pad_to: T, or 0 for the longest of the
// batch.
TextBatch GatherTexts(FeatureSource& source, std::span<const std::string> texts, std::span<const int> choice,
                      int pad_to);

// The words as the slots see them.
struct EncodedText {
  at::Tensor keys_values;  // [U, T, 2 d for each block]: one product, one selection and one gradient for all of them
  at::Tensor mask;         // [U, 1, 1, T]
  at::Tensor wanted;       // [U, C] what the text asks of a slot: a number per identity column of each set, then one
};
// Joins texts of equal T along U; index_select picks rows for a batch.
EncodedText Select(const EncodedText& text, const at::Tensor& index);
EncodedText Join(std::span<const EncodedText> texts);

struct Encoded {
  at::Tensor context;    // [B, context_dim()]
  at::Tensor grounding;  // [B, num_slots()] logit: the text is about this slot (sets in the spec's order)
  at::Tensor present;    // [B, num_slots()] 1: there is something in this slot
};

class Encoder {
 public:
  Encoder(const EnvSpec& spec, const PolicyConfig& config, int text_dim, const Normalizer& normalizer,
          ParameterLayout& layout);

  // Texts of about equal length are encoded together: padding would be most of the work otherwise.
  EncodedText EncodeText(const Weights& weights, const TextBatch& texts) const;
  // obs [B, obs_dim] raw, text with U = B.
  Encoded Encode(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const;

  int context_dim() const { return context_dim_; }
  int num_slots() const { return num_slots_; }
  std::int64_t macs(int text_tokens) const;  // multiply-adds of one sample, forward

 private:
  struct SlotSet {
    int offset, count, columns;
    at::Tensor identity;  // int64: columns that say what a slot is
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

  EncodedText EncodeRows(const Weights& weights, const at::Tensor& tokens, const at::Tensor& mask) const;
  at::Tensor Ask(const Weights& weights, const at::Tensor& alone, const at::Tensor& read, const at::Tensor& mask) const;
  at::Tensor Ground(const at::Tensor& obs, const at::Tensor& wanted) const;
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
  LayerNorm text_norm_, text_out_norm_;
  Linear text_in_;
  std::vector<Block> text_blocks_;
  Linear keys_values_;  // of the words, for every block over the slots
  Mlp evidence_;        // of a word, for every identity column and kind of naming, twice: as said and as excluded
  Linear excluded_;     // which of the two
  int ask_bias_ = -1, num_evidence_ = 0;
  Mlp context_;
  std::vector<SlotBlock> blocks_;
  LayerNorm readout_norm_;
  Linear pointer_query_, pointer_key_value_;
};

}  // namespace genba::policies
