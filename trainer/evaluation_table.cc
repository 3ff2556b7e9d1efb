// An evaluation for people.
#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "trainer/evaluation.h"
#include "trainer/evaluation_figures.h"
#include "trainer/language_figures.h"
#include "trainer/text_table.h"

namespace genba::trainer {

namespace {

constexpr std::array kSplits{"train", "templates", "taught", "unseen", "pairs"};
constexpr int kNameWidth = 28;

std::string Line(const std::string& name, const Interval& interval, const std::string& note = "") {
  if (interval.trials == 0) return "  " + Left(name, kNameWidth) + "      –  " + note + "\n";
  return "  " + Left(name, kNameWidth) + Format(" %6.1f %%", 100 * interval.rate) +
         Format("  [%5.1f, ", 100 * interval.low) + Format("%5.1f]", 100 * interval.high) + "  " + note + "\n";
}

std::string NoteOf(const Evaluation& evaluation, const std::string& row, const Outcomes& outcomes) {
  if (row == "blank")
    return "chance " + Format("%.1f %%", *Mean(outcomes, [](const EpisodeOutcome& o) { return 100 * o.chance; }));
  std::string note = Format("%.2f", Ratio(Rate(outcomes), Rate(Nominal(evaluation)))) + " of nominal";
  if (row.starts_with(kCounterfactual)) {
    note += ", did the old task " +
            Format("%.1f %%", *Mean(outcomes, [](const EpisodeOutcome& o) { return o.did_old_task ? 100.0 : 0.0; }));
  }
  return note;
}

std::string RowTitle(const std::string& row) {
  if (row.starts_with(kDisturbed)) return row.substr(std::strlen(kDisturbed));
  const bool split = std::find(kSplits.begin(), kSplits.end(), row) != kSplits.end();
  return (split ? "held-out " : "probe ") + row;
}

std::string AspectLines(const Evaluation& evaluation) {
  std::string table;
  for (const AspectFigures& figures : ByAspect(evaluation)) {
    table += Line("  in " + figures.aspect, figures.rate,
                  Format("%.2f", figures.ratio) + " of nominal, " + std::to_string(figures.rate.trials) + " episodes");
  }
  return table;
}

std::string RowLines(const Evaluation& evaluation) {
  std::string table = Line("success", Rate(Nominal(evaluation)));
  for (const auto& [language, name] :
       {std::pair(envs::Language::kEnglish, "  English"), std::pair(envs::Language::kJapanese, "  Japanese")}) {
    const Interval rate = RateIn(Nominal(evaluation), language);
    if (rate.trials > 0) table += Line(name, rate);
  }
  for (const auto& [row, outcomes] : evaluation.rows) {
    if (row != "train" && !row.starts_with(kRefused))
      table += Line(RowTitle(row), Rate(outcomes), NoteOf(evaluation, row, outcomes));
    if (row == kCounterfactual) table += AspectLines(evaluation);
  }
  return table;
}

std::string LanguageLine(const Evaluation& evaluation) {
  const std::optional<Pairs> pairs = JapaneseAndEnglish(evaluation);
  if (!pairs || pairs->size() == 0) return "";
  const Difference difference = PairedDifference(*pairs);
  const int n = pairs->size();
  return "  " + Left("ja - en, the same scenes", kNameWidth) + Format(" %+6.1f points", 100 * difference.value) +
         Format("  [%+.1f, ", 100 * difference.low) + Format("%+.1f]", 100 * difference.high) + "  ja " +
         ShareOf(pairs->both + pairs->first, n) + ", en " + ShareOf(pairs->both + pairs->second, n) + " of " +
         std::to_string(n) + "\n";
}

std::string ExpectedLines(const Evaluation& evaluation) {
  std::string table;
  for (const auto& [expect, sum] : ByExpect(evaluation)) {
    table += "  expected " + expect + ": right " + std::to_string(sum.right) + ", moved " + std::to_string(sum.moved) +
             " of " + std::to_string(sum.n) + "\n";
  }
  return table;
}

std::string NameOf(const RowAnswers& answers) {
  if (answers.family.empty()) return answers.row;
  return answers.row.starts_with(kRefused) ? answers.family : answers.row + " " + answers.family;
}

// The right answer's count stands in brackets.
std::string AnswersLine(const RowAnswers& answers) {
  std::string line = "  " + Left(NameOf(answers), kNameWidth - 2);
  for (std::size_t i = 0; i < answers.given.size(); ++i) {
    const std::string count = std::to_string(answers.given[i]);
    const bool right = i == static_cast<std::size_t>(answers.expect);
    line += Right(right ? "[" + count + "]" : count, static_cast<int>(std::strlen(kAnswerNames[i])) + 2);
  }
  return line + Right(std::to_string(answers.moved), 7) + Right(std::to_string(answers.n), 6) + "\n";
}

std::string AnswersLines(const Evaluation& evaluation) {
  std::string lines = Left("  answers given, [right]", kNameWidth);
  for (const char* name : kAnswerNames) lines += "  " + std::string(name);
  lines += Right("moved", 7) + Right("of", 6) + "\n";
  for (const RowAnswers& answers : AnswersByRow(evaluation)) {
    if (IsTelling(answers)) lines += AnswersLine(answers);
  }
  return lines;
}

}  // namespace

std::string ToTable(const Evaluation& evaluation) {
  const EvalConfig& config = evaluation.config;
  if (evaluation.language)
    return config.task + ", policy " + config.policy + ", seed " + std::to_string(config.seed) + ", " +
           std::to_string(config.episodes) + " sentences a row, no physics\n" + LanguageLines(*evaluation.language);
  std::string table = config.task + ", policy " + config.policy + ", seed " + std::to_string(config.seed) + ", " +
                      std::to_string(config.episodes) + " episodes a row; success, Wilson 95 %\n" +
                      RowLines(evaluation) + LanguageLine(evaluation);
  const auto times = CycleTimes(evaluation), forces = PeakForces(evaluation);
  table += "  cycle time p50 " + Format("%.2f s", Percentile(times, 50)) + ", p95 " +
           Format("%.2f s", Percentile(times, 95)) + "; peak contact force p50 " +
           Format("%.1f N", Percentile(forces, 50)) + ", p99 " + Format("%.1f N", Percentile(forces, 99)) + "\n";
  table += AnswersLines(evaluation) + ExpectedLines(evaluation);
  for (const auto& [cause, count] : Failures(evaluation))
    table += "  failed by " + cause + ": " + std::to_string(count) + "\n";
  return table;
}

}  // namespace genba::trainer
