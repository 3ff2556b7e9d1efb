#include "core/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace genba {
namespace {

TEST(Rng, SameKeySameStream) {
  Rng a(7, 3, "scene");
  Rng b(7, 3, "scene");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.NextU64(), b.NextU64());
}

TEST(Rng, EachPartOfTheKeySeparatesStreams) {
  const auto first = [](Rng rng) { return rng.NextU64(); };
  const std::uint64_t base = first(Rng(7, 3, "scene"));
  EXPECT_NE(base, first(Rng(8, 3, "scene")));
  EXPECT_NE(base, first(Rng(7, 4, "scene")));
  EXPECT_NE(base, first(Rng(7, 3, "language")));
}

TEST(Rng, ACopyRepeatsTheRest) {
  Rng rng(1, 0, "x");
  rng.NextU32();
  Rng copy = rng;
  EXPECT_EQ(rng.NextU64(), copy.NextU64());
}

TEST(Rng, IntCoversBothEndsEvenly) {
  Rng rng(1, 0, "int");
  std::vector<int> counts(6);
  for (int i = 0; i < 60000; ++i) ++counts[static_cast<std::size_t>(rng.Int(0, 5))];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
}

TEST(Rng, NormalHasUnitMoments) {
  Rng rng(1, 0, "normal");
  double sum = 0, squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.Normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
}

TEST(Rng, ShuffleIsAPermutation) {
  std::vector<int> items(20);
  std::iota(items.begin(), items.end(), 0);
  Rng rng(5, 0, "shuffle");
  rng.Shuffle(items);
  EXPECT_FALSE(std::is_sorted(items.begin(), items.end()));
  std::sort(items.begin(), items.end());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(items[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace genba
