#include "policies/reader.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/error.h"

namespace genba::policies {
namespace {

constexpr int kSetEvidence = 2;       // kinds of "something is named", say a colour and a shape
constexpr double kQuietEvidence = 3;  // words begin as saying little
constexpr std::int64_t kTextsPerGroup = 16, kMostTextGroups = 6;  // groups of texts of about equal length
// Of the loss on how much a text asks for: a word shall not also say what other words say already, or pairs never named
// together would ask for more than they mean.
constexpr double kSparing = 0.002;
constexpr int kUnknown = -1;         // a quantity, an answer
constexpr double kSmoothing = 0.05;  // of answers: none is quite sure, or one learned by heart would drown the others
constexpr int kJudges = 4;
constexpr double kCounted = 8;          // sharpness of "at least so many are there"
constexpr std::int64_t kStrongest = 3;  // columns a set is asked for in: a colour, a shape, and one too many
constexpr double kNever = 10;           // a log odds
constexpr double kSurely = 1e-4;        // what is left when nothing speaks against it

}  // namespace

TextBatch GatherTexts(FeatureSource& source, std::span<const std::string> texts, std::span<const int> choice,
                      int pad_to) {
  const auto features_of = [&](int id) -> const Features& { return source.Get(texts[static_cast<std::size_t>(id)]); };
  std::vector<std::pair<int, int>> distinct;  // length, text
  for (const int id : std::set<int>(choice.begin(), choice.end()))
    distinct.emplace_back(features_of(id).num_tokens, id);
  std::sort(distinct.begin(), distinct.end());
  const std::int64_t longest = distinct.back().first, tokens = std::max<std::int64_t>(pad_to, longest);
  GENBA_CHECK(pad_to == 0 || tokens == pad_to, "a text longer than the padding");

  TextBatch batch;
  const auto rows = static_cast<std::int64_t>(distinct.size());
  batch.tokens = at::zeros({rows, tokens, source.dim()}, at::kFloat);
  batch.mask = at::full({rows, 1, 1, tokens}, -std::numeric_limits<float>::infinity(), at::kFloat);
  std::map<int, std::int64_t> row_of;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto [length, id] = distinct[static_cast<std::size_t>(row)];
    const Features& features = features_of(id);
    GENBA_CHECK(length > 0 && features.dim == source.dim(), "features of a text are empty or of another size");
    std::copy(features.values.begin(), features.values.end(),
              batch.tokens.mutable_data_ptr<float>() + row * tokens * source.dim());
    std::fill_n(batch.mask.mutable_data_ptr<float>() + row * tokens, length, 0.0f);
    batch.lengths.push_back(length);
    row_of[id] = row;
  }
  batch.index = at::empty({static_cast<std::int64_t>(choice.size())}, at::kLong);
  std::transform(choice.begin(), choice.end(), batch.index.mutable_data_ptr<std::int64_t>(),
                 [&](int id) { return row_of[id]; });
  return batch;
}

TextBatch To(const TextBatch& batch, const at::Device& device) {
  return {batch.tokens.to(device), batch.mask.to(device), batch.index.to(device), batch.lengths};
}

ReadingBatch To(const ReadingBatch& batch, const at::Device& device) {
  return {To(batch.text, device), batch.obs.to(device),      batch.wanted.to(device),
          batch.known.to(device), batch.quantity.to(device), batch.answer.to(device)};
}

EncodedText Select(const EncodedText& text, const at::Tensor& index) {
  const auto rows = [&](const at::Tensor& from) { return from.defined() ? at::index_select(from, 0, index) : from; };
  return {rows(text.keys_values), rows(text.mask), rows(text.wanted), rows(text.quantity), rows(text.told)};
}

EncodedText Join(std::span<const EncodedText> texts) {
  GENBA_CHECK(!texts.empty(), "no texts to join");
  const auto all = [&](at::Tensor EncodedText::*member) {
    if (!(texts.front().*member).defined()) return at::Tensor();
    std::vector<at::Tensor> rows;
    for (const EncodedText& text : texts) rows.push_back(text.*member);
    return at::cat(rows, 0);
  };
  return {all(&EncodedText::keys_values), all(&EncodedText::mask), all(&EncodedText::wanted),
          all(&EncodedText::quantity), all(&EncodedText::told)};
}

