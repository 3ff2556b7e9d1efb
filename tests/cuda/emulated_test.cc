// The kernels' own text, run by threads of the host, against their references; see emulate.h for what that shows.
#include <gtest/gtest.h>

#include "tests/cuda/emulate.h"
#include "tests/trainer/played.h"
#include "tests/trainer/windows.h"

// Other names than those of the kernels that are linked for devices.
#define ScanGae ScanGaeEmulated
#define GatherWindows GatherWindowsEmulated
#define AttendSlots AttendSlotsEmulated
#define FitsSlotAttention FitsSlotAttentionEmulated
#pragma GCC diagnostic push  // nvcc's manners: sizes are ints
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include "policies/cuda/slot_attention.cu"
#include "trainer/cuda/gae_scan.cu"
#include "trainer/cuda/window_gather.cu"
#pragma GCC diagnostic pop

namespace genba::policies {
namespace {
float shared[kSharedBytes / sizeof(float)];  // of the one block that runs
}
}  // namespace genba::policies

namespace genba {
namespace {

using trainer::Cast;
using trainer::Gathered;
using trainer::WindowSample;

constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();  // what is not written is seen

TEST(EmulatedKernels, AdvantagesAreTheReferenceBitForBit) {
  for (const auto& [steps, worlds] : {std::pair(1, 1), std::pair(40, 5), std::pair(20, 130)}) {
    const trainer::Played played = trainer::Random(steps, worlds, 7);
    const trainer::Advantages expected = trainer::ComputeGae(played.Input(0.97, 0.9));
    std::vector<float> advantage(played.reward.size(), kNothing), returns = advantage;
    trainer::ScanGaeEmulated(
        {steps, worlds, played.reward.data(), played.value.data(), played.next_value.data(), played.terminated.data(),
         played.truncated.data(), 0.97, 0.9, advantage.data(), returns.data()},
        nullptr);
    EXPECT_EQ(advantage, expected.advantage) << steps << " " << worlds;
    EXPECT_EQ(returns, expected.returns);
  }
}

template <class T>
void ExpectWindows(Cast cast) {
  const WindowSample sample;
  const Gathered<T> expected(sample, cast);
  std::vector<T> obs(expected.obs.size(), T(1)), actions(expected.actions.size(), T(1));
  std::vector<float> mask(expected.mask.size(), kNothing);
  trainer::GatherWindowsEmulated(
      sample.Table(),
      {sample.num_windows(), sample.kChunk, sample.start.data(), cast, obs.data(), actions.data(), mask.data()},
      nullptr);
  EXPECT_EQ(obs, expected.obs);
  EXPECT_EQ(actions, expected.actions);
  EXPECT_EQ(mask, expected.mask);
}

TEST(EmulatedKernels, WindowsAreTheReferenceBitForBit) {
  ExpectWindows<float>(Cast::kFloat);
  ExpectWindows<std::uint16_t>(Cast::kBFloat16);
}

// Rows a little wider than what is read of them; the first sample's last key is masked.
struct Asked {
  static constexpr int kBatch = 2;
  Asked(int num_queries, int num_keys, int num_heads, int columns, int spare)
      : queries(num_queries),
        keys(num_keys),
        heads(num_heads),
        head_dim(columns),
        width(num_heads * columns + spare),
        query(WindowSample::Random(kBatch * num_queries * width, 1)),
        key(WindowSample::Random(kBatch * num_keys * width, 2)),
        value(WindowSample::Random(kBatch * num_keys * width, 3)),
        mask(static_cast<std::size_t>(kBatch * num_keys)) {
    mask[static_cast<std::size_t>(num_keys - 1)] = -std::numeric_limits<float>::infinity();
  }
  static double At(const std::vector<float>& rows, int index) {
    return static_cast<double>(rows[static_cast<std::size_t>(index)]);
  }
  double Weight(int b, int n, int m, int head) const {
    double dot = 0;
    for (int i = 0; i < head_dim; ++i)
      dot += At(query, (b * queries + n) * width + head * head_dim + i) *
             At(key, (b * keys + m) * width + head * head_dim + i);
    return std::exp(dot / std::sqrt(static_cast<double>(head_dim)) + At(mask, b * keys + m));
  }
  double Mixed(int b, int n, int column) const {
    double sum = 0, mean = 0;
    for (int m = 0; m < keys; ++m) {
      const double weight = Weight(b, n, m, column / head_dim);
      sum += weight, mean += weight * At(value, (b * keys + m) * width + column);
    }
    return mean / sum;
  }
  std::vector<float> Emulated() const {
    std::vector<float> mixed(static_cast<std::size_t>(kBatch * queries * heads * head_dim), kNothing);
    const auto rows = [&](const std::vector<float>& data, int count) {
      return policies::AttendedRows{data.data(), count * width, width};
    };
    policies::AttendSlotsEmulated({kBatch, queries, keys, heads, head_dim, rows(query, queries), rows(key, keys),
                                   rows(value, keys), mask.data(), mixed.data()},
                                  nullptr);
    return mixed;
  }
  int queries, keys, heads, head_dim, width;
  std::vector<float> query, key, value, mask;
};

TEST(EmulatedKernels, AttentionIsTheMeanByHowWellKeysAnswer) {
  for (const Asked& asked :
       {Asked(13, 13, 4, 16, 0), Asked(7, 40, 4, 16, 5), Asked(1, 2, 2, 8, 0), Asked(40, 33, 1, 32, 3)}) {
    const std::vector<float> mixed = asked.Emulated();
    const int columns = asked.heads * asked.head_dim;
    for (int row = 0; row < Asked::kBatch * asked.queries; ++row)
      for (int column = 0; column < columns; ++column)
        ASSERT_NEAR(Asked::At(mixed, row * columns + column),
                    asked.Mixed(row / asked.queries, row % asked.queries, column), 1e-5);
  }
}

}  // namespace
}  // namespace genba
