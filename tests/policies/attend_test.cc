// Attention is the mean of values, weighed by the exponential of how well each key answers a query; the reference of the kernel
// for devices (policies/cuda/slot_attention.h).
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <cmath>

#include "policies/layers.h"
#include "tests/policies/attended.h"

namespace genba::policies {
namespace {

double Score(const Attended& a, int b, int head, int n, int m) {
  double dot = 0;
  for (int i = 0; i < a.head_dim; ++i)
    dot += Value(a.queries, b, n, head * a.head_dim + i) * Value(a.keys, b, m, head * a.head_dim + i);
  return dot / std::sqrt(static_cast<double>(a.head_dim)) +
         static_cast<double>(a.mask.const_data_ptr<float>()[b * a.num_keys + m]);
}

double Expected(const Attended& a, int b, int n, int column) {
  double sum = 0, mean = 0;
  for (int m = 0; m < a.num_keys; ++m) {
    const double weight = std::exp(Score(a, b, column / a.head_dim, n, m));
    sum += weight, mean += weight * Value(a.values, b, m, column);
  }
  return mean / sum;
}

TEST(Attend, IsTheMeanOfValuesByHowWellKeysAnswer) {
  const Attended a(2, 3, 5, 2, 4, 1);
  const at::Tensor mixed = Attend(a.queries, a.keys, a.values, a.mask, a.heads);
  for (int b = 0; b < 2; ++b)
    for (int n = 0; n < 3; ++n)
      for (int column = 0; column < 8; ++column)
        EXPECT_NEAR(Value(mixed, b, n, column), Expected(a, b, n, column), 1e-5);
}

// The last key of the first sample is masked, that of the second is not.
TEST(Attend, HearsNothingOfWhatIsMasked) {
  const Attended a(2, 3, 5, 2, 4, 2);
  const at::Tensor before = Attend(a.queries, a.keys, a.values, a.mask, a.heads);
  a.values.select(1, 4).add_(7);
  const at::Tensor after = Attend(a.queries, a.keys, a.values, a.mask, a.heads);
  EXPECT_TRUE(after[0].equal(before[0]));
  EXPECT_FALSE(after[1].equal(before[1]));
}

}  // namespace
}  // namespace genba::policies
