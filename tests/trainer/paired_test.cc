// Laws of the interval of two readers judged by the same texts: Newcombe's method 10 worked by hand, the same reader twice,
// the two exchanged.
#include "trainer/paired.h"

#include <gtest/gtest.h>

#include <cmath>

namespace genba::trainer {
namespace {

void ExpectInterval(const PairedCounts& counts, double difference, double low, double high) {
  const PairedDifference found = Difference(counts);
  EXPECT_NEAR(found.difference, difference, 1e-12);
  EXPECT_NEAR(found.low, low, 5e-5);
  EXPECT_NEAR(found.high, high, 5e-5);
}

// 32 and 22 of 50: Wilson 0.5014 … 0.7586 and 0.3116 … 0.5769; correlation (20·16 - 12·2 - 25) / √(32·18·22·28) = 0.45495.
// 0.2 - √(0.1386² - 2·0.45495·0.1386·0.1369 + 0.1369²) = 0.0562, 0.2 + √(0.1186² - 2·0.45495·0.1186·0.1284 + 0.1284²) =
// 0.3292.
TEST(Paired, IsNewcombesTenthMethod) {
  ExpectInterval({20, 12, 2, 16}, 0.2, 0.0562, 0.3292);
  ExpectInterval({36, 12, 2, 0}, 0.2, 0.0569, 0.3404);  // correlation -24 / √(48·2·38·12), not corrected
  ExpectInterval({1, 1, 7, 12}, 1.0 * (2 - 8) / 21, -0.5069, -0.0256);  // 12 - 7 is less than 21 / 2: correlation 0
}

TEST(Paired, AReaderAgainstItselfDiffersInNothingButIsNotCertain) {
  for (const PairedCounts& counts : {PairedCounts{45, 0, 0, 5}, {50, 0, 0, 0}, {0, 0, 0, 50}}) {
    const PairedDifference found = Difference(counts);
    EXPECT_EQ(found.difference, 0);
    EXPECT_LT(found.low, -0.01);
    EXPECT_NEAR(found.low, -found.high, 1e-12);
  }
}

TEST(Paired, ExchangedItIsTheNegative) {
  const PairedDifference one = Difference({20, 12, 2, 16}), other = Difference({20, 2, 12, 16});
  EXPECT_NEAR(one.low, -other.high, 1e-12);
  EXPECT_NEAR(one.high, -other.low, 1e-12);
}

TEST(Paired, StaysWithinOneAndSaysNothingOfNothing) {
  EXPECT_LE(Difference({0, 5, 0, 0}).high, 1);
  EXPECT_GE(Difference({0, 0, 5, 0}).low, -1);
  EXPECT_TRUE(std::isnan(Difference({}).difference));
}

}  // namespace
}  // namespace genba::trainer
