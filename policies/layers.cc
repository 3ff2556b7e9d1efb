#include "policies/layers.h"

#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>

#include <cmath>

namespace genba::policies {
namespace {
const at::Tensor& At(const Weights& weights, int index) { return weights[static_cast<std::size_t>(index)]; }
}  // namespace

Linear::Linear(ParameterLayout& layout, const std::string& name, int inputs, int outputs, float gain)
    : in(inputs), out(outputs) {
  weight = layout.Add(name + ".weight", {outputs, inputs}, 0, gain / std::sqrt(static_cast<float>(inputs)));
  bias = layout.Add(name + ".bias", {outputs}, 0, 0);
}

at::Tensor Linear::operator()(const Weights& weights, const at::Tensor& x) const {
  return at::linear(x, At(weights, weight), At(weights, bias));
}

LayerNorm::LayerNorm(ParameterLayout& layout, const std::string& name, int columns) : dim(columns) {
  scale = layout.Add(name + ".scale", {columns}, 1, 0);
  shift = layout.Add(name + ".shift", {columns}, 0, 0);
}

at::Tensor LayerNorm::operator()(const Weights& weights, const at::Tensor& x) const {
  return at::layer_norm(x, {dim}, At(weights, scale), At(weights, shift));
}

Mlp::Mlp(ParameterLayout& layout, const std::string& name, int inputs, int hidden, int outputs, float last_gain)
    : first(layout, name + ".first", inputs, hidden, 1.4f),
      second(layout, name + ".second", hidden, outputs, last_gain) {}

at::Tensor Mlp::operator()(const Weights& weights, const at::Tensor& x) const {
  return second(weights, at::silu(first(weights, x)));
}

at::Tensor Attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, const at::Tensor& mask,
                  int heads) {
  const auto split = [heads](const at::Tensor& x) {
    return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
  };
  const at::Tensor mixed = at::scaled_dot_product_attention(split(queries), split(keys), split(values), mask);
  return mixed.transpose(1, 2).reshape({queries.size(0), queries.size(1), queries.size(2)});
}

Block::Block(ParameterLayout& layout, const std::string& name, int width, int num_heads)
    : norm_attention(layout, name + ".norm_attention", width),
      norm_mlp(layout, name + ".norm_mlp", width),
      qkv(layout, name + ".qkv", width, 3 * width),
      out(layout, name + ".out", width, width, 0.5f),
      mlp(layout, name + ".mlp", width, 2 * width, width, 0.5f),
      heads(num_heads) {}

at::Tensor Block::operator()(const Weights& weights, const at::Tensor& x, const at::Tensor& mask) const {
  const std::vector<at::Tensor> parts = qkv(weights, norm_attention(weights, x)).chunk(3, -1);
  const at::Tensor y = x + out(weights, Attend(parts[0], parts[1], parts[2], mask, heads));
  return y + mlp(weights, norm_mlp(weights, y));
}

std::int64_t Block::macs(int tokens) const {
  return tokens * (qkv.macs() + out.macs() + mlp.macs()) + 2ll * tokens * tokens * out.in;
}

ResidualMlp::ResidualMlp(ParameterLayout& layout, const std::string& name, int width)
    : norm(layout, name + ".norm", width), mlp(layout, name + ".mlp", width, width, width, 0.5f) {}

at::Tensor ResidualMlp::operator()(const Weights& weights, const at::Tensor& x) const {
  return x + mlp(weights, norm(weights, x));
}

}  // namespace genba::policies
