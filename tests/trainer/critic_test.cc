// What the critic sees, and the scale it sees it in.
#include "trainer/critic.h"

#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

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

TEST(RunningScale, LeavesWhatStandsBehindAsItIs) {
  RunningScale scale(1, 2);
  std::vector<float> rows{1, 1, 0, 3, 1, 1};
  scale.Add(rows);
  scale.Apply(rows);
  EXPECT_EQ(rows, (std::vector<float>{-1, 1, 0, 1, 1, 1}));
}

constexpr int kSlots = 4, kColumns = 3, kPhysics = 5;

EnvSpec SmallSpec() {
  EnvSpec spec;
  spec.observation = {{"first", {2}, "m", ""}, {"things", {kSlots, kColumns}, "m", ""}, {"last", {1}, "m", ""}};
  return spec;
}

TEST(CriticView, AloneFirstThenSlotsThenWhichAreMeant) {
  const CriticView view(SmallSpec(), kPhysics);
  std::vector<float> obs(2 + kSlots * kColumns + 1);
  std::iota(obs.begin(), obs.end(), 10.0f);
  const std::vector<double> physics{99, 1, 2, 3, 4};  // the clock first
  const std::vector<std::uint8_t> wanted{0, 1, 0, 1};
  std::vector<float> row(static_cast<std::size_t>(view.dim()), -1.0f);
  view.Write({obs, wanted, physics}, row);
  std::vector<float> expected{10, 11, 24, 1, 2, 3, 4};  // no clock
  expected.insert(expected.end(), obs.begin() + 2, obs.end() - 1);
  expected.insert(expected.end(), {0, 1, 0, 1});
  EXPECT_EQ(row, expected);
  EXPECT_EQ(view.shape().scaled() + kSlots, view.dim());
}

// An episode that is cut off counts as going on: when that is, it must not see.
TEST(CriticView, KnowsNoTime) {
  const CriticView view(SmallSpec(), kPhysics);
  const std::vector<float> obs(2 + kSlots * kColumns + 1, 1.0f);
  const std::vector<std::uint8_t> wanted(kSlots);
  const auto row_of = [&](const std::vector<double>& physics) {
    std::vector<float> row(static_cast<std::size_t>(view.dim()));
    view.Write({obs, wanted, physics}, row);
    return row;
  };
  EXPECT_EQ(row_of({0, 1, 2, 3, 4}), row_of({17, 1, 2, 3, 4}));
  EXPECT_NE(row_of({0, 1, 2, 3, 4}), row_of({0, 1.5, 2, 3, 4}));
}

// The critic on rows of the given slots, of which some are meant.
class CriticOnSlots : public ::testing::Test {
 protected:
  using Slot = std::array<float, kColumns>;
  float Value(const std::array<Slot, kSlots>& slots, const std::array<float, kSlots>& meant) const {
    std::vector<float> row(static_cast<std::size_t>(shape_.dim()), 0.5f);
    auto to = row.begin() + shape_.alone;
    for (const Slot& slot : slots) to = std::copy(slot.begin(), slot.end(), to);
    std::copy(meant.begin(), meant.end(), to);
    return critic_.Value(weights_, at::tensor(at::ArrayRef<float>(row), at::kFloat).unsqueeze(0)).item<float>();
  }
  static constexpr Slot kNear{0.1f, 0.2f, 1}, kFar{0.9f, -1.2f, 1}, kOther{-0.4f, 0.3f, 0};

 private:
  CriticShape shape_ = CriticView(SmallSpec(), kPhysics).shape();
  policies::ParameterLayout layout_;
  Critic critic_{shape_, 16, layout_};
  policies::Weights weights_ = layout_.Views(layout_.Initial(1));
};

TEST_F(CriticOnSlots, OnlyWhatIsMeantCounts) {
  const float value = Value({kNear, kFar, kOther, kOther}, {1, 0, 0, 0});
  EXPECT_EQ(value, Value({kNear, kOther, kFar, kNear}, {1, 0, 0, 0}));
  EXPECT_NE(value, Value({kNear, kFar, kOther, kOther}, {1, 1, 0, 0}));
}

TEST_F(CriticOnSlots, TheOrderOfTheSlotsDoesNotCount) {
  EXPECT_EQ(Value({kNear, kFar, kOther, kOther}, {1, 1, 0, 0}), Value({kOther, kFar, kOther, kNear}, {0, 1, 0, 1}));
}

}  // namespace
}  // namespace genba::trainer
