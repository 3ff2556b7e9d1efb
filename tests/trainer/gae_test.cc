// Generalised advantages against their definition: the discounted sum of what each step brought more than expected.
#include "trainer/gae.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/trainer/played.h"

namespace genba::trainer {
namespace {

double Delta(const Played& played, std::size_t i, double gamma) {
  const double after = played.terminated[i] != 0 ? 0 : static_cast<double>(played.next_value[i]);
  return static_cast<double>(played.reward[i]) + gamma * after - static_cast<double>(played.value[i]);
}

TEST(Gae, IsTheDiscountedSumOfWhatEachStepBroughtMore) {
  const Played played = Random(40, 5, 1);
  const double gamma = 0.97, lambda = 0.9;
  const Advantages learned = ComputeGae(played.Input(gamma, lambda));
  for (int world = 0; world < played.worlds; ++world) {
    for (int step = 0; step < played.steps; ++step) {
      double sum = 0;
      for (int later = step; later < played.steps; ++later) {
        const std::size_t i = played.At(later, world);
        sum += std::pow(gamma * lambda, later - step) * Delta(played, i, gamma);
        if (played.terminated[i] != 0 || played.truncated[i] != 0) break;
      }
      const std::size_t i = played.At(step, world);
      EXPECT_NEAR(learned.advantage[i], sum, 1e-5) << step << " " << world;
      EXPECT_FLOAT_EQ(learned.returns[i], learned.advantage[i] + played.value[i]);
    }
  }
}

TEST(Gae, WithLambdaOneIsTheReturnLessTheValue) {
  const Played played{3, 1, {1, 2, 4}, {0.5f, 0.5f, 0.5f}, {0.5f, 0.5f, 8}, {0, 0, 0}, {0, 0, 0}};
  const Advantages learned = ComputeGae(played.Input(0.5, 1));
  EXPECT_FLOAT_EQ(learned.returns[0], 1 + 0.5f * 2 + 0.25f * 4 + 0.125f * 8);
}

TEST(Gae, WithLambdaZeroLooksOneStepAhead) {
  const Played played = Random(10, 2, 2);
  const Advantages learned = ComputeGae(played.Input(0.9, 0));
  for (std::size_t i = 0; i < played.reward.size(); ++i) EXPECT_NEAR(learned.advantage[i], Delta(played, i, 0.9), 1e-6);
}

// Out of time is not the end: what would have come after counts. Nothing comes after the end.
TEST(Gae, BootstrapsWhereTimeRanOutAndNowhereElse) {
  const auto first = [](std::uint8_t terminated, std::uint8_t truncated) {
    const Played played{2, 1, {1, 100}, {0, 0}, {10, 0}, {terminated, 0}, {truncated, 0}};
    return ComputeGae(played.Input(0.5, 1)).advantage[0];
  };
  EXPECT_FLOAT_EQ(first(1, 0), 1);
  EXPECT_FLOAT_EQ(first(0, 1), 1 + 0.5f * 10);
  EXPECT_FLOAT_EQ(first(0, 0), 1 + 0.5f * 10 + 0.5f * 100);
}

// Worlds do not see each other.
TEST(Gae, OfSeveralWorldsIsThatOfEach) {
  const Played played = Random(12, 3, 3);
  const Advantages all = ComputeGae(played.Input(0.9, 0.8));
  for (int world = 0; world < 3; ++world) {
    Played own{12, 1, {}, {}, {}, {}, {}};
    for (int step = 0; step < 12; ++step) {
      const std::size_t i = played.At(step, world);
      own.reward.push_back(played.reward[i]), own.value.push_back(played.value[i]);
      own.next_value.push_back(played.next_value[i]);
      own.terminated.push_back(played.terminated[i]), own.truncated.push_back(played.truncated[i]);
    }
    const Advantages alone = ComputeGae(own.Input(0.9, 0.8));
    for (int step = 0; step < 12; ++step)
      EXPECT_EQ(alone.advantage[static_cast<std::size_t>(step)], all.advantage[played.At(step, world)]);
  }
}

}  // namespace
}  // namespace genba::trainer
