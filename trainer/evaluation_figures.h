// evaluation_figures.h - the figures that an evaluation's outcomes make, before anybody words them: rates of rows, what was
// answered, counterfactuals by aspect, the two languages over the same scenes. The inside of evaluation.h; called by its JSON
// and its table, so that both say the same. Pure; any thread. What was not measured is nothing, never 0.
#pragma once
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trainer/evaluate.h"
#include "trainer/interval.h"

namespace genba::trainer {

using Outcomes = std::vector<EpisodeOutcome>;

const Outcomes& Nominal(const Evaluation& evaluation);

// Success of the orders among the outcomes; what should not be done is judged by what was answered.
Interval Rate(const Outcomes& outcomes);
Interval RateIn(const Outcomes& outcomes, envs::Language language);
std::optional<double> Mean(const Outcomes& outcomes, const std::function<double(const EpisodeOutcome&)>& value);
std::optional<double> Percentile(std::vector<double> values, double percent);  // nearest rank
std::optional<double> Ratio(const Interval& rate, const Interval& nominal);

// Of the nominal row.
std::vector<double> CycleTimes(const Evaluation& evaluation);
std::vector<double> PeakForces(const Evaluation& evaluation);
std::map<std::string, int> Failures(const Evaluation& evaluation);

// What became of the instructions by a key of theirs, in the nominal row and in those that are to be refused.
struct Obedience {
  int right = 0;    // answered as they should be
  int moved = 0;    // something moved in the first seconds
  int success = 0;  // done when they should be, left alone when not
  int n = 0;
};
std::map<std::string, Obedience> ByExpect(const Evaluation& evaluation);
std::map<std::string, Obedience> ByFamily(const Evaluation& evaluation);

// The answers given to the instructions of a row that are of one family and deserve the same one.
struct RowAnswers {
  std::string row, family;
  Answer expect = Answer::kAct;
  std::array<int, kNumAnswers> given{};
  int moved = 0;
  int n = 0;
  int right() const { return given.at(static_cast<std::size_t>(expect)); }
};
std::vector<RowAnswers> AnswersByRow(const Evaluation& evaluation);
// Worth a person's look: the nominal row, whatever is to be refused, orders that were refused.
bool IsTelling(const RowAnswers& answers);

// Counterfactual orders by what they differ in from the drawn ones; kSeveral: in more than one aspect.
inline constexpr const char* kSeveral = "several";
struct AspectFigures {
  std::string aspect;
  Interval rate;
  std::optional<double> ratio;  // to the nominal row
  std::optional<double> did_old_task;
};
std::vector<AspectFigures> ByAspect(const Evaluation& evaluation);
// Of all counterfactual rows; empty: none was played.
Outcomes Counterfactuals(const Evaluation& evaluation);

// The nominal row and the same scenes and orders in the other language: first Japanese, second English. Nothing where that
// row was not played.
std::optional<Pairs> JapaneseAndEnglish(const Evaluation& evaluation);

}  // namespace genba::trainer