Reader::Reader(const EnvSpec& spec, const ReaderShape& shape, const TextShape& text, ParameterLayout& layout,
               const at::Device& device)
    : word_dim_(text.word_dim), least_(at::tensor({1.0f, 2.0f, 3.0f, 1.0f}).to(device)) {  // "all" needs one
  const int d = shape.width;
  int offset = 0;
  for (const FieldSpec& field : spec.observation) {
    if (field.shape.size() == 2) {
      const std::vector<std::int64_t> identity(field.identity.begin(), field.identity.end());
      slots_.push_back({offset,
                        field.shape[0],
                        field.shape[1],
                        at::tensor(at::ArrayRef<std::int64_t>(identity), at::kLong).to(device),
                        {}});
      num_slots_ += field.shape[0];
      num_evidence_ += static_cast<int>(field.identity.size()) + kSetEvidence;
    }
    offset += field.size();
  }
  text_norm_ = LayerNorm(layout, "reader.norm", text.dim);
  text_in_ = Linear(layout, "reader.in", text.dim, d);
  word_norm_ = LayerNorm(layout, "reader.word_norm", text.word_dim);
  word_in_ = Linear(layout, "reader.word_in", text.word_dim, d);
  for (int i = 0; i < shape.blocks; ++i)
    text_blocks_.emplace_back(layout, "reader." + std::to_string(i), d, shape.attention_heads);
  text_out_norm_ = LayerNorm(layout, "reader.out_norm", d);
  if (shape.key_value_columns > 0) keys_values_ = Linear(layout, "reader.keys_values", d, shape.key_value_columns);
  evidence_ = Mlp(layout, "reader.evidence", d, d, 2 * num_evidence_);
  excluded_ = Linear(layout, "reader.excluded", d, 1);
  ask_bias_ = layout.Add("reader.ask.bias", {static_cast<std::int64_t>(slots_.size())}, 0, 0);
  judges_.emplace(JudgesShape{.members = kJudges,
                              .width = d,
                              .heads = shape.attention_heads,
                              .blocks = shape.blocks,
                              .text_dim = text.dim,
                              .named = num_named(),
                              .quantities = kNumQuantities,
                              .answers = kNumAnswers},
                  layout);
  std::size_t set = 0;
  for (const FieldSpec& field : spec.observation) {
    if (field.shape.size() != 2) continue;
    if (field.optional) slots_[set].needs = Linear(layout, "reader.needs." + field.name, num_named(), 1);
    ++set;
  }
}

int Reader::num_named() const {
  std::int64_t columns = 0;
  for (const SlotSet& set : slots_) columns += std::min(kStrongest, set.identity.numel()) + 1;
  return static_cast<int>(columns);
}

EncodedText Reader::Read(const Weights& weights, const TextBatch& texts) const {
  const std::int64_t rows = texts.tokens.size(0), padded = texts.tokens.size(1);
  const std::int64_t num_groups = std::clamp<std::int64_t>(rows / kTextsPerGroup, 1, kMostTextGroups);
  std::vector<EncodedText> groups;
  for (std::int64_t group = 0; group < num_groups; ++group) {
    const std::int64_t first = rows * group / num_groups, count = rows * (group + 1) / num_groups - first;
    const std::int64_t length = texts.lengths[static_cast<std::size_t>(first + count - 1)];
    EncodedText encoded = ReadRows(weights, texts.tokens.narrow(0, first, count).narrow(1, 0, length),
                                   texts.mask.narrow(0, first, count).narrow(3, 0, length));
    if (length < padded && encoded.keys_values.defined())
      encoded.keys_values = at::constant_pad_nd(encoded.keys_values, {0, 0, 0, padded - length});
    encoded.mask = texts.mask.narrow(0, first, count);
    groups.push_back(std::move(encoded));
  }
  return groups.size() == 1 ? groups.front() : Join(groups);
}

EncodedText Reader::ReadRows(const Weights& weights, const at::Tensor& tokens, const at::Tensor& mask) const {
  const at::Tensor alone = word_in_(weights, word_norm_(weights, tokens.narrow(-1, 0, word_dim_)));
  const at::Tensor normal = text_norm_(weights, tokens);
  at::Tensor words = text_in_(weights, normal);
  for (const Block& block : text_blocks_) words = block(weights, words, mask);
  words = text_out_norm_(weights, words);
  const at::Tensor told = judges_->Told(weights, normal, mask);
  return {keys_values_.weight < 0 ? at::Tensor() : keys_values_(weights, words), mask, Ask(weights, alone, words, mask),
          judges_->Quantity(weights, told), told};
}

