// Laws of reliability: closed forms, the same error as calibration's own, reader(writer(x)) = x.
#include "trainer/reliability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/rng.h"
#include "trainer/calibrate.h"

namespace genba::trainer {
namespace {

using Json = nlohmann::json;

std::vector<JudgedAnswer> Times(int right, int wrong, double probability) {
  std::vector<JudgedAnswer> answers(static_cast<std::size_t>(right), {probability, true});
  answers.resize(answers.size() + static_cast<std::size_t>(wrong), {probability, false});
  return answers;
}

std::vector<JudgedAnswer> Both(std::vector<JudgedAnswer> a, const std::vector<JudgedAnswer>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(Reliability, ClosedForms) {
  EXPECT_NEAR(ReliabilityOf(Times(3, 1, 0.75)).error, 0, 1e-12);  // as right as it says
  EXPECT_NEAR(ReliabilityOf(Times(2, 2, 1)).error, 0.5, 1e-12);   // always sure, right by half
  // 10 answers at 0.95, 8 right, and 30 at 0.55, 15 right: (10 · 0.15 + 30 · 0.05) / 40.
  const Reliability two = ReliabilityOf(Both(Times(8, 2, 0.95), Times(15, 15, 0.55)));
  EXPECT_NEAR(two.error, 3.0 / 40, 1e-12);
  EXPECT_EQ(two.answers, 40);
  EXPECT_EQ(two.sure, 10);
  EXPECT_EQ(two.sure_right, 8);
  EXPECT_EQ(two.bins[9].count, 10);
  EXPECT_NEAR(two.bins[9].right, 0.8, 1e-12);
  EXPECT_NEAR(two.bins[5].claimed, 0.55, 1e-12);
  // Errors of different bins do not make up for each other: the control.
  EXPECT_GT(ReliabilityOf(Both(Times(0, 10, 0.25), Times(10, 0, 0.75))).error, 0.2);
}

TEST(Reliability, ABinBeginsAtItsLowEnd) {
  const Reliability all = ReliabilityOf(Both(Times(1, 0, kSure), Both(Times(1, 0, 0), Times(1, 0, 1))));
  EXPECT_EQ(all.sure, 2);
  EXPECT_EQ(all.bins[9].count, 2);
  EXPECT_EQ(all.bins[0].count, 1);
}

// The figure that training prints and the one that the evaluation prints are the same.
TEST(Reliability, TheErrorIsThatOfCalibration) {
  std::vector<AnswerSample> samples;
  std::vector<JudgedAnswer> judged;
  const policies::AnswerCalibration calibration{.temperature = 0.7, .threshold = 0.3};
  Rng rng(1, 0, "reliability");
  for (int i = 0; i < 3000; ++i) {
    AnswerSample sample;
    for (float& logit : sample.logits) logit = static_cast<float>(2 * rng.Normal());
    sample.right = static_cast<Answer>(rng.Int(0, kNumAnswers - 1));
    const auto given = policies::Decide(policies::Probabilities(sample.logits, calibration), calibration, {});
    samples.push_back(sample);
    judged.push_back({given.probability, given.answer == sample.right});
  }
  EXPECT_NEAR(ReliabilityOf(judged).error, CalibrationError(samples, calibration), 1e-12);
  const Json before = ToJson(ReliabilityOf(judged));
  rng.Shuffle(judged);
  EXPECT_NEAR(before["error"], ReliabilityOf(judged).error, 1e-12);
}

TEST(Reliability, IsReadBackAsItWasWritten) {
  for (const auto& answers : {std::vector<JudgedAnswer>{}, Both(Times(8, 2, 0.97), Times(1, 2, 1.0 / 3))}) {
    const Json json = ToJson(ReliabilityOf(answers));
    EXPECT_EQ(ToJson(ReliabilityFromJson(Json::parse(json.dump()), "x")), json);
  }
  const Json nothing = ToJson(ReliabilityOf({}));
  for (const char* key : {"coverage", "accuracy", "error"}) EXPECT_TRUE(nothing[key].is_null()) << key;
  EXPECT_TRUE(nothing["bins"][3]["right"].is_null());
}

TEST(Reliability, WhatCannotBeIsRefusedByName) {
  const Json good = ToJson(ReliabilityOf(Times(8, 2, 0.97)));
  const auto refused = [&](const char* key, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(key)] = value;
    try {
      ReliabilityFromJson(bad, "file");
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(refused("/sure", 11).find("sure"), std::string::npos);
  EXPECT_NE(refused("/sure_right", -1).find("sure_right"), std::string::npos);
  EXPECT_NE(refused("/error", "small").find("error"), std::string::npos);
  EXPECT_NE(refused("/bins", Json::array()).find("bins"), std::string::npos);
  EXPECT_NE(refused("/bins/9/count", 9).find("add up to 10"), std::string::npos);
  EXPECT_NE(refused("/bins/9/right", 1.5).find("right"), std::string::npos);
  EXPECT_NE(refused("/bins/9", 1).find("bins"), std::string::npos);
  EXPECT_NE(refused("/bins/9/claimed", nullptr).find("claimed"), std::string::npos);
  EXPECT_EQ(refused("/other", 1), "");  // more keys may be added
}

}  // namespace
}  // namespace genba::trainer
