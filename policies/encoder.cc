#include "policies/encoder.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log_sigmoid.h>
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

#include "core/error.h"

namespace genba::policies {
namespace {

constexpr double kClip = 10;  // deviations; an outlier must not swamp the network
// Beside its normalised value every column is shown through tanh at finer scales: a distance of a millimetre
// matters when grasping although distances vary by decimetres.
constexpr double kFineScales[] = {4, 16};
constexpr int kViews = 3;
constexpr double kSharpness = 5;  // of pointers: what is meant is read pure, a few per cent of others are millimetres

at::Tensor Constant(const std::vector<float>& values) { return at::tensor(at::ArrayRef<float>(values), at::kFloat); }

}  // namespace

Encoder::Encoder(const EnvSpec& spec, const PolicyConfig& config, const TextShape& text, const Normalizer& normalizer,
                 ParameterLayout& layout, const at::Device& device)
    : obs_dim_(spec.obs_dim()),
      width_(config.width),
      heads_(config.attention_heads),
      pointers_(config.pointers),
      reader_(spec,
              {.width = config.width,
               .attention_heads = config.attention_heads,
               .blocks = config.text_blocks,
               .key_value_columns = 2 * config.blocks * config.width},
              text, layout, device) {
  const int d = width_;
  mean_ = Constant(normalizer.obs_mean).to(device);
  inverse_scale_ = Constant(normalizer.obs_scale).reciprocal().to(device);
  int offset = 0;
  for (const FieldSpec& field : spec.observation) {
    if (field.shape.size() == 2) {
      const std::string name = "encoder.slots." + field.name;
      const int columns = kViews * field.shape[1];
      slots_.push_back({offset, field.shape[0], field.shape[1], Linear(layout, name + ".columns", columns, d, 1.4f),
                        Linear(layout, name + ".context", d, d, 0.5f), Linear(layout, name + ".wanted", 1, d),
                        Linear(layout, name + ".out", d, d), Linear(layout, name + ".value", columns, d)});
      num_slots_ += field.shape[0];
    } else {
      vectors_.emplace_back(offset, field.size());
      vector_dim_ += kViews * field.size();
    }
    offset += field.size();
  }
  GENBA_CHECK(vector_dim_ > 0 && !slots_.empty(), "an observation needs a vector field and a slot field");
  context_ = Mlp(layout, "encoder.context", vector_dim_ + kNumQuantities, d, d);
  for (int i = 0; i < config.blocks; ++i) {
    const std::string name = "encoder.block." + std::to_string(i);
    blocks_.push_back({LayerNorm(layout, name + ".norm", d), Linear(layout, name + ".query", d, d),
                       Linear(layout, name + ".query_out", d, d, 0.5f), Block(layout, name, d, heads_)});
  }
  readout_norm_ = LayerNorm(layout, "encoder.readout.norm", d);
  pointer_query_ = Linear(layout, "encoder.readout.query", d, pointers_ * d);
  pointer_key_value_ = Linear(layout, "encoder.readout.key_value", d, 2 * d);
  context_dim_ = d + pointers_ * d + vector_dim_ + kNumQuantities;
}

// [B, P, 1 + slots]: pointer i reads set i only (or the context token, which is always there); the others read all
// sets.
at::Tensor Encoder::PointerMask(const at::Tensor& mask) const {
  at::Tensor reach = at::zeros({1, pointers_, 1 + num_slots_}, mask.options());
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
                          present = {at::ones({batch, 1}, obs.options())};
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
  const std::vector<at::Tensor> keys_values =
      blocks_.empty() ? std::vector<at::Tensor>{} : text.keys_values.split(width_, 2);
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
      kSharpness * at::cat({at::full({batch, 1}, -1.0, grounding.options()), at::log_sigmoid(grounding)}, 1);
  const at::Tensor scores = liked + meant.unsqueeze(1) + PointerMask(mask);
  const at::Tensor values = key_value[1] + geometry;
  return at::bmm(at::softmax(scores, -1), values).reshape({batch, pointers_ * width_});
}

Encoded Encoder::Encode(const Weights& weights, const at::Tensor& obs, const EncodedText& text) const {
  const at::Tensor views = Views(obs);
  // How many are asked for is said beside what the robot feels.
  const at::Tensor vector = at::cat({VectorOf(views), at::softmax(text.quantity.detach(), 1)}, 1);
  const at::Tensor context = context_(weights, vector).unsqueeze(1);  // also a token, always present
  const at::Tensor grounding = reader_.Ground(obs, text);
  const at::Tensor meant = grounding.detach();  // the action's loss must not teach words
  const SlotTokens tokens = Tokenize(weights, obs, views, context, meant.sigmoid());
  const at::Tensor mask = at::zeros(tokens.present.sizes(), obs.options())
                              .masked_fill(tokens.present.logical_not(), -std::numeric_limits<float>::infinity());
  const at::Tensor x = Compare(weights, tokens.x, mask, text);
  const at::Tensor pointed = Point(weights, x, tokens.geometry, mask, meant);
  return {at::cat({x.select(1, 0), pointed, vector}, 1), grounding,
          tokens.present.to(obs.scalar_type()).narrow(1, 1, num_slots_)};
}

std::int64_t Encoder::macs(int text_tokens) const {
  const std::int64_t tokens = 1 + num_slots_;
  std::int64_t total = reader_.macs(text_tokens) + context_.macs();
  for (const SlotSet& set : slots_) {
    total += set.context_in.macs() + set.count * (set.columns_in.macs() + set.out.macs() + set.value.macs());
  }
  for (const SlotBlock& block : blocks_) {
    total += tokens * (block.query.macs() + block.out.macs());
    total += 2 * tokens * text_tokens * width_ + block.block.macs(static_cast<int>(tokens));
  }
  total += pointer_query_.macs() + tokens * pointer_key_value_.macs() + 2 * tokens * pointers_ * width_;
  return total;
}

}  // namespace genba::policies
