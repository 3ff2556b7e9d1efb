// calibrate.h - sets a policy's AnswerCalibration on texts that it has not learned from: the temperature at which its
// probabilities are most truthful, and the threshold from which it acts. Called by behaviour cloning and `genba probe`.
// Pure; any thread; no torch. Law: the order of the samples does not matter beyond rounding.
#pragma once
#include <array>
#include <vector>

#include "policies/answering.h"

namespace genba::trainer {

struct AnswerSample {
  std::array<float, kNumAnswers> logits{};
  Answer right = Answer::kAct;
};

// A robot that asks again costs a moment; one that moves when it must not can cost more: twice as much, as one is asked
// to refuse at most 4 % of new orders and to move on at most 2 % of what is none.
inline constexpr double kActingWeighs = 2;

// temperature: of the smallest mean cross entropy, searched on a grid. threshold: at most 0.95, where the share of
// orders that are refused and kActingWeighs times the share of the others that are acted on have the smallest sum (W. J.
// Youden, "Index for rating diagnostic tests", Cancer 1950, with a weight); of equally good ones the largest.
policies::AnswerCalibration Calibrate(const std::vector<AnswerSample>& samples);

// Expected calibration error (reliability.h) of the answers that are given so.
double CalibrationError(const std::vector<AnswerSample>& samples, const policies::AnswerCalibration& calibration);

}  // namespace genba::trainer
