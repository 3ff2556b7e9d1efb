// What the critic sees, and the scale it sees it in.
#include "trainer/critic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"

namespace genba::trainer {
namespace {

std::vector<float> Rows(int count, int columns, std::uint64_t seed) {
  Rng rng(seed, 0, "rows");
  std::vector<float> rows(static_cast<std::size_t>(count * columns));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(3 + 2 * rng.Normal());
  return rows;
}

TEST(RunningScale, InPartsIsThatOfAll) {
  const std::vector<float> rows = Rows(50, 3, 1);
  RunningScale all(3), parts(3);
  all.Add(rows);
  parts.Add(std::span(rows).first(3 * 7));
  parts.Add(std::span(rows).subspan(3 * 7));
  for (int column = 0; column < 3; ++column) {
    EXPECT_NEAR(all.mean(column), parts.mean(column), 1e-5);
    EXPECT_NEAR(all.deviation(column), parts.deviation(column), 1e-5);
  }
}

TEST(RunningScale, AppliedGivesMeanNothingAndDeviationOne) {
  std::vector<float> rows = Rows(200, 2, 2);
  RunningScale scale(2);
  scale.Add(rows);
  scale.Apply(rows);
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < rows.size(); i += 2) sum += rows[i], squares += rows[i] * rows[i];
  EXPECT_NEAR(sum / 200, 0, 1e-4);
  EXPECT_NEAR(squares / 200, 1, 1e-3);
}

TEST(RunningScale, ChangesNothingBeforeTheFirstRowAndCutsWhatIsFarOff) {
  std::vector<float> row{5, -5};
  RunningScale scale(2);
  scale.Apply(row);
  EXPECT_EQ(row, (std::vector<float>{5, -5}));
  scale.Add(std::vector<float>{0, 7, 1, 7});  // the second column never changes
  row = {1000, 7};
  scale.Apply(row);
  EXPECT_EQ(row, (std::vector<float>{10, 0}));
}

TEST(RunningScale, SavedAndRestoredGoesOn) {
  RunningScale scale(2), again(2);
  scale.Add(Rows(20, 2, 3));
  ASSERT_TRUE(again.Restore(scale.Saved()));
  for (RunningScale* each : {&scale, &again}) each->Add(Rows(5, 2, 4));
  EXPECT_EQ(scale.Saved(), again.Saved());
  EXPECT_FALSE(again.Restore(std::vector<double>(3)));
}

}  // namespace
}  // namespace genba::trainer
