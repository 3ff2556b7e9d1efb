#include "policies/judges.h"

#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace genba::policies {

namespace {

constexpr double kQuietEvidence = 3;  // words begin as saying little
constexpr int kAlarms = 16;           // of which one word is enough: a "don't", a word unknown
constexpr int kNear = 3;              // words that are heard together
constexpr int kPools = 4;             // looks at a sentence as a whole

const at::Tensor& At(const Weights& weights, int index) { return weights[static_cast<std::size_t>(index)]; }

at::Tensor Normalised(const Weights& weights, const at::Tensor& x, int scale, int shift) {
  return at::layer_norm(x, {x.size(2)}) * At(weights, scale) + At(weights, shift);
}

}  // namespace

LinearTeam::LinearTeam(ParameterLayout& layout, const std::string& name, int num_members, int inputs, int outputs,
                       float gain)
    : members(num_members), in(inputs), out(outputs) {
  weight = layout.Add(name + ".weight", {members, inputs, outputs}, 0, gain / std::sqrt(static_cast<float>(inputs)));
  bias = layout.Add(name + ".bias", {members, 1, outputs}, 0, 0);
}

at::Tensor LinearTeam::operator()(const Weights& weights, const at::Tensor& x) const {
  return at::baddbmm(At(weights, bias), x, At(weights, weight));
}

MlpTeam::MlpTeam(ParameterLayout& layout, const std::string& name, int num_members, int inputs, int hidden, int outputs,
                 float last_gain)
    : first(layout, name + ".first", num_members, inputs, hidden, 1.4f),
      second(layout, name + ".second", num_members, hidden, outputs, last_gain) {}

at::Tensor MlpTeam::operator()(const Weights& weights, const at::Tensor& x) const {
  return second(weights, at::silu(first(weights, x)));
}

Judges::Judges(const JudgesShape& shape, ParameterLayout& layout) : shape_(shape) {
  const int members = shape.members, d = shape.width;
  in_ = Linear(layout, "reader.judges.in", shape.text_dim, members * d);
  near_ = MlpTeam(layout, "reader.judges.near", members, kNear * d, d, d, 0.5f);
  for (int i = 0; i < shape.blocks; ++i) blocks_.push_back(MakeBlock("reader.judges." + std::to_string(i), layout));
  scale_ = layout.Add("reader.judges.norm.scale", {members, 1, d}, 1, 0);
  shift_ = layout.Add("reader.judges.norm.shift", {members, 1, d}, 0, 0);
  pool_ = LinearTeam(layout, "reader.judges.pool", members, d, kPools);
  alarm_ = MlpTeam(layout, "reader.judges.alarm", members, d, d, kAlarms);
  told_ = MlpTeam(layout, "reader.judges.told", members, kPools * d + kAlarms, 2 * d, d);
  quantity_ = LinearTeam(layout, "reader.judges.quantity", members, d, shape.quantities);
  says_ = MlpTeam(layout, "reader.judges.says", members, d + shape.named, d, shape.answers);
}

Judges::TeamBlock Judges::MakeBlock(const std::string& name, ParameterLayout& layout) const {
  const int members = shape_.members, d = shape_.width;
  const auto norm = [&](const char* what, float constant) {
    return layout.Add(name + what, {members, 1, d}, constant, 0);
  };
  TeamBlock block;
  block.scale_attention = norm(".norm_attention.scale", 1), block.shift_attention = norm(".norm_attention.shift", 0);
  block.scale_mlp = norm(".norm_mlp.scale", 1), block.shift_mlp = norm(".norm_mlp.shift", 0);
  block.qkv = LinearTeam(layout, name + ".qkv", members, d, 3 * d);
  block.out = LinearTeam(layout, name + ".out", members, d, d, 0.5f);
  block.mlp = MlpTeam(layout, name + ".mlp", members, d, 2 * d, d, 0.5f);
  return block;
}

