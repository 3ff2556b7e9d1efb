// answering.h - from the logits of a policy's answer to the answer it gives. Calibration is measured on texts that were not
// learned from and is stored with the policy. Pure; any thread. No torch.
#pragma once
#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "core/answer.h"

namespace genba::policies {

struct AnswerCalibration {
  double temperature = 1;   // the logits are divided by it
  double threshold = 0.5;   // to begin to act takes so much probability
  double hysteresis = 0.2;  // to go on takes so much less, to act after all so much more
};
nlohmann::json ToJson(const AnswerCalibration& calibration);
// Error(kBadInput) naming file and key.
AnswerCalibration AnswerCalibrationFromJson(const nlohmann::json& json, const std::string& file);

using AnswerProbabilities = std::array<double, kNumAnswers>;
AnswerProbabilities Probabilities(std::span<const float> logits, const AnswerCalibration& calibration);

struct GivenAnswer {
  Answer answer = Answer::kAct;
  double probability = 1;  // that it is right
};
// before: the answer given until now; nothing at the beginning.
GivenAnswer Decide(const AnswerProbabilities& probabilities, const AnswerCalibration& calibration,
                   const std::optional<Answer>& before);

}  // namespace genba::policies
