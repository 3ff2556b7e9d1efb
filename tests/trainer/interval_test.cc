// Laws of intervals: textbook values, a published example, and what pairing is for.
#include "trainer/interval.h"

#include <gtest/gtest.h>

#include <cmath>

namespace genba::trainer {
namespace {

TEST(Wilson, KnownValues) {
  const Interval half = Wilson(50, 100);  // textbook: 0.404 … 0.596
  EXPECT_NEAR(half.low, 0.4038, 1e-4);
  EXPECT_NEAR(half.high, 0.5962, 1e-4);
  EXPECT_NEAR(Wilson(0, 10).low, 0, 1e-12);
  EXPECT_NEAR(Wilson(10, 10).high, 1, 1e-12);
  EXPECT_GT(Wilson(0, 10).high, 0.2);
}

// Newcombe's own example: 36 both, 12 and 2 only one, 0 neither.
TEST(PairedDifference, ThePublishedExample) {
  const Difference difference = PairedDifference({.both = 36, .first = 12, .second = 2, .neither = 0});
  EXPECT_NEAR(difference.value, 0.20, 1e-12);
  EXPECT_NEAR(difference.low, 0.0569, 5e-5);
  EXPECT_NEAR(difference.high, 0.3404, 5e-5);
  EXPECT_EQ(difference.pairs, 50);
}

// By hand: rates 0.95 and 0.94 of 100, alike by (93 · 4 - 50 - 2 · 1) / sqrt(95 · 5 · 94 · 6) = 320 / 517.6 = 0.6182; Wilson
// [0.8882, 0.9785] and [0.8752, 0.9722].
TEST(PairedDifference, AnExampleByHand) {
  const Difference difference = PairedDifference({.both = 93, .first = 2, .second = 1, .neither = 4});
  const double correlation = 320 / std::sqrt(95.0 * 5 * 94 * 6);
  const auto together = [&](double a, double b) { return std::sqrt(a * a - 2 * correlation * a * b + b * b); };
  EXPECT_NEAR(difference.value, 0.01, 1e-12);
  EXPECT_NEAR(difference.low, 0.01 - together(0.95 - 0.8882, 0.9722 - 0.94), 2e-4);
  EXPECT_NEAR(difference.high, 0.01 + together(0.9785 - 0.95, 0.94 - 0.8752), 2e-4);
}

TEST(PairedDifference, ExchangingTheTwoTurnsItsSign) {
  const Difference one = PairedDifference({.both = 60, .first = 9, .second = 4, .neither = 27});
  const Difference other = PairedDifference({.both = 60, .first = 4, .second = 9, .neither = 27});
  EXPECT_NEAR(one.value, -other.value, 1e-12);
  EXPECT_NEAR(one.low, -other.high, 1e-12);
  EXPECT_NEAR(one.high, -other.low, 1e-12);
}

// The same two rates say more when the same episodes succeed, and less when it is the others.
TEST(PairedDifference, AlikeEpisodesMakeItNarrower) {
  const Difference alike = PairedDifference({.both = 80, .first = 0, .second = 0, .neither = 20});
  const Difference unlike = PairedDifference({.both = 60, .first = 20, .second = 20, .neither = 0});
  EXPECT_EQ(alike.value, unlike.value);
  EXPECT_LT(alike.high - alike.low, 0.5 * (unlike.high - unlike.low));
}

TEST(PairedDifference, NothingPairedSaysNothing) {
  const Difference nothing = PairedDifference({});
  EXPECT_EQ(nothing.pairs, 0);
  EXPECT_EQ(nothing.low, -1);
  EXPECT_EQ(nothing.high, 1);
  const Difference same = PairedDifference({.both = 200});
  EXPECT_EQ(same.value, 0);
  EXPECT_NEAR(same.high, 1 - Wilson(200, 200).low, 1e-12);
}

}  // namespace
}  // namespace genba::trainer
