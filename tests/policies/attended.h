// attended.h - random queries, keys and values for tests of attention. The first sample's last key is masked.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <limits>

#include "core/rng.h"

namespace genba::policies {

struct Attended {
  Attended(int batch, int num_queries, int keys_each, int num_heads, int columns, std::uint64_t seed)
      : num_keys(keys_each),
        heads(num_heads),
        head_dim(columns),
        queries(Random({batch, num_queries, num_heads * columns}, seed)),
        keys(Random({batch, keys_each, num_heads * columns}, seed + 1)),
        values(Random({batch, keys_each, num_heads * columns}, seed + 2)),
        mask(at::zeros({batch, 1, 1, keys_each}, at::kFloat)) {
    mask.mutable_data_ptr<float>()[keys_each - 1] = -std::numeric_limits<float>::infinity();
  }
  static at::Tensor Random(at::IntArrayRef shape, std::uint64_t seed) {
    const at::Tensor tensor = at::zeros(shape, at::kFloat);
    Rng rng(seed, 0, "attended");
    for (std::int64_t i = 0; i < tensor.numel(); ++i)
      tensor.mutable_data_ptr<float>()[i] = static_cast<float>(rng.Normal());
    return tensor;
  }
  int num_keys, heads, head_dim;
  at::Tensor queries, keys, values, mask;
};

inline double Value(const at::Tensor& x, int b, int row, int column) {
  return static_cast<double>(x.const_data_ptr<float>()[(b * x.size(1) + row) * x.size(2) + column]);
}

}  // namespace genba::policies