// x [J, U * T, d], mask [J * U, 1, 1, T]; as policies::Block.
at::Tensor Judges::Apply(const TeamBlock& block, const Weights& weights, const at::Tensor& x,
                         const at::Tensor& mask) const {
  const at::Tensor normal = Normalised(weights, x, block.scale_attention, block.shift_attention);
  const std::vector<at::Tensor> parts =
      block.qkv(weights, normal).view({mask.size(0), mask.size(3), 3 * shape_.width}).chunk(3, -1);
  const at::Tensor mixed = Attend(parts[0], parts[1], parts[2], mask, shape_.heads);
  const at::Tensor y = x + block.out(weights, mixed.reshape(x.sizes()));
  return y + block.mlp(weights, Normalised(weights, y, block.scale_mlp, block.shift_mlp));
}

at::Tensor Judges::Told(const Weights& weights, const at::Tensor& tokens, const at::Tensor& mask) const {
  const std::int64_t members = shape_.members, texts = tokens.size(0), length = tokens.size(1), d = shape_.width;
  at::Tensor words =
      in_(weights, tokens).view({texts * length, members, d}).transpose(0, 1).contiguous();  // [J, U * T, d]
  const at::Tensor masks = mask.repeat({members, 1, 1, 1});
  words = WithNeighbours(weights, words, masks);
  for (const TeamBlock& block : blocks_) words = Apply(block, weights, words, masks);
  const at::Tensor looks = Looks(weights, Normalised(weights, words, scale_, shift_), masks);
  return told_(weights, looks).transpose(0, 1).reshape({texts, members * d});
}

// Attention does not say which word stands beside which; a few words in a row ("by no means") often decide.
at::Tensor Judges::WithNeighbours(const Weights& weights, const at::Tensor& words, const at::Tensor& mask) const {
  const std::int64_t rows = mask.size(0), length = mask.size(3);  // rows: J * U
  const at::Tensor here = words.view({rows, length, shape_.width}) * mask.view({rows, length, 1}).exp();
  const at::Tensor near =
      at::constant_pad_nd(here, {0, 0, kNear / 2, kNear / 2}).unfold(1, kNear, 1);  // [J * U, T, d, kNear]
  const at::Tensor rowwise = near.reshape({words.size(0), words.size(1), shape_.width * kNear});
  return words + near_(weights, rowwise);
}

// A few learned looks at the words, and what a single word says whatever the others do, log(1 + sum of exponentials).
// [J, U, kPools * d + kAlarms]
at::Tensor Judges::Looks(const Weights& weights, const at::Tensor& words, const at::Tensor& mask) const {
  const std::int64_t rows = mask.size(0), length = mask.size(3), members = shape_.members;  // rows: J * U
  const at::Tensor padding = mask.view({rows, length, 1});
  const at::Tensor looks = at::softmax(pool_(weights, words).view({rows, length, kPools}) + padding, 1);
  const at::Tensor quiet = at::zeros({rows, 1, kAlarms}, words.options());
  const at::Tensor each = alarm_(weights, words).view({rows, length, kAlarms}) - kQuietEvidence + padding;
  const at::Tensor alarms = at::logsumexp(at::cat({quiet, each}, 1), {1});
  const at::Tensor pooled =
      at::bmm(looks.transpose(1, 2), words.view({rows, length, shape_.width})).reshape({rows, kPools * shape_.width});
  return at::cat({pooled, alarms}, 1).view({members, rows / members, -1});
}

// [B, J * d] → [J, B, d]
at::Tensor Judges::Apart(const at::Tensor& told) const {
  return told.view({told.size(0), shape_.members, shape_.width}).transpose(0, 1);
}

at::Tensor Judges::Quantity(const Weights& weights, const at::Tensor& told) const {
  return quantity_(weights, Apart(told)).mean(0);
}

at::Tensor Judges::Says(const Weights& weights, const at::Tensor& told, const at::Tensor& named) const {
  const at::Tensor beside = named.unsqueeze(0).expand({shape_.members, -1, -1});
  return at::log_softmax(says_(weights, at::cat({Apart(told), beside}, 2)), 2);
}

std::int64_t Judges::macs(int text_tokens) const {
  std::int64_t each = in_.macs() + near_.macs() + pool_.macs() + alarm_.macs();
  for (const TeamBlock& block : blocks_)
    each += block.qkv.macs() + block.out.macs() + block.mlp.macs() + 2ll * text_tokens * in_.out;
  return text_tokens * each + told_.macs() + quantity_.macs() + says_.macs();
}

}  // namespace genba::policies
