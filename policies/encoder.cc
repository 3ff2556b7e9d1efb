#include "policies/encoder.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>
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

constexpr double kClip = 10;  // deviations; an outlier must not swamp the network
// Beside its normalised value every column is shown through tanh at finer scales: a distance of a millimetre
// matters when grasping although distances vary by decimetres.
constexpr double kFineScales[] = {4, 16};
constexpr int kViews = 3;
constexpr int kSetEvidence = 2;   // kinds of "something is named", say a colour and a shape
constexpr double kSharpness = 5;  // of pointers: what is meant is read pure, a few per cent of others are millimetres
constexpr double kQuietEvidence = 3;                              // words begin as saying little
constexpr std::int64_t kTextsPerGroup = 16, kMostTextGroups = 6;  // groups of texts of about equal length

at::Tensor Constant(const std::vector<float>& values) { return at::tensor(at::ArrayRef<float>(values), at::kFloat); }

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

EncodedText Select(const EncodedText& text, const at::Tensor& index) {
  return {at::index_select(text.keys_values, 0, index), at::index_select(text.mask, 0, index),
          at::index_select(text.wanted, 0, index)};
}

EncodedText Join(std::span<const EncodedText> texts) {
  GENBA_CHECK(!texts.empty(), "no texts to join");
  std::vector<at::Tensor> keys_values, masks, wanted;
  for (const EncodedText& text : texts) {
    keys_values.push_back(text.keys_values);
    masks.push_back(text.mask);
    wanted.push_back(text.wanted);
  }
  return {at::cat(keys_values, 0), at::cat(masks, 0), at::cat(wanted, 0)};
}

Encoder::Encoder(const EnvSpec& spec, const PolicyConfig& config, int text_dim, const Normalizer& normalizer,
                 ParameterLayout& layout)
    : obs_dim_(spec.obs_dim()), width_(config.width), heads_(config.attention_heads), pointers_(config.pointers) {
  const int d = width_;
  mean_ = Constant(normalizer.obs_mean);
  inverse_scale_ = Constant(normalizer.obs_scale).reciprocal();
  int offset = 0;
  for (const FieldSpec& field : spec.observation) {
    if (field.shape.size() == 2) {
      const std::string name = "encoder.slots." + field.name;
      const int columns = kViews * field.shape[1];
      slots_.push_back({offset, field.shape[0], field.shape[1],
                        at::tensor(at::ArrayRef<std::int64_t>(
                                       std::vector<std::int64_t>(field.identity.begin(), field.identity.end())),
                                   at::kLong),
                        Linear(layout, name + ".columns", columns, d, 1.4f),
                        Linear(layout, name + ".context", d, d, 0.5f), Linear(layout, name + ".wanted", 1, d),
                        Linear(layout, name + ".out", d, d), Linear(layout, name + ".value", columns, d)});
      num_slots_ += field.shape[0];
      num_evidence_ += static_cast<int>(field.identity.size()) + kSetEvidence;
    } else {
      vectors_.emplace_back(offset, field.size());
      vector_dim_ += kViews * field.size();
    }
    offset += field.size();
  }
  GENBA_CHECK(vector_dim_ > 0 && !slots_.empty(), "an observation needs a vector field and a slot field");
  text_norm_ = LayerNorm(layout, "encoder.text.norm", text_dim);
  text_in_ = Linear(layout, "encoder.text.in", text_dim, d);
  for (int i = 0; i < config.text_blocks; ++i)
    text_blocks_.emplace_back(layout, "encoder.text." + std::to_string(i), d, heads_);
  text_out_norm_ = LayerNorm(layout, "encoder.text.out_norm", d);
  keys_values_ = Linear(layout, "encoder.text.keys_values", d, 2 * config.blocks * d);
  context_ = Mlp(layout, "encoder.context", vector_dim_, d, d);
  for (int i = 0; i < config.blocks; ++i) {
    const std::string name = "encoder.block." + std::to_string(i);
    blocks_.push_back({LayerNorm(layout, name + ".norm", d), Linear(layout, name + ".query", d, d),
                       Linear(layout, name + ".out", d, d, 0.5f), Block(layout, name, d, heads_)});
  }
  readout_norm_ = LayerNorm(layout, "encoder.readout.norm", d);
  evidence_ = Mlp(layout, "encoder.evidence", d, d, 2 * num_evidence_);
  excluded_ = Linear(layout, "encoder.excluded", d, 1);
  ask_bias_ = layout.Add("encoder.ask.bias", {static_cast<std::int64_t>(slots_.size())}, 0, 0);
  pointer_query_ = Linear(layout, "encoder.readout.query", d, pointers_ * d);
  pointer_key_value_ = Linear(layout, "encoder.readout.key_value", d, 2 * d);
  context_dim_ = d + pointers_ * d + vector_dim_;
}

