#include "trainer/calibrate.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "trainer/reliability.h"

namespace genba::trainer {

namespace {

constexpr double kSteps = 60;  // of the temperature, between 1 / kWidest and kWidest
constexpr double kWidest = 8;
constexpr double kUnmeasured = 0.5, kMostThreshold = 0.95;

double CrossEntropy(const std::vector<AnswerSample>& samples, double temperature) {
  double sum = 0;
  for (const AnswerSample& sample : samples) {
    const auto p = policies::Probabilities(sample.logits, {.temperature = temperature});
    sum -= std::log(std::max(p[static_cast<std::size_t>(sample.right)], 1e-12));
  }
  return sum;
}

double BestTemperature(const std::vector<AnswerSample>& samples) {
  double best = 1, least = CrossEntropy(samples, 1);
  for (int i = 0; i <= static_cast<int>(kSteps); ++i) {
    const double temperature = std::pow(kWidest, 2 * i / kSteps - 1);
    const double entropy = CrossEntropy(samples, temperature);
    if (entropy < least) least = entropy, best = temperature;
  }
  return best;
}

// Where acting on what is not to be acted on and refusing orders are together rarest.
double BestThreshold(const std::vector<AnswerSample>& samples, const policies::AnswerCalibration& calibration) {
  std::vector<std::pair<double, bool>> acting;  // probability of acting, whether that is right; descending
  double orders = 0;
  for (const AnswerSample& sample : samples) {
    acting.emplace_back(policies::Probabilities(sample.logits, calibration)[0], sample.right == Answer::kAct);
    orders += acting.back().second;
  }
  const double others = static_cast<double>(samples.size()) - orders;
  if (orders == 0 || others == 0) return kUnmeasured;
  std::sort(acting.begin(), acting.end(), std::greater<>());
  double best = kMostThreshold, least = 1 + kActingWeighs, kept = 0, acted = 0;
  for (const auto& [probability, right] : acting) {
    (right ? kept : acted) += 1;
    const double errors = 1 - kept / orders + kActingWeighs * acted / others;
    if (probability <= kMostThreshold && errors < least) least = errors, best = probability;
    if (probability > kMostThreshold) least = errors;  // what the highest gives
  }
  return best;
}

}  // namespace

policies::AnswerCalibration Calibrate(const std::vector<AnswerSample>& samples) {
  policies::AnswerCalibration calibration;
  calibration.temperature = BestTemperature(samples);
  calibration.threshold = BestThreshold(samples, calibration);
  // Between never and always there is room for it on both sides.
  const double room = std::min(calibration.threshold, 1 - calibration.threshold);
  calibration.hysteresis = std::min(calibration.hysteresis, room / 2);
  return calibration;
}

double CalibrationError(const std::vector<AnswerSample>& samples, const policies::AnswerCalibration& calibration) {
  std::vector<JudgedAnswer> answers;
  for (const AnswerSample& sample : samples) {
    const policies::GivenAnswer given =
        policies::Decide(policies::Probabilities(sample.logits, calibration), calibration, {});
    answers.push_back({given.probability, given.answer == sample.right});
  }
  return ReliabilityOf(answers).error;
}

}  // namespace genba::trainer
