// The arithmetic of PPO against closed forms, and its gradient against differences.
#include "trainer/ppo_loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace genba::trainer {
namespace {

at::Tensor Of(std::initializer_list<double> values, at::IntArrayRef shape) {
  return at::tensor(at::ArrayRef<double>(values.begin(), values.size()), at::kFloat).view(shape);
}

TEST(PpoLoss, LogProbabilityIsTheGaussians) {
  const Gaussian gaussian{Of({0.2, -0.3}, {1, 2}), Of({std::log(0.5), std::log(2.0)}, {2})};
  const double wanted = -0.5 * (std::pow(0.6 / 0.5, 2) + std::pow(1.3 / 2, 2)) - std::log(0.5) - std::log(2.0) -
                        std::log(2 * std::numbers::pi);
  EXPECT_NEAR(LogProbability(gaussian, Of({0.8, 1.0}, {1, 2})).item<double>(), wanted, 1e-5);
}

TEST(PpoLoss, EntropyIsThatOfItsColumns) {
  const double each = 0.5 * std::log(2 * std::numbers::pi * std::numbers::e);
  EXPECT_NEAR(Entropy(Of({0.0, std::log(3.0)}, {2})).item<double>(), 2 * each + std::log(3.0), 1e-5);
}

TEST(PpoLoss, DivergenceIsNothingFromItselfAndClosedFormOtherwise) {
  const Gaussian one{Of({0.5}, {1, 1}), Of({std::log(0.5)}, {1})}, two{Of({-0.5}, {1, 1}), Of({std::log(2.0)}, {1})};
  EXPECT_NEAR(Divergence(one, one).item<double>(), 0, 1e-6);
  EXPECT_NEAR(Divergence(one, two).item<double>(), std::log(4.0) + (0.25 + 1) / 8 - 0.5, 1e-5);
}

// One sample: deviation 1, mean 0, so the ratio follows from where the action lies.
PlayedBatch One(double action, double ratio, double advantage) {
  const Gaussian now{Of({0}, {1, 1}), Of({0}, {1})};
  const at::Tensor drawn = Of({action}, {1, 1});
  return {drawn, now, LogProbability(now, drawn) - std::log(ratio), Of({advantage}, {1}), Of({0}, {1})};
}

// The gain stops growing outside 1 ± clip on the side that the advantage pulls to, and never stops falling.
TEST(PpoLoss, RatiosCountWithinTheirClip) {
  const Gaussian now{Of({0}, {1, 1}), Of({0}, {1})};
  const auto policy = [&](double ratio, double advantage) {
    return ComputePpoTerms(now, Of({0}, {1}), One(0.3, ratio, advantage), 0.2).policy.item<double>();
  };
  EXPECT_NEAR(policy(1.1, 2), -2.2, 1e-5);
  EXPECT_NEAR(policy(1.5, 2), -2.4, 1e-5);
  EXPECT_NEAR(policy(0.5, 2), -1.0, 1e-5);
  EXPECT_NEAR(policy(1.5, -2), 3.0, 1e-5);
  EXPECT_NEAR(policy(0.5, -2), 1.6, 1e-5);
}

TEST(PpoLoss, ValueIsHalfTheSquaredError) {
  const Gaussian now{Of({0}, {1, 1}), Of({0}, {1})};
  EXPECT_NEAR(ComputePpoTerms(now, Of({3}, {1}), One(0, 1, 1), 0.2).value.item<double>(), 4.5, 1e-6);
}

TEST(PpoLoss, ItsGradientIsThatOfItsDifferences) {
  const auto loss = [](const at::Tensor& mean, const at::Tensor& log_deviation) {
    const at::Tensor action = Of({0.4, -0.1, 0.2, 0.6}, {2, 2});
    const Gaussian before{Of({0.1, 0.0, -0.2, 0.3}, {2, 2}).to(at::kDouble), Of({-0.5, -0.4}, {2}).to(at::kDouble)};
    const PlayedBatch played{action.to(at::kDouble), before, LogProbability(before, action.to(at::kDouble)),
                             Of({0.7, -1.2}, {2}).to(at::kDouble), Of({0, 0}, {2}).to(at::kDouble)};
    const PpoTerms terms = ComputePpoTerms({mean, log_deviation}, Of({0, 0}, {2}).to(at::kDouble), played, 0.5);
    return terms.policy - 0.01 * Entropy(log_deviation);
  };
  at::Tensor mean = Of({0.12, 0.02, -0.15, 0.28}, {2, 2}).to(at::kDouble).requires_grad_(),
             log_deviation = Of({-0.45, -0.42}, {2}).to(at::kDouble).requires_grad_();
  loss(mean, log_deviation).backward();
  const double h = 1e-6;
  for (at::Tensor* input : {&mean, &log_deviation}) {
    const at::NoGradGuard no_gradients;
    at::Tensor flat = input->view({-1});
    for (std::int64_t i = 0; i < flat.size(0); ++i) {
      const double at = flat[i].item<double>();
      flat[i] = at + h;
      const double above = loss(mean, log_deviation).item<double>();
      flat[i] = at - h;
      const double below = loss(mean, log_deviation).item<double>();
      flat[i] = at;
      EXPECT_NEAR(input->grad().view({-1})[i].item<double>(), (above - below) / (2 * h), 1e-6);
    }
  }
}

}  // namespace
}  // namespace genba::trainer
