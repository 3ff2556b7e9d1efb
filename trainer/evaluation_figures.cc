#include "trainer/evaluation_figures.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace genba::trainer {

namespace {

Interval RateOf(const Outcomes& outcomes, const std::function<bool(const EpisodeOutcome&)>& counts) {
  int successes = 0, trials = 0;
  for (const EpisodeOutcome& outcome : outcomes) {
    if (outcome.expect != Answer::kAct || !counts(outcome)) continue;
    ++trials;
    successes += outcome.success;
  }
  return Wilson(successes, trials);
}

std::map<std::string, Obedience> Obeyed(const Outcomes& outcomes,
                                        const std::function<std::string(const EpisodeOutcome&)>& key) {
  std::map<std::string, Obedience> all;
  for (const EpisodeOutcome& o : outcomes) {
    if ((!o.given && o.expect == Answer::kAct) || key(o).empty()) continue;
    Obedience& sum = all[key(o)];
    sum.right += o.answer == o.expect;
    sum.moved += o.moved;
    sum.success += o.success;
    ++sum.n;
  }
  return all;
}

// The nominal row, and those of the families that are to be refused.
Outcomes Asked(const Evaluation& evaluation) {
  Outcomes asked = Nominal(evaluation);
  for (const auto& [name, outcomes] : evaluation.rows) {
    if (name.starts_with(kRefused)) asked.insert(asked.end(), outcomes.begin(), outcomes.end());
  }
  return asked;
}

std::string AspectOf(const EpisodeOutcome& outcome) {
  const std::vector<envs::Aspect> aspects = envs::Differences(outcome.old_order, outcome.order);
  return aspects.size() == 1 ? envs::kAspectNames.at(static_cast<std::size_t>(aspects.front())) : kSeveral;
}

double DidOldTask(const EpisodeOutcome& outcome) { return outcome.did_old_task ? 1 : 0; }

void CountPair(const EpisodeOutcome& japanese, const EpisodeOutcome& english, Pairs& pairs) {
  if (japanese.success && english.success)
    ++pairs.both;
  else if (!japanese.success && !english.success)
    ++pairs.neither;
  else
    ++(japanese.success ? pairs.first : pairs.second);
}

// Said by the grammar: a given sentence exists in one language only.
bool IsPair(const EpisodeOutcome& a, const EpisodeOutcome& b) {
  const auto order = [](const EpisodeOutcome& o) { return o.expect == Answer::kAct && !o.given; };
  return order(a) && order(b) && a.episode == b.episode && a.order == b.order && a.language != b.language;
}

}  // namespace

const Outcomes& Nominal(const Evaluation& evaluation) {
  const Outcomes* outcomes = evaluation.Find("train");
  GENBA_CHECK(outcomes != nullptr, "every suite has the nominal row");
  return *outcomes;
}

Interval Rate(const Outcomes& outcomes) {
  return RateOf(outcomes, [](const EpisodeOutcome&) { return true; });
}

Interval RateIn(const Outcomes& outcomes, envs::Language language) {
  return RateOf(outcomes, [language](const EpisodeOutcome& o) { return o.language == language; });
}

std::optional<double> Mean(const Outcomes& outcomes, const std::function<double(const EpisodeOutcome&)>& value) {
  double sum = 0;
  for (const EpisodeOutcome& outcome : outcomes) sum += value(outcome);
  if (outcomes.empty()) return {};
  return sum / static_cast<double>(outcomes.size());
}

std::optional<double> Percentile(std::vector<double> values, double percent) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
  return values[std::min(values.size() - 1, rank == 0 ? 0 : rank - 1)];
}

std::optional<double> Ratio(const Interval& rate, const Interval& nominal) {
  if (rate.trials == 0 || nominal.rate <= 0) return {};
  return rate.rate / nominal.rate;
}

std::vector<double> CycleTimes(const Evaluation& evaluation) {
  std::vector<double> times;
  for (const EpisodeOutcome& o : Nominal(evaluation)) {
    if (o.success) times.push_back(o.steps * evaluation.control_period);
  }
  return times;
}

std::vector<double> PeakForces(const Evaluation& evaluation) {
  std::vector<double> forces;
  for (const EpisodeOutcome& o : Nominal(evaluation)) forces.push_back(o.peak_force);
  return forces;
}

std::map<std::string, int> Failures(const Evaluation& evaluation) {
  std::map<std::string, int> failures;
  for (const EpisodeOutcome& o : Nominal(evaluation)) {
    if (!o.success && o.expect == Answer::kAct) ++failures[o.cause];
  }
  return failures;
}

std::map<std::string, Obedience> ByExpect(const Evaluation& evaluation) {
  return Obeyed(Asked(evaluation), [](const EpisodeOutcome& o) { return std::string(Name(o.expect)); });
}

std::map<std::string, Obedience> ByFamily(const Evaluation& evaluation) {
  return Obeyed(Asked(evaluation), [](const EpisodeOutcome& o) { return o.family; });
}

std::vector<RowAnswers> AnswersByRow(const Evaluation& evaluation) {
  std::vector<RowAnswers> all;
  for (const auto& [row, outcomes] : evaluation.rows) {
    std::map<std::pair<Answer, std::string>, RowAnswers> kinds;
    for (const EpisodeOutcome& o : outcomes) {
      const auto kind = std::pair(o.expect, o.family);
      RowAnswers& answers = kinds.try_emplace(kind, RowAnswers{row, o.family, o.expect}).first->second;
      ++answers.given.at(static_cast<std::size_t>(o.answer));
      answers.moved += o.moved;
      ++answers.n;
    }
    for (const auto& [kind, answers] : kinds) all.push_back(answers);
  }
  return all;
}

bool IsTelling(const RowAnswers& answers) {
  return answers.row == "train" || answers.expect != Answer::kAct || answers.right() < answers.n;
}

Outcomes Counterfactuals(const Evaluation& evaluation) {
  Outcomes all;
  for (const auto& [name, outcomes] : evaluation.rows) {
    if (name.starts_with(kCounterfactual)) all.insert(all.end(), outcomes.begin(), outcomes.end());
  }
  return all;
}

std::vector<AspectFigures> ByAspect(const Evaluation& evaluation) {
  std::map<std::string, Outcomes> by_aspect;
  for (const EpisodeOutcome& o : Counterfactuals(evaluation)) by_aspect[AspectOf(o)].push_back(o);
  std::vector<std::string> names(envs::kAspectNames.begin(), envs::kAspectNames.end());
  names.emplace_back(kSeveral);
  std::vector<AspectFigures> all;
  for (const std::string& name : names) {
    if (!by_aspect.contains(name)) continue;
    const Outcomes& outcomes = by_aspect[name];
    all.push_back({name, Rate(outcomes), Ratio(Rate(outcomes), Rate(Nominal(evaluation))), Mean(outcomes, DidOldTask)});
  }
  return all;
}

std::optional<Pairs> JapaneseAndEnglish(const Evaluation& evaluation) {
  const Outcomes *some = evaluation.Find("train"), *others = evaluation.Find("other_language");
  if (some == nullptr || others == nullptr || some->size() != others->size()) return {};
  Pairs pairs;
  for (std::size_t i = 0; i < some->size(); ++i) {
    const EpisodeOutcome &a = (*some)[i], &b = (*others)[i];
    if (!IsPair(a, b)) continue;
    const bool japanese = a.language == envs::Language::kJapanese;
    CountPair(japanese ? a : b, japanese ? b : a, pairs);
  }
  return pairs;
}

}  // namespace genba::trainer
