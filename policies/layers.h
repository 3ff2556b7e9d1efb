// layers.h - the few layers our networks are made of: plain structs of parameter indices, applied to a set of
// Weights.
#pragma once
#include "policies/parameters.h"

namespace genba::policies {

struct Linear {
  int weight = -1, bias = -1;
  int in = 0, out = 0;
  Linear() = default;
  // gain 1: outputs keep the deviation of normal inputs; 0: starts as a constant zero.
  Linear(ParameterLayout& layout, const std::string& name, int inputs, int outputs, float gain = 1.0f);
  at::Tensor operator()(const Weights& weights, const at::Tensor& x) const;
  std::int64_t macs() const { return static_cast<std::int64_t>(in) * out; }
};

struct LayerNorm {
  int scale = -1, shift = -1;
  int dim = 0;
  LayerNorm() = default;
  LayerNorm(ParameterLayout& layout, const std::string& name, int columns);
  at::Tensor operator()(const Weights& weights, const at::Tensor& x) const;
};

// Linear, SiLU, linear.
struct Mlp {
  Linear first, second;
  Mlp() = default;
  Mlp(ParameterLayout& layout, const std::string& name, int inputs, int hidden, int outputs, float last_gain = 1.0f);
  at::Tensor operator()(const Weights& weights, const at::Tensor& x) const;
  std::int64_t macs() const { return first.macs() + second.macs(); }
};

// Multi-head attention. queries [B, N, d], keys and values [B, M, d] already projected; mask [B, 1, 1, M]
// added to the scores: 0 or -infinity, never all -infinity.
at::Tensor Attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, const at::Tensor& mask,
                  int heads);

// Pre-norm self-attention and MLP over a set of tokens.
struct Block {
  LayerNorm norm_attention, norm_mlp;
  Linear qkv, out;
  Mlp mlp;
  int heads = 1;
  Block() = default;
  Block(ParameterLayout& layout, const std::string& name, int width, int num_heads);
  at::Tensor operator()(const Weights& weights, const at::Tensor& x, const at::Tensor& mask) const;
  std::int64_t macs(int tokens) const;
};

// Residual MLP on a vector: x + mlp(norm(x)).
struct ResidualMlp {
  LayerNorm norm;
  Mlp mlp;
  ResidualMlp() = default;
  ResidualMlp(ParameterLayout& layout, const std::string& name, int width);
  at::Tensor operator()(const Weights& weights, const at::Tensor& x) const;
  std::int64_t macs() const { return mlp.macs(); }
};

}  // namespace genba::policies