// Every word gives evidence for every identity column, and evidence only adds up: log(1 + sum of exponentials over the
// words), which is never negative. What a word gives is its own (alone) and has two sides, as it is said or as it is
// excluded; the other words (read) only say which. So no word can forbid what another asks for: a colour and a shape
// that training never named together are still both asked for. A set's bias falls with the evidence that something is
// named at all: a bare "the nut" wants any colour, "the red nut" one. [U, C]
at::Tensor Reader::Ask(const Weights& weights, const at::Tensor& alone, const at::Tensor& read,
                       const at::Tensor& mask) const {
  const std::vector<at::Tensor> sides = evidence_(weights, alone).chunk(2, -1);
  const at::Tensor excluded = excluded_(weights, read).sigmoid();                   // [U, T, 1]
  const at::Tensor each = at::lerp(sides[0], sides[1], excluded) - kQuietEvidence;  // [U, T, evidence]
  const at::Tensor nothing = at::zeros({alone.size(0), 1, num_evidence_}, alone.options());
  const at::Tensor evidence = at::logsumexp(at::cat({nothing, each + mask.view({alone.size(0), -1, 1})}, 1), {1});
  const at::Tensor& bias = weights[static_cast<std::size_t>(ask_bias_)];
  std::vector<at::Tensor> asked;
  std::int64_t first = 0;
  for (std::size_t set = 0; set < slots_.size(); ++set) {
    const auto columns = slots_[set].identity.numel();
    asked.push_back(evidence.narrow(1, first, columns));
    asked.push_back(bias[static_cast<std::int64_t>(set)] -
                    evidence.narrow(1, first + columns, kSetEvidence).sum(1, true));
    first += columns + kSetEvidence;
  }
  return at::cat(asked, 1);
}

// The sum over a slot's identity columns of value times what the text asks of that column.
at::Tensor Reader::Ground(const at::Tensor& obs, const EncodedText& text) const {
  std::vector<at::Tensor> scores;
  std::int64_t first = 0;
  for (const SlotSet& set : slots_) {
    const std::int64_t columns = set.identity.numel();
    const at::Tensor is = obs.narrow(1, set.offset, set.count * set.columns)
                              .view({obs.size(0), set.count, set.columns})
                              .index_select(2, set.identity);
    const at::Tensor asked = text.wanted.narrow(1, first, columns).unsqueeze(2);
    scores.push_back(at::bmm(is, asked).squeeze(2) + text.wanted.narrow(1, first + columns, 1));
    first += columns + 1;
  }
  return at::cat(scores, 1);
}

at::Tensor Reader::Present(const at::Tensor& obs) const {
  std::vector<at::Tensor> present;
  for (const SlotSet& set : slots_)
    present.push_back(
        obs.narrow(1, set.offset, set.count * set.columns).view({obs.size(0), set.count, set.columns}).select(2, 0));
  return at::cat(present, 1);
}

// What must hold for an order to be carried out, each as a margin around 0: of every set that can be named one is meant,
// there are as many of the first as are asked for, and of the others not more than one is meant. What is meant and how
// many have teachers of their own: the answer's loss does not reach them. [B, conditions]
at::Tensor Reader::Conditions(const EncodedText& text, const std::vector<Meant>& meant) const {
  std::vector<at::Tensor> margins;
  for (std::size_t set = 0; set < slots_.size(); ++set) {
    if (slots_[set].identity.numel() == 0) continue;  // no text can mean one of it
    if (!slots_[set].needs) margins.push_back(meant[set].one);
    if (set > 0) margins.push_back((1.5 - meant[set].count) * kCounted);
  }
  const at::Tensor asked = at::softmax(text.quantity.detach(), 1);
  margins.push_back((((meant.front().count - least_ + 0.5) * kCounted) * asked).sum(1, true).clamp(-kNever, kNever));
  return at::cat(margins, 1);
}

std::vector<Reader::Meant> Reader::MeantOf(const at::Tensor& obs, const at::Tensor& grounding) const {
  const at::Tensor score = grounding.detach(), present = Present(obs);
  const at::Tensor meant = score.sigmoid() * present;
  std::vector<Meant> sets;
  std::int64_t first = 0;
  for (const SlotSet& set : slots_) {
    const at::Tensor of_set = score.narrow(1, first, set.count), is_there = present.narrow(1, first, set.count);
    sets.push_back({((is_there - 1) * kNever + of_set).amax({1}, true).clamp(-kNever, kNever),
                    meant.narrow(1, first, set.count).sum(1, true)});
    first += set.count;
  }
  return sets;
}

