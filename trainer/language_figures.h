// language_figures.h - what the suite "language" says: exactness, answers by row, orders refused by split and language, and
// whether the answers' probabilities can be believed. The inside of evaluation.h, as JSON and as lines for people. Pure; any
// thread. What was not measured is null and "–", never 0.
#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "trainer/language_suite.h"
#include "trainer/reliability.h"

namespace genba::trainer {

struct AnswerCount {
  Answer expect = Answer::kAct;
  int texts = 0;
  int right = 0;
  int acted = 0;
  int sure = 0, sure_right = 0;  // given with a probability of kSure at least, and right
};
// In the order they were read.
std::vector<std::pair<std::string, AnswerCount>> AnswersByRow(const LanguageResult& language);

// Plain orders that are refused, of a split.
struct RefusedOrders {
  int texts = 0;
  int refused = 0;
};
// By split (train, templates, taught, pairs), then by language.
std::map<std::string, std::map<std::string, RefusedOrders>> OrdersRefused(const LanguageResult& language);

// All in patterns that neither training nor calibration said. even: the orders and about as many refusals, families in
// equal shares, as where the probabilities were calibrated: with ten times as many of the one they mean something else.
// learned: the same without the families that nothing was learned from (held_out.…).
struct Calibrations {
  Reliability orders, refusals, even, learned;
};
Calibrations CalibrationsOf(const LanguageResult& language);

nlohmann::json ExactJson(const LanguageResult& language);
nlohmann::json ReadingJson(const LanguageResult& language);
std::string LanguageLines(const LanguageResult& language);

}  // namespace genba::trainer
