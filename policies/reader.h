// reader.h - what a text says: which slots it is about, how many, and whether it is to be acted on in this scene.
// Grounding: the text becomes a number for every identity column (colour, shape, rank), a slot's score is their sum
// over what it is. Attributes thus add up, so pairs never asked for work, and motion cannot leak into what is meant.
// The answer reads the sentence as a whole beside what the scene has of what it asks for. Called by Encoder, and alone by
// whoever only reads (probe). Plan is constant after construction; all weights are passed in. One thread.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/answer.h"
#include "core/spec.h"
#include "policies/features.h"
#include "policies/judges.h"
#include "policies/layers.h"

namespace genba::policies {

// How many an order may ask for: one, two, three, all.
inline constexpr int kNumQuantities = 4;

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
TextBatch To(const TextBatch& batch, const at::Device& device);

// What the words say, whatever the scene.
struct EncodedText {
  at::Tensor keys_values;  // [U, T, key_value_columns] the words as slots see them
  at::Tensor mask;         // [U, 1, 1, T]
  at::Tensor wanted;       // [U, C] what the text asks of a slot: a number per identity column of each set, then one
  at::Tensor quantity;     // [U, kNumQuantities] logits
  at::Tensor told;         // [U, judges * columns] the sentence as a whole, as each judge takes it
};
// Joins texts of equal T along U; index_select picks rows for a batch.
EncodedText Select(const EncodedText& text, const at::Tensor& index);
EncodedText Join(std::span<const EncodedText> texts);

struct ReaderShape {
  int width = 64;  // d
  int attention_heads = 4;
  int blocks = 2;             // transformer blocks over the words
  int key_value_columns = 0;  // of what the slots see; 0: nobody looks
};

class Reader {
 public:
  Reader(const EnvSpec& spec, const ReaderShape& shape, const TextShape& text, ParameterLayout& layout,
         const at::Device& device = at::kCPU);

  // Texts of about equal length are encoded together: padding would be most of the work otherwise.
  EncodedText Read(const Weights& weights, const TextBatch& texts) const;
  // obs [B, obs_dim] raw, text with U = B. Score of each slot, a logit: the text is about it. [B, num_slots()]
  at::Tensor Ground(const at::Tensor& obs, const EncodedText& text) const;
  // The answer in this scene, logits in genba::Answer's order. [B, kNumAnswers]
  at::Tensor AnswerLogits(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                          const at::Tensor& grounding) const;

  // The same of each judge alone, log probabilities; they learn by themselves, and their mean is the answer.
  // [J, B, kNumAnswers]
  at::Tensor Judgements(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                        const at::Tensor& grounding) const;

  at::Tensor Present(const at::Tensor& obs) const;  // [B, num_slots()] 1: there is something in this slot

  int num_slots() const { return num_slots_; }
  std::int64_t macs(int text_tokens) const;  // multiply-adds of one text

 private:
  struct SlotSet {
    int offset, count, columns;
    at::Tensor identity;          // int64: columns that say what a slot is
    std::optional<Linear> needs;  // where only some orders name one: whether this one has to, by what it names
  };

  EncodedText ReadRows(const Weights& weights, const at::Tensor& tokens, const at::Tensor& mask) const;
  at::Tensor Ask(const Weights& weights, const at::Tensor& alone, const at::Tensor& read, const at::Tensor& mask) const;
  struct Meant {            // of a set
    at::Tensor one, count;  // [B, 1] score of the likeliest that is there; how many are meant and there
  };
  std::vector<Meant> MeantOf(const at::Tensor& obs, const at::Tensor& grounding) const;  // of each
  at::Tensor Conditions(const EncodedText& text, const std::vector<Meant>& meant) const;
  at::Tensor ConditionsOfSome(const Weights& weights, const EncodedText& text, const std::vector<Meant>& meant) const;
  at::Tensor Named(const EncodedText& text) const;
  int num_named() const;

  std::vector<SlotSet> slots_;
  int num_slots_ = 0, num_evidence_ = 0;
  int word_dim_ = 0;
  at::Tensor least_;  // [kNumQuantities] so many there have to be
  LayerNorm text_norm_, word_norm_, text_out_norm_;
  Linear text_in_, word_in_;
  std::vector<Block> text_blocks_;
  Linear keys_values_;  // of the words, for every block over the slots
  Mlp evidence_;        // of a word, for every identity column and kind of naming, twice: as said and as excluded
  Linear excluded_;     // which of the two
  int ask_bias_ = -1;
  std::optional<Judges> judges_;
};

// Texts said in scenes, and what they mean there.
struct ReadingBatch {
  TextBatch text;
  at::Tensor obs;       // [B, obs_dim] raw; only what the slots are counts
  at::Tensor wanted;    // [B, num_slots] 1: the text is about this slot
  at::Tensor known;     // [B] 1: the text is about something that is known (an order)
  at::Tensor quantity;  // [B] int64, -1 where it is not known
  at::Tensor answer;    // [B] int64, -1 where there is none to learn from
};
ReadingBatch To(const ReadingBatch& batch, const at::Device& device);
struct ReadingLoss {
  at::Tensor grounding, quantity, answer;  // mean cross entropies [nats]
};
ReadingLoss ComputeLoss(const Reader& reader, const Weights& weights, const ReadingBatch& batch);

}  // namespace genba::policies
