// Laws of the judges: each is the network it would be alone, knows nothing of the others, hears which word stands beside
// which, and padding changes nothing.
#include "policies/judges.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/rng.h"

namespace genba::policies {
namespace {

constexpr int kMembers = 3, kWidth = 8, kText = 12, kNamed = 5, kAnswers = 4;
constexpr std::int64_t kTexts = 6, kTokens = 7;

struct Team {
  Team() : judges(Shape(), layout), flat(layout.Initial(3)), weights(layout.Views(flat)) {}
  static JudgesShape Shape() {
    return {.members = kMembers,
            .width = kWidth,
            .heads = 2,
            .blocks = 1,
            .text_dim = kText,
            .named = kNamed,
            .quantities = 4,
            .answers = kAnswers};
  }
  ParameterLayout layout;
  Judges judges;
  at::Tensor flat;
  Weights weights;
};

at::Tensor Random(at::IntArrayRef shape, std::uint64_t seed) {
  at::Tensor values = at::zeros(shape, at::kFloat);
  Rng rng(seed, 0, "judges test");
  for (std::int64_t i = 0; i < values.numel(); ++i)
    values.mutable_data_ptr<float>()[i] = static_cast<float>(rng.Normal());
  return values;
}

struct Sentences {
  at::Tensor tokens = Random({kTexts, kTokens, kText}, 1), mask = at::zeros({kTexts, 1, 1, kTokens}, at::kFloat),
             named = Random({kTexts, kNamed}, 2);
};

at::Tensor Says(const Team& team, const Sentences& s) {
  return team.judges.Says(team.weights, team.judges.Told(team.weights, s.tokens, s.mask), s.named);
}

double Apart(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(Judges, ATeamIsItsMembersSideBySide) {
  const c10::InferenceMode no_gradients;
  ParameterLayout layout;
  const LinearTeam team(layout, "team", kMembers, kText, kWidth);
  const at::Tensor flat = layout.Initial(5);
  const Weights weights = layout.Views(flat);
  const at::Tensor x = Random({kMembers, 9, kText}, 7), y = team(weights, x);
  for (std::int64_t member = 0; member < kMembers; ++member) {
    for (std::int64_t out = 0; out < kWidth; ++out) {
      for (std::int64_t row = 0; row < 9; ++row) {
        double expected = weights[1][member][0][out].item<double>();
        for (std::int64_t in = 0; in < kText; ++in)
          expected += x[member][row][in].item<double>() * weights[0][member][in][out].item<double>();
        EXPECT_NEAR(y[member][row][out].item<double>(), expected, 1e-5);
      }
    }
  }
}

TEST(Judges, NoneKnowsOfTheOthers) {
  const c10::InferenceMode no_gradients;
  Team team;
  const Sentences sentences;
  const at::Tensor before = Says(team, sentences);
  EXPECT_GT(Apart(before[0], before[1]), 1e-3);            // they begin differently
  for (std::size_t i = 0; i < team.weights.size(); ++i) {  // how one takes a sentence, not what it says of it
    at::Tensor all = team.weights[i];
    if (team.layout.parameters()[i].name.find(".says.") != std::string::npos) continue;
    if (all.size(0) == kMembers) all[1].add_(0.25);
    if (all.size(0) == kMembers * kWidth) all.narrow(0, kWidth, kWidth).add_(0.25);  // the first layer, of all in one
  }
  const at::Tensor after = Says(team, sentences);
  EXPECT_LT(Apart(after[0], before[0]), 1e-6);
  EXPECT_LT(Apart(after[2], before[2]), 1e-6);
  EXPECT_GT(Apart(after[1], before[1]), 1e-3);  // the control: the one that was changed
}

// Swaps two words that stand in the middle. Features here say nothing of where a word stands.
Sentences Swapped(const Sentences& sentences) {
  Sentences swapped = sentences;
  swapped.tokens = sentences.tokens.clone();
  swapped.tokens.select(1, 2).copy_(sentences.tokens.select(1, 3));
  swapped.tokens.select(1, 3).copy_(sentences.tokens.select(1, 2));
  return swapped;
}

TEST(Judges, HearWhichWordStandsBesideWhich) {
  const c10::InferenceMode no_gradients;
  Team team;
  const Sentences sentences;
  EXPECT_GT(Apart(Says(team, Swapped(sentences)), Says(team, sentences)), 1e-3);
  for (std::size_t i = 0; i < team.weights.size(); ++i) {  // the control: attention and looks do not
    if (team.layout.parameters()[i].name.find(".near.second.") != std::string::npos) {
      at::Tensor near = team.weights[i];
      near.zero_();
    }
  }
  EXPECT_LT(Apart(Says(team, Swapped(sentences)), Says(team, sentences)), 1e-5);
}

TEST(Judges, PaddingChangesNothingAndProbabilitiesAreSome) {
  const c10::InferenceMode no_gradients;
  const Team team;
  Sentences sentences;
  const at::Tensor alone = Says(team, sentences);
  EXPECT_LT((alone.exp().sum(2) - 1).abs().max().item<double>(), 1e-5);
  sentences.tokens = at::cat({sentences.tokens, Random({kTexts, 2, kText}, 9)}, 1);
  const at::Tensor unmasked = at::zeros({kTexts, 1, 1, kTokens + 2}, at::kFloat);
  const double none = -std::numeric_limits<double>::infinity();
  sentences.mask = at::cat({sentences.mask, at::full({kTexts, 1, 1, 2}, none, at::kFloat)}, 3);
  EXPECT_LT(Apart(Says(team, sentences), alone), 1e-5);
  sentences.mask = unmasked;  // the control: the same tokens, heard
  EXPECT_GT(Apart(Says(team, sentences), alone), 1e-3);
}

}  // namespace
}  // namespace genba::policies