EncodedText Encoder::EncodeText(const Weights& weights, const TextBatch& texts) const {
  const std::int64_t rows = texts.tokens.size(0), padded = texts.tokens.size(1);
  const std::int64_t num_groups = std::clamp<std::int64_t>(rows / kTextsPerGroup, 1, kMostTextGroups);
  std::vector<EncodedText> groups;
  for (std::int64_t group = 0; group < num_groups; ++group) {
    const std::int64_t first = rows * group / num_groups, count = rows * (group + 1) / num_groups - first;
    const std::int64_t length = texts.lengths[static_cast<std::size_t>(first + count - 1)];
    EncodedText encoded = EncodeRows(weights, texts.tokens.narrow(0, first, count).narrow(1, 0, length),
                                     texts.mask.narrow(0, first, count).narrow(3, 0, length));
    if (length < padded) encoded.keys_values = at::constant_pad_nd(encoded.keys_values, {0, 0, 0, padded - length});
    encoded.mask = texts.mask.narrow(0, first, count);
    groups.push_back(std::move(encoded));
  }
  return groups.size() == 1 ? groups.front() : Join(groups);
}

EncodedText Encoder::EncodeRows(const Weights& weights, const at::Tensor& tokens, const at::Tensor& mask) const {
  const at::Tensor alone = text_in_(weights, text_norm_(weights, tokens));
  at::Tensor words = alone;
  for (const Block& block : text_blocks_) words = block(weights, words, mask);
  words = text_out_norm_(weights, words);
  return {keys_values_(weights, words), mask, Ask(weights, alone, words, mask)};
}

// Every word gives evidence for every identity column, and evidence only adds up: log(1 + sum of exponentials over the
// words), which is never negative. What a word gives is its own (alone) and has two sides, as it is said or as it is
// excluded; the other words (read) only say which. So no word can forbid what another asks for: a colour and a shape
// that training never named together are still both asked for. A set's bias falls with the evidence that something is
// named at all: a bare "the nut" wants any colour, "the red nut" one. [U, C]
at::Tensor Encoder::Ask(const Weights& weights, const at::Tensor& alone, const at::Tensor& read,
                        const at::Tensor& mask) const {
  const std::vector<at::Tensor> sides = evidence_(weights, alone).chunk(2, -1);
  const at::Tensor excluded = excluded_(weights, read).sigmoid();                   // [U, T, 1]
  const at::Tensor each = at::lerp(sides[0], sides[1], excluded) - kQuietEvidence;  // [U, T, evidence]
  const at::Tensor nothing = at::zeros({alone.size(0), 1, num_evidence_}, at::kFloat);
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

// Score of each slot: the sum over its identity columns of value times what the text asks of that column. [B, slots]
at::Tensor Encoder::Ground(const at::Tensor& obs, const at::Tensor& wanted) const {
  std::vector<at::Tensor> scores;
  std::int64_t first = 0;
  for (const SlotSet& set : slots_) {
    const std::int64_t columns = set.identity.numel();
    const at::Tensor is = obs.narrow(1, set.offset, set.count * set.columns)
                              .view({obs.size(0), set.count, set.columns})
                              .index_select(2, set.identity);
    const at::Tensor asked = wanted.narrow(1, first, columns).unsqueeze(2);
    scores.push_back(at::bmm(is, asked).squeeze(2) + wanted.narrow(1, first + columns, 1));
    first += columns + 1;
  }
  return at::cat(scores, 1);
}

// [B, P, 1 + slots]: pointer i reads set i only (or the context token, which is always there); the others read all
// sets.
at::Tensor Encoder::PointerMask(const at::Tensor& mask) const {
  at::Tensor reach = at::zeros({1, pointers_, 1 + num_slots_}, at::kFloat);
  int first = 1;
  for (std::size_t set = 0; set < slots_.size(); ++set) {
    if (static_cast<int>(set) < pointers_) {
      const at::Tensor row = reach.select(1, static_cast<std::int64_t>(set));
      row.narrow(1, 1, num_slots_).fill_(-std::numeric_limits<float>::infinity());
      row.narrow(1, first, slots_[set].count).zero_();
    }
    first += slots_[set].count;
  }
  return mask.unsqueeze(1) + reach;
}

// Every column normalised, and at the finer scales. [B, kViews, obs_dim]
at::Tensor Encoder::Views(const at::Tensor& obs) const {
  const at::Tensor scaled = obs * inverse_scale_;
  std::vector<at::Tensor> views = {((obs - mean_) * inverse_scale_).clamp(-kClip, kClip)};
  for (const double scale : kFineScales) views.push_back(at::tanh(scaled * scale));
  return at::stack(views, 1);
}

// The fields without slots, side by side. [B, vector_dim]
at::Tensor Encoder::VectorOf(const at::Tensor& views) const {
  std::vector<at::Tensor> parts;
  for (const auto& [offset, size] : vectors_)
    parts.push_back(views.narrow(2, offset, size).reshape({views.size(0), kViews * size}));
  return at::cat(parts, 1);
}

// context [B, 1, d]; meant [B, slots] in 0 … 1.
Encoder::SlotTokens Encoder::Tokenize(const Weights& weights, const at::Tensor& obs, const at::Tensor& views,
                                      const at::Tensor& context, const at::Tensor& meant) const {
  const std::int64_t batch = obs.size(0);
  std::vector<at::Tensor> tokens = {context}, geometry = {at::zeros_like(context)},
                          present = {at::ones({batch, 1}, at::kFloat)};
  int first_slot = 0;
  for (const SlotSet& set : slots_) {
    const at::Tensor columns = views.narrow(2, set.offset, set.count * set.columns)
                                   .reshape({batch, kViews, set.count, set.columns})
                                   .transpose(1, 2)
                                   .reshape({batch, set.count, kViews * set.columns});
    const at::Tensor set_meant = meant.narrow(1, first_slot, set.count).unsqueeze(2);
    first_slot += set.count;
    tokens.push_back(set.out(weights, at::silu(set.columns_in(weights, columns) + set.context_in(weights, context) +
                                               set.wanted_in(weights, set_meant))));
    geometry.push_back(set.value(weights, columns));
    present.push_back(
        obs.narrow(1, set.offset, set.count * set.columns).view({batch, set.count, set.columns}).select(2, 0));
  }
  return {at::cat(tokens, 1), at::cat(geometry, 1), at::cat(present, 1) >= 0.5};
}

// Slots ask the words, then compare themselves with each other. mask [B, 1 + slots] is added to the scores.
// [B, 1 + slots, d]
at::Tensor Encoder::Compare(const Weights& weights, at::Tensor x, const at::Tensor& mask,
                            const EncodedText& text) const {
  const at::Tensor wide_mask = mask.view({x.size(0), 1, 1, x.size(1)});
  const std::vector<at::Tensor> keys_values = text.keys_values.split(width_, 2);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const SlotBlock& block = blocks_[i];
    x = x + block.out(weights, Attend(block.query(weights, block.norm(weights, x)), keys_values[2 * i],
                                      keys_values[2 * i + 1], text.mask, heads_));
    x = block.block(weights, x, wide_mask);
  }
  return readout_norm_(weights, x);
}

