// judges.h - whether a sentence is an order, said by several small networks at once. They learn the same from different
// beginnings: on what is like nothing they have learned they differ, and only where all are sure is their mean sure (B.
// Lakshminarayanan et al., "Simple and scalable predictive uncertainty estimation using deep ensembles", NeurIPS 2017).
// Called by Reader. They are computed side by side, a matrix product of all at a time. Plan is constant after
// construction; all weights are passed in. One thread.
#pragma once
#include <string>
#include <vector>

#include "policies/layers.h"

namespace genba::policies {

// J linear layers of one shape: [J, n, in] → [J, n, out].
struct LinearTeam {
  int weight = -1, bias = -1;
  int members = 0, in = 0, out = 0;
  LinearTeam() = default;
  LinearTeam(ParameterLayout& layout, const std::string& name, int num_members, int inputs, int outputs,
             float gain = 1.0f);
  at::Tensor operator()(const Weights& weights, const at::Tensor& x) const;
  std::int64_t macs() const { return static_cast<std::int64_t>(members) * in * out; }
};

// Linear, SiLU, linear.
struct MlpTeam {
  LinearTeam first, second;
  MlpTeam() = default;
  MlpTeam(ParameterLayout& layout, const std::string& name, int num_members, int inputs, int hidden, int outputs,
          float last_gain = 1.0f);
  at::Tensor operator()(const Weights& weights, const at::Tensor& x) const;
  std::int64_t macs() const { return first.macs() + second.macs(); }
};

struct JudgesShape {
  int members = 4;   // J
  int width = 64;    // d
  int heads = 4;     // of attention
  int blocks = 1;    // over the words
  int text_dim = 0;  // columns of a token
  int named = 0;     // columns beside what the sentence is: what it names
  int quantities = 0, answers = 0;
};

class Judges {
 public:
  Judges(const JudgesShape& shape, ParameterLayout& layout);

  // tokens [U, T, text_dim] normalised, mask [U, 1, 1, T] → the sentence as a whole, as each takes it. [U, J * d]
  at::Tensor Told(const Weights& weights, const at::Tensor& tokens, const at::Tensor& mask) const;
  at::Tensor Quantity(const Weights& weights, const at::Tensor& told) const;  // mean of their logits [U, quantities]
  // told [B, J * d], named [B, named] → what each makes of the sentence by itself, log probabilities. [J, B, answers]
  at::Tensor Says(const Weights& weights, const at::Tensor& told, const at::Tensor& named) const;

  int members() const { return shape_.members; }
  std::int64_t macs(int text_tokens) const;

 private:
  struct TeamBlock {
    int scale_attention, shift_attention, scale_mlp, shift_mlp;
    LinearTeam qkv, out;
    MlpTeam mlp;
  };
  TeamBlock MakeBlock(const std::string& name, ParameterLayout& layout) const;
  at::Tensor Apply(const TeamBlock& block, const Weights& weights, const at::Tensor& x, const at::Tensor& mask) const;
  // [J, U * T, d] → the same: every word with what it and those beside it say together. Padding says nothing.
  at::Tensor WithNeighbours(const Weights& weights, const at::Tensor& words, const at::Tensor& mask) const;
  at::Tensor Looks(const Weights& weights, const at::Tensor& words, const at::Tensor& mask) const;
  at::Tensor Apart(const at::Tensor& told) const;

  JudgesShape shape_;
  Linear in_;     // of all side by side
  MlpTeam near_;  // of a word and those beside it
  std::vector<TeamBlock> blocks_;
  int scale_, shift_;
  LinearTeam pool_;  // what to look at, for each of kPools
  MlpTeam alarm_;    // of a word, for each of kAlarms
  MlpTeam told_;
  LinearTeam quantity_;
  MlpTeam says_;
};

}  // namespace genba::policies
