#include "trainer/report_answers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "core/answer.h"
#include "envs/order.h"
#include "trainer/interval.h"
#include "trainer/reliability.h"
#include "trainer/report_parts.h"
#include "trainer/report_svg.h"

namespace genba::trainer::report {

namespace {

using nlohmann::json;

constexpr double kMostTexts = 1e9;  // of a row that can be

std::string Whole(const Measured& value) { return Shown(value, 0, ""); }

std::string Points(const Measured& value) { return value ? (*value < 0 ? "" : "+") + Fixed(100 * *value, 1) : "–"; }

constexpr std::array kRows{"train", "templates", "taught", "unseen", "pairs", "varied", "slips"};

// The keys of an object, those that are known first.
std::vector<std::string> InOrder(const json& object, std::span<const char* const> known) {
  std::vector<std::string> keys;
  for (const char* key : known) {
    if (object.contains(key)) keys.emplace_back(key);
  }
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) keys.push_back(key);
  }
  return keys;
}

using Words = std::initializer_list<const char*>;

std::string HeadOf(const Words& words, const Words& numbers) {
  std::string html = "<tr>";
  for (const char* name : words) html += std::string("<th>") + name + "</th>";
  for (const char* name : numbers) html += std::string("<th class=\"n\">") + name + "</th>";
  return html + "</tr>";
}

// The nominal row, whatever is to be refused, orders that were refused.
bool IsTelling(const json& answers) {
  return TextAt(answers, "row") == "train" || TextAt(answers, "expect") != "act" ||
         NumberAt(answers, "act") != NumberAt(answers, "n");
}

std::string AnswersRow(const json& answers) {
  const std::string row = TextAt(answers, "row"), family = TextAt(answers, "family");
  const std::string name = family.empty() || row.ends_with(family) ? row : row + ": " + family;
  std::string html = "<tr>" + TextCell(name);
  for (const char* answer : kAnswerNames) {
    const std::string count = Whole(NumberAt(answers, answer));
    html += TextAt(answers, "expect") == answer ? "<td class=\"n right\">" + count + "</td>" : NumberCell(count);
  }
  return html + NumberCell(Whole(NumberAt(answers, "moved"))) + NumberCell(Whole(NumberAt(answers, "n"))) + "</tr>";
}

// ---- the suite "language" ----

std::string ExactRow(const std::string& name, const json& read) {
  const Measured rate = NumberAt(read, "rate"), n = NumberAt(read, "n");
  const std::string note = "would act on " + Share(NumberAt(read, "acts")) + " of " + Whole(n);
  if (!rate || !n || *n < 1 || *n > kMostTexts || *rate < 0 || *rate > 1) return RateRow(name, json::object(), note);
  const Interval interval = Wilson(static_cast<int>(std::lround(*rate * *n)), static_cast<int>(*n));
  return RateRow(name, {{"rate", *rate}, {"low", interval.low}, {"high", interval.high}}, note);
}

std::string ExactRows(const json& exact, const std::string& key, const std::string& before) {
  std::string rows;
  const json by = ObjectAt(exact, key);
  for (const std::string& name : InOrder(by, kRows)) rows += ExactRow(before + name, by[name]);
  return rows;
}

std::string ReadAnswersRow(const json& row) {
  const Measured n = NumberAt(row, "n"), sure = NumberAt(row, "sure");
  return "<tr>" + TextCell(TextAt(row, "row")) + TextCell(TextAt(row, "expect")) +
         NumberCell(Share(NumberAt(row, "right"), n)) + NumberCell(Share(NumberAt(row, "acted"), n)) +
         NumberCell(Share(sure, n)) + NumberCell(Share(NumberAt(row, "sure_right"), sure)) + NumberCell(Whole(n)) +
         "</tr>";
}

std::string ReadAnswersTable(const json& reading) {
  std::string rows;
  for (const json& row : ListAt(reading, "answers")) rows += ReadAnswersRow(row);
  return "<table>" + HeadOf({"row or family", "expected"}, {"right", "acts", "sure", "right if sure", "of"}) + rows +
         "</table>";
}

std::string RefusedTable(const json& reading) {
  std::string rows;
  const json refused = ObjectAt(reading, "refused");
  for (const std::string& split : InOrder(refused, kRows)) {
    const json by_language = ObjectAt(refused, split);
    rows += "<tr>" + TextCell(split);
    for (const char* language : {"en", "ja"})
      rows += NumberCell(Share(NumberAt(ObjectAt(by_language, language), "rate")));
    rows += "</tr>";
  }
  return "<table>" + HeadOf({"plain orders refused"}, {"English", "Japanese"}) + rows + "</table>";
}

