#include "policies/answering.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace genba::policies {

namespace {

double NumberIn(const nlohmann::json& json, const std::string& key, const std::string& file, double low, double high) {
  const double value = JsonNumber(json, key, file);
  if (value >= low && value <= high) return value;
  throw BadInput({file, key, std::to_string(low) + " … " + std::to_string(high), std::to_string(value)});
}

}  // namespace

nlohmann::json ToJson(const AnswerCalibration& calibration) {
  return {{"temperature", calibration.temperature},
          {"threshold", calibration.threshold},
          {"hysteresis", calibration.hysteresis}};
}

AnswerCalibration AnswerCalibrationFromJson(const nlohmann::json& json, const std::string& file) {
  CheckKeys(json, {"temperature", "threshold", "hysteresis"}, file);
  return {NumberIn(json, "temperature", file, 0.01, 100), NumberIn(json, "threshold", file, 0, 1),
          NumberIn(json, "hysteresis", file, 0, 1)};
}

AnswerProbabilities Probabilities(std::span<const float> logits, const AnswerCalibration& calibration) {
  GENBA_CHECK(logits.size() == static_cast<std::size_t>(kNumAnswers), "one logit per answer");
  const double largest = *std::max_element(logits.begin(), logits.end());
  AnswerProbabilities probabilities{};
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i)
    sum += probabilities[i] = std::exp((static_cast<double>(logits[i]) - largest) / calibration.temperature);
  for (double& p : probabilities) p /= sum;
  return probabilities;
}

GivenAnswer Decide(const AnswerProbabilities& probabilities, const AnswerCalibration& calibration,
                   const std::optional<Answer>& before) {
  double needed = calibration.threshold;
  if (before) needed += *before == Answer::kAct ? -calibration.hysteresis : calibration.hysteresis;
  const double act = probabilities[static_cast<std::size_t>(Answer::kAct)];
  if (act >= std::clamp(needed, 0.0, 1.0)) return {Answer::kAct, act};
  const auto best = std::max_element(probabilities.begin() + 1, probabilities.end());
  return {static_cast<Answer>(best - probabilities.begin()), *best};
}

}  // namespace genba::policies
