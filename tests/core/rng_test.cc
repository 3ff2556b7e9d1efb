#include "core/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/hash.h"

namespace genba {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Philox as its paper defines it, written apart from ours and checked against Random123's published vectors.
Block Philox(Block c, std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t left = std::uint64_t{0xCD9E8D57} * c[2], right = std::uint64_t{0xD2511F53} * c[0];
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    c = {high(left) ^ c[1] ^ k[0], static_cast<std::uint32_t>(left), high(right) ^ c[3] ^ k[1],
         static_cast<std::uint32_t>(right)};
    k = {k[0] + 0x9E3779B9, k[1] + 0xBB67AE85};
  }
  return c;
}

TEST(Rng, DrawsThePublishedPhilox) {
  EXPECT_EQ(Philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
  const std::uint64_t seed = 0x0123456789abcdef, episode = 0xfedcba9876543210;
  const auto purpose = static_cast<std::uint32_t>(Hash64("scene"));
  Rng rng(seed, episode, "scene");
  for (std::uint32_t block = 0; block < 3; ++block) {
    for (const std::uint32_t word : Philox({block, purpose, 0x76543210, 0xfedcba98}, {0x89abcdef, 0x01234567}))
      EXPECT_EQ(rng.NextU32(), word) << "block " << block;
  }
}

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