// What the pointers read: only what is meant, and among it what they have learned to look for (the nearest, say).
// Without the choice they would see the mean of two nuts. [B, pointers * d]
at::Tensor Encoder::Point(const Weights& weights, const at::Tensor& x, const at::Tensor& geometry,
                          const at::Tensor& mask, const at::Tensor& grounding) const {
  const std::int64_t batch = x.size(0);
  const at::Tensor queries = pointer_query_(weights, x.select(1, 0)).view({batch, pointers_, width_});
  const std::vector<at::Tensor> key_value = pointer_key_value_(weights, x).split(width_, 2);
  const at::Tensor liked = at::bmm(queries, key_value[0].transpose(1, 2)) / std::sqrt(static_cast<double>(width_));
  // The context stands in where nothing is meant.
  const at::Tensor meant =
      kSharpness * at::cat({at::full({batch, 1}, -1.0, at::kFloat), at::log_sigmoid(grounding)}, 1);
  const at::Tensor scores = liked + meant.unsqueeze(1) + PointerMask(mask);
  const at::Tensor values = key_value[1] + geometry;
  return at::bmm(at::softmax(scores, -1), values).reshape({batch, pointers_ * width_});
}

Encoded Encoder::Encode(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const {
  const at::Tensor views = Views(obs);
  const at::Tensor vector = VectorOf(views);
  const at::Tensor context = context_(weights, vector).unsqueeze(1);  // also a token, always present
  const at::Tensor grounding = Ground(obs, text.wanted);
  const at::Tensor meant = grounding.detach();  // the action's loss must not teach words
  const SlotTokens tokens = Tokenize(weights, obs, views, context, meant.sigmoid());
  const at::Tensor mask = at::zeros(tokens.present.sizes(), at::kFloat)
                              .masked_fill(tokens.present.logical_not(), -std::numeric_limits<float>::infinity());
  const at::Tensor x = Compare(weights, tokens.x, mask, text);
  const at::Tensor pointed = Point(weights, x, tokens.geometry, mask, meant);
  return {at::cat({x.select(1, 0), pointed, vector}, 1), grounding,
          tokens.present.to(at::kFloat).narrow(1, 1, num_slots_)};
}

std::int64_t Encoder::macs(int text_tokens) const {
  const std::int64_t tokens = 1 + num_slots_;
  std::int64_t total = text_tokens * text_in_.macs() + context_.macs();
  for (const Block& block : text_blocks_) total += block.macs(text_tokens);
  for (const SlotSet& set : slots_) {
    total += set.context_in.macs() + set.count * (set.columns_in.macs() + set.out.macs() + set.value.macs());
  }
  for (const SlotBlock& block : blocks_) {
    total += tokens * (block.query.macs() + block.out.macs());
    total += 2 * tokens * text_tokens * width_ + block.block.macs(static_cast<int>(tokens));
  }
  total += text_tokens * (keys_values_.macs() + evidence_.macs() + excluded_.macs()) + pointer_query_.macs() +
           tokens * pointer_key_value_.macs() + 2 * tokens * pointers_ * width_;
  return total;
}

}  // namespace genba::policies