struct Shared {
  const char* key;
  const char* name;
};
constexpr std::array kCalibrated{Shared{"even", "as many orders as refusals"},
                                 Shared{"learned", "… of families that were learned from"}, Shared{"orders", "orders"},
                                 Shared{"refusals", "refusals"}};

std::string CalibrationTable(const json& calibration) {
  std::string rows;
  for (const auto& [key, name] : kCalibrated) {
    const json one = ObjectAt(calibration, key);
    rows += "<tr>" + TextCell(name) + NumberCell(Share(NumberAt(one, "coverage"))) +
            NumberCell(Share(NumberAt(one, "accuracy"))) + NumberCell(Shown(NumberAt(one, "error"), 3, "")) +
            NumberCell(Whole(NumberAt(one, "answers"))) + "</tr>";
  }
  return "<table>" + HeadOf({"calibration"}, {"sure", "right if sure", "expected calibration error", "of"}) + rows +
         "</table>";
}

std::string CalibrationPlots(const json& calibration) {
  std::string html = "<section class=\"charts\">";
  for (const auto& [key, name] : kCalibrated) {
    if (calibration.contains(key)) html += ReliabilityPlot(ReliabilityFromJson(calibration[key], key), name);
  }
  return html + "</section>";
}

}  // namespace

std::string AnswersSection(const json& eval) {
  std::string rows;
  for (const json& answers : ListAt(eval, "answers_by_row")) {
    if (IsTelling(answers)) rows += AnswersRow(answers);
  }
  if (rows.empty()) return "";
  return "<h2>Answers</h2><section><p class=\"note\">What was answered last in each episode, the right answer on blue, "
         "and in "
         "how many something moved within the first seconds.</p><table>" +
         HeadOf({"row"}, {"act", "cannot", "must not", "not understood", "moved", "of"}) + rows + "</table></section>";
}

std::string AspectRows(const json& counterfactual) {
  std::string rows;
  const json by_aspect = ObjectAt(counterfactual, "by_aspect");
  for (const std::string& aspect : InOrder(by_aspect, envs::kAspectNames)) {
    const json rate = ObjectAt(by_aspect, aspect);
    rows += RateRow("… in " + aspect, rate, Ratio(rate) + ", " + Whole(NumberAt(rate, "n")) + " episodes");
  }
  return rows;
}

std::string LanguagesNote(const json& eval) {
  const json languages = ObjectAt(eval, "languages"), difference = ObjectAt(languages, "ja_minus_en");
  if (!NumberAt(difference, "value")) return "";
  return "<p>The same " + Whole(NumberAt(languages, "n")) + " scenes and orders in both languages: Japanese " +
         Share(NumberAt(ObjectAt(languages, "ja"), "rate")) + ", English " +
         Share(NumberAt(ObjectAt(languages, "en"), "rate")) + "; Japanese less English <strong>" +
         Points(NumberAt(difference, "value")) + " points</strong> [" + Points(NumberAt(difference, "low")) + ", " +
         Points(NumberAt(difference, "high")) + "] (95 %, paired).</p>";
}

bool HasReading(const json& eval) { return !ObjectAt(eval, "reading").empty(); }

std::string ReadingSections(const json& eval) {
  const json exact = ObjectAt(eval, "exact"), reading = ObjectAt(eval, "reading");
  const json calibration = ObjectAt(reading, "calibration");
  return "<h2>Orders read exactly</h2><section>" +
         RateTable("texts",
                   ExactRows(exact, "by_split", "") + ExactRows(exact, "by_language", "in ") +
                       ExactRows(exact, "by_kind", "says "),
                   "exact") +
         "</section><h2>Is it right when it is sure?</h2><section><p class=\"note\">In patterns that neither training "
         "nor "
         "calibration said; sure: a probability of " +
         Fixed(kSure, 1) + " or more.</p>" + CalibrationTable(calibration) + "</section>" +
         CalibrationPlots(calibration) + "<h2>Answers to texts</h2><section>" + RefusedTable(reading) +
         "</section><section>" + ReadAnswersTable(reading) + "</section>";
}

}  // namespace genba::trainer::report
