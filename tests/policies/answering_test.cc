// Laws of answering: calibrated probabilities sum to one, acting begins exactly at the threshold, and an answer given is
// not dropped for a small change of mind.
#include "policies/answering.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "core/error.h"

namespace genba::policies {
namespace {

constexpr AnswerCalibration kCalibration{.temperature = 1, .threshold = 0.6, .hysteresis = 0.2};

GivenAnswer Given(double act, std::optional<Answer> before = {}) {
  const double rest = 1 - act;
  return Decide({act, 0.2 * rest, 0.5 * rest, 0.3 * rest}, kCalibration, before);
}

TEST(Answering, BeginsToActAtTheThreshold) {
  constexpr double kHair = 1e-9;
  EXPECT_EQ(Given(0.6 + kHair).answer, Answer::kAct);
  EXPECT_EQ(Given(0.6 - kHair).answer, Answer::kMustNot);  // the likeliest of the others
  EXPECT_DOUBLE_EQ(Given(0.7).probability, 0.7);
  EXPECT_DOUBLE_EQ(Given(0.2).probability, 0.4);
}

TEST(Answering, ChangesItsMindOnlyForMoreThanTheHysteresis) {
  EXPECT_EQ(Given(0.41, Answer::kAct).answer, Answer::kAct);
  EXPECT_EQ(Given(0.39, Answer::kAct).answer, Answer::kMustNot);
  EXPECT_EQ(Given(0.79, Answer::kCannot).answer, Answer::kMustNot);
  EXPECT_EQ(Given(0.81, Answer::kCannot).answer, Answer::kAct);
}

TEST(Answering, TemperatureMovesProbabilitiesAndNotTheirOrder) {
  const std::array<float, kNumAnswers> logits{2, 1, -1, 0};
  for (const double temperature : {0.5, 1.0, 4.0}) {
    const AnswerProbabilities p = Probabilities(logits, {.temperature = temperature});
    EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
    EXPECT_NEAR(std::log(p[0] / p[1]), 1 / temperature, 1e-9);
    EXPECT_TRUE(p[0] > p[1] && p[1] > p[3] && p[3] > p[2]);
  }
  EXPECT_NEAR(Probabilities(std::array<float, kNumAnswers>{1e30f, 0, 0, 0}, {})[0], 1, 1e-12);
}

TEST(Answering, CalibrationReadsBackAndIsChecked) {
  const AnswerCalibration calibration{.temperature = 1.5, .threshold = 0.7, .hysteresis = 0.1};
  nlohmann::json json = ToJson(calibration);
  EXPECT_EQ(ToJson(AnswerCalibrationFromJson(json, "file")), json);
  for (const auto& [key, value] : {std::pair{"temperature", 0.0}, {"threshold", 1.5}, {"hysteresis", -0.1}}) {
    nlohmann::json bad = json;
    bad[key] = value;
    EXPECT_THROW(AnswerCalibrationFromJson(bad, "file"), Error) << key;
    bad.erase(key);
    EXPECT_THROW(AnswerCalibrationFromJson(bad, "file"), Error) << key;
  }
  json["more"] = 1;
  EXPECT_THROW(AnswerCalibrationFromJson(json, "file"), Error);
}

}  // namespace
}  // namespace genba::policies
