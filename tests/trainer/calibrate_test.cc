// Laws of calibration: too sure a policy is made less sure, orders are kept, and the error is what it says.
#include "trainer/calibrate.h"

#include <gtest/gtest.h>

#include "core/rng.h"

namespace genba::trainer {
namespace {

// A policy whose logits are `sharpness` times those that would be truthful.
std::vector<AnswerSample> Samples(double sharpness) {
  std::vector<AnswerSample> samples;
  Rng rng(1, 0, "calibration");
  for (int i = 0; i < 20000; ++i) {
    AnswerSample sample;
    std::array<float, kNumAnswers> truth{};
    for (float& logit : truth) logit = static_cast<float>(2 * rng.Normal());
    truth[0] -= 2;  // orders are rare, so that the best threshold is no half
    double draw = rng.Uniform();
    const auto p = policies::Probabilities(truth, {});
    std::size_t right = 0;
    while (right + 1 < p.size() && draw >= p[right]) draw -= p[right++];
    sample.right = static_cast<Answer>(right);
    for (std::size_t k = 0; k < truth.size(); ++k) sample.logits[k] = static_cast<float>(sharpness * truth[k]);
    samples.push_back(sample);
  }
  return samples;
}

TEST(Calibrate, FindsTheTemperatureThatMakesProbabilitiesTruthful) {
  for (const double sharpness : {0.5, 1.0, 3.0}) {
    const std::vector<AnswerSample> samples = Samples(sharpness);
    const policies::AnswerCalibration calibration = Calibrate(samples);
    EXPECT_NEAR(calibration.temperature / sharpness, 1, 0.08);
    const policies::AnswerCalibration truthful{.temperature = calibration.temperature};
    EXPECT_LT(CalibrationError(samples, truthful), 0.03);
    EXPECT_TRUE(sharpness != 3 || CalibrationError(samples, {}) > 0.1);  // the control
  }
}

TEST(Calibrate, TheThresholdIsWhereBothErrorsAreRarest) {
  const std::vector<AnswerSample> samples = Samples(1);
  const policies::AnswerCalibration calibration = Calibrate(samples);
  const auto errors = [&](double threshold) {
    const policies::AnswerCalibration other{.temperature = calibration.temperature, .threshold = threshold};
    double orders = 0, refused = 0, acted = 0;
    for (const AnswerSample& sample : samples) {
      const bool acts =
          policies::Decide(policies::Probabilities(sample.logits, other), other, {}).answer == Answer::kAct;
      orders += sample.right == Answer::kAct;
      refused += sample.right == Answer::kAct && !acts;
      acted += sample.right != Answer::kAct && acts;
    }
    return refused / orders + kActingWeighs * acted / (static_cast<double>(samples.size()) - orders);
  };
  for (double threshold = 0.02; threshold <= 0.95; threshold += 0.02)
    EXPECT_LE(errors(calibration.threshold), errors(threshold) + 1e-12) << threshold;
  EXPECT_LT(errors(calibration.threshold), errors(0.5) - 0.02);  // the control: a half is not the best
  EXPECT_LE(2 * calibration.hysteresis, calibration.threshold + 1e-12);
  EXPECT_LE(2 * calibration.hysteresis, 1 - calibration.threshold + 1e-12);
}

// A policy that is quite sure of what it must not do acts from high on, and still has room to change its mind above.
TEST(Calibrate, AHighThresholdLeavesRoomForHysteresis) {
  std::vector<AnswerSample> samples;
  for (int i = 0; i < 1000; ++i) {
    AnswerSample sample;
    const bool order = i % 10 != 0;
    sample.logits = {order ? 6.0f : 3.5f, 0, 0, 0};
    sample.right = order ? Answer::kAct : Answer::kMustNot;
    samples.push_back(sample);
  }
  const policies::AnswerCalibration calibration = Calibrate(samples);
  EXPECT_GT(calibration.threshold, 0.9);
  EXPECT_GT(calibration.hysteresis, 0);
  EXPECT_LE(2 * calibration.hysteresis, 1 - calibration.threshold + 1e-12);
}

TEST(Calibrate, NothingToCalibrateOnChangesNothing) {
  const policies::AnswerCalibration calibration = Calibrate({});
  EXPECT_EQ(calibration.temperature, 1);
  EXPECT_EQ(calibration.threshold, 0.5);
  EXPECT_EQ(CalibrationError({}, calibration), 0);
}

}  // namespace
}  // namespace genba::trainer