// Of sets that only some orders name one of: that one is meant, or that none has to be. Log probability of all. [B, 1]
at::Tensor Reader::ConditionsOfSome(const Weights& weights, const EncodedText& text,
                                    const std::vector<Meant>& meant) const {
  at::Tensor all = at::zeros_like(meant.front().one);
  for (std::size_t set = 0; set < slots_.size(); ++set) {
    if (!slots_[set].needs) continue;
    const at::Tensor needs = (*slots_[set].needs)(weights, Named(text)), &one = meant[set].one;
    all = all + at::logaddexp(at::log_sigmoid(-needs), at::log_sigmoid(needs) + at::log_sigmoid(one));
  }
  return all;
}

// How much is named, whatever the scene: of each set the strongest of what is asked for, and what is asked of every
// slot. A sentence in a new pattern is known as an order by what it names. [U, (kStrongest + 1) * sets]
at::Tensor Reader::Named(const EncodedText& text) const {
  std::vector<at::Tensor> columns;
  std::int64_t first = 0;
  for (const SlotSet& set : slots_) {
    const std::int64_t asked = set.identity.numel();
    const at::Tensor of_set = text.wanted.detach().narrow(1, first, asked);
    columns.push_back(std::get<0>(at::topk(of_set, std::min(kStrongest, asked), 1)) / kNever);
    columns.push_back(text.wanted.detach().narrow(1, first + asked, 1) / kNever);
    first += asked + 1;
  }
  return at::cat(columns, 1);
}

// A sentence is an order or is not, whatever the scene; an order can be carried out here or cannot, however it is said.
// Kept apart, so that neither has to be learned for every case of the other. That every condition holds is the product
// of what their margins are worth. Log probabilities.
at::Tensor Reader::Judgements(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                              const at::Tensor& grounding) const {
  const at::Tensor says = judges_->Says(weights, text.told, Named(text));  // [J, B, kNumAnswers]
  const std::vector<Meant> meant = MeantOf(obs, grounding);
  const at::Tensor possible =
      (at::log_sigmoid(Conditions(text, meant)).sum(1, true) + ConditionsOfSome(weights, text, meant))
          .clamp_max(-kSurely);
  const at::Tensor impossible = at::log1p(-possible.exp());
  static_assert(static_cast<int>(Answer::kAct) == 0 && static_cast<int>(Answer::kCannot) == 1);
  const at::Tensor order = says.narrow(2, 0, 1);
  const at::Tensor cannot = at::logaddexp(says.narrow(2, 1, 1), order + impossible);
  return at::cat({order + possible, cannot, says.narrow(2, 2, kNumAnswers - 2)}, 2);
}

at::Tensor Reader::AnswerLogits(const Weights& weights, const at::Tensor& obs, const EncodedText& text,
                                const at::Tensor& grounding) const {
  return at::logsumexp(Judgements(weights, obs, text, grounding), {0}) - std::log(judges_->members());
}

namespace {

// Mean over what is known; nothing where nothing is, as in a small part of a batch.
at::Tensor CrossEntropy(const at::Tensor& logits, const at::Tensor& targets, double smoothing) {
  return at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum, kUnknown, smoothing) /
         targets.ne(kUnknown).sum().clamp_min(1);
}

}  // namespace

ReadingLoss ComputeLoss(const Reader& reader, const Weights& weights, const ReadingBatch& batch) {
  const EncodedText text = Select(reader.Read(weights, batch.text), batch.text.index);
  const at::Tensor grounding = reader.Ground(batch.obs, text);
  const at::Tensor counts = reader.Present(batch.obs) * batch.known.unsqueeze(1);
  const at::Tensor each = at::binary_cross_entropy_with_logits(grounding, batch.wanted, {}, {}, at::Reduction::None);
  const at::Tensor sparing = kSparing * text.wanted.abs().mean();
  const at::Tensor judgements = reader.Judgements(weights, batch.obs, text, grounding);
  return {(each * counts).sum() / counts.sum().clamp_min(1) + sparing, CrossEntropy(text.quantity, batch.quantity, 0),
          CrossEntropy(judgements.flatten(0, 1), batch.answer.repeat({judgements.size(0)}), kSmoothing)};
}

std::int64_t Reader::macs(int text_tokens) const {
  std::int64_t each = text_in_.macs() + word_in_.macs() + evidence_.macs() + excluded_.macs();
  if (keys_values_.weight >= 0) each += keys_values_.macs();
  std::int64_t total = text_tokens * each + judges_->macs(text_tokens);
  for (const Block& block : text_blocks_) total += block.macs(text_tokens);
  return total;
}

}  // namespace genba::policies
