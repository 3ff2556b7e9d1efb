#include "trainer/language_figures.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "trainer/text_table.h"

namespace genba::trainer {

namespace {

using Json = nlohmann::json;
using Answers = std::vector<ReadAnswer>;

constexpr std::array kPlainRows{"train", "templates", "taught", "pairs"};
constexpr const char* kJudgedRow = "templates";  // orders in patterns that were said nowhere else

JudgedAnswer JudgedOf(const ReadAnswer& answer) { return {answer.probability, answer.right()}; }

std::vector<JudgedAnswer> JudgedOrders(const Answers& answers) {
  std::vector<JudgedAnswer> judged;
  for (const ReadAnswer& answer : answers) {
    if (answer.row == kJudgedRow) judged.push_back(JudgedOf(answer));
  }
  return judged;
}

using Families = std::map<std::string, std::vector<JudgedAnswer>>;

Families JudgedRefusals(const Answers& answers) {
  Families families;
  for (const ReadAnswer& answer : answers) {
    if (answer.expect != Answer::kAct) families[answer.row].push_back(JudgedOf(answer));
  }
  return families;
}

Families LearnedFrom(Families families) {
  std::erase_if(families, [](const auto& family) { return family.first.starts_with("held_out."); });
  return families;
}

std::vector<JudgedAnswer> All(const Families& families) {
  std::vector<JudgedAnswer> all;
  for (const auto& [name, answers] : families) all.insert(all.end(), answers.begin(), answers.end());
  return all;
}

// The orders and about as many refusals, the first ones of each family.
std::vector<JudgedAnswer> AsManyOfBoth(const std::vector<JudgedAnswer>& orders, Families families) {
  const std::size_t count = families.size(), share = count == 0 ? 0 : (orders.size() + count - 1) / count;
  for (auto& [name, answers] : families) answers.resize(std::min(answers.size(), share));
  std::vector<JudgedAnswer> both = All(families);
  both.insert(both.end(), orders.begin(), orders.end());
  return both;
}

Json ShareOrNull(int part, int whole) { return whole == 0 ? Json() : Json(part / static_cast<double>(whole)); }

Json ToJson(const ReadCount& count) {
  return {{"rate", ShareOrNull(count.exact, count.texts)},
          {"acts", ShareOrNull(count.acted, count.texts)},
          {"n", count.texts}};
}

Json ToJson(const AnswerCount& count) {
  return {{"expect", Name(count.expect)}, {"right", count.right},           {"acted", count.acted},
          {"sure", count.sure},           {"sure_right", count.sure_right}, {"n", count.texts}};
}

Json ToJson(const RefusedOrders& orders) {
  return {{"rate", ShareOrNull(orders.refused, orders.texts)}, {"refused", orders.refused}, {"n", orders.texts}};
}

std::string ExactLine(const std::string& name, const ReadCount& count) {
  return "  " + Left(name, 24) + " exact " + Right(ShareOf(count.exact, count.texts), 7) + "  would act " +
         Right(ShareOf(count.acted, count.texts), 7) + "  of " + std::to_string(count.texts) + "\n";
}

std::string ExactLines(const LanguageResult& language) {
  std::string lines;
  for (const auto& [split, count] : language.by_split) lines += ExactLine(split, count);
  for (const auto& [name, count] : language.by_language) lines += ExactLine("in " + name, count);
  for (const auto& [kind, count] : language.by_kind) lines += ExactLine("says " + kind, count);
  return lines + "  " + Format("%.0f", language.texts_per_s) + " texts read a second\n";
}

std::string AnswerLine(const std::string& name, const AnswerCount& count) {
  return "  " + Left(name, 26) + Left(Name(count.expect), 15) + Right(ShareOf(count.right, count.texts), 8) +
         Right(ShareOf(count.acted, count.texts), 8) + Right(ShareOf(count.sure, count.texts), 8) +
         Right(ShareOf(count.sure_right, count.sure), 15) + Right(std::to_string(count.texts), 7) + "\n";
}

std::string AnswerLines(const LanguageResult& language) {
  std::string lines = Left("answers (sure: " + Format("%.1f", kSure) + " or more)", 28) + Left("expected", 15) +
                      Right("right", 8) + Right("acts", 8) + Right("sure", 8) + Right("right if sure", 15) +
                      Right("of", 7) + "\n";
  for (const auto& [row, count] : AnswersByRow(language)) lines += AnswerLine(row, count);
  return lines;
}

std::string RefusedLines(const LanguageResult& language) {
  const auto refused = OrdersRefused(language);
  std::string lines = Left("plain orders refused", 28) + Right("en", 10) + Right("ja", 10) + "\n";
  for (const char* row : kPlainRows) {
    lines += "  " + Left(row, 26);
    for (const char* in : {"en", "ja"}) {
      const RefusedOrders& orders = refused.at(row).at(in);
      lines += Right(ShareOf(orders.refused, orders.texts), 10);
    }
    lines += "\n";
  }
  return lines;
}

std::string CalibrationLine(const std::string& name, const Reliability& all) {
  const std::optional<double> error = all.answers == 0 ? std::nullopt : std::optional(all.error);
  return "  " + Left(name, 26) + Right(ShareOf(all.sure, all.answers), 8) +
         Right(ShareOf(all.sure_right, all.sure), 15) + Right(Format("%.3f", error), 19) +
         Right(std::to_string(all.answers), 7) + "\n";
}

std::string BinLines(const Reliability& all) {
  std::string lines = "  of as many orders as refusals, by probability:\n";
  for (std::size_t i = 0; i < all.bins.size(); ++i) {
    const ReliabilityBin& bin = all.bins[i];
    if (bin.count == 0) continue;
    const double low = static_cast<double>(i) / kReliabilityBins, high = static_cast<double>(i + 1) / kReliabilityBins;
    lines += "    " + Format("%.1f", low) + " … " + Format("%.1f", high) + "  claimed " + Format("%.3f", bin.claimed) +
             "  right " + Format("%.3f", bin.right) + "  of " + std::to_string(bin.count) + "\n";
  }
  return lines;
}

std::string CalibrationLines(const LanguageResult& language) {
  const Calibrations all = CalibrationsOf(language);
  return Left("calibration, new patterns", 28) + Right("sure", 8) + Right("right if sure", 15) +
         Right("calibration error", 19) + Right("of", 7) + "\n" + CalibrationLine("as many of both", all.even) +
         CalibrationLine("… families learned from", all.learned) + CalibrationLine("orders", all.orders) +
         CalibrationLine("refusals", all.refusals) + BinLines(all.even);
}

Json RefusedJson(const LanguageResult& language) {
  Json json = Json::object();
  for (const auto& [row, by_language] : OrdersRefused(language)) {
    for (const auto& [in, orders] : by_language) json[row][in] = ToJson(orders);
  }
  return json;
}

Json AnswersJson(const LanguageResult& language) {
  Json json = Json::array();
  for (const auto& [row, count] : AnswersByRow(language)) {
    json.push_back(ToJson(count));
    json.back()["row"] = row;
  }
  return json;
}

}  // namespace

std::vector<std::pair<std::string, AnswerCount>> AnswersByRow(const LanguageResult& language) {
  std::vector<std::pair<std::string, AnswerCount>> rows;
  for (const ReadAnswer& answer : language.answers) {
    if (rows.empty() || rows.back().first != answer.row) rows.emplace_back(answer.row, AnswerCount{answer.expect});
    AnswerCount& count = rows.back().second;
    const bool sure = answer.probability >= kSure;
    ++count.texts;
    count.right += answer.right();
    count.acted += answer.answer == Answer::kAct;
    count.sure += sure;
    count.sure_right += sure && answer.right();
  }
  return rows;
}

std::map<std::string, std::map<std::string, RefusedOrders>> OrdersRefused(const LanguageResult& language) {
  std::map<std::string, std::map<std::string, RefusedOrders>> refused;
  for (const char* row : kPlainRows) refused[row] = {{"en", {}}, {"ja", {}}};
  for (const ReadAnswer& answer : language.answers) {
    if (!refused.contains(answer.row)) continue;
    RefusedOrders& orders = refused[answer.row][envs::Name(answer.language)];
    ++orders.texts;
    orders.refused += answer.answer != Answer::kAct;
  }
  return refused;
}

Calibrations CalibrationsOf(const LanguageResult& language) {
  const Answers& answers = language.answers;
  const std::vector<JudgedAnswer> orders = JudgedOrders(answers);
  const Families refusals = JudgedRefusals(answers);
  return {ReliabilityOf(orders), ReliabilityOf(All(refusals)), ReliabilityOf(AsManyOfBoth(orders, refusals)),
          ReliabilityOf(AsManyOfBoth(orders, LearnedFrom(refusals)))};
}

Json ExactJson(const LanguageResult& language) {
  Json json{
      {"rate", nullptr}, {"by_split", Json::object()}, {"by_language", Json::object()}, {"by_kind", Json::object()}};
  for (const auto& [split, count] : language.by_split) json["by_split"][split] = ToJson(count);
  for (const auto& [name, count] : language.by_language) json["by_language"][name] = ToJson(count);
  for (const auto& [kind, count] : language.by_kind) json["by_kind"][kind] = ToJson(count);
  json["rate"] = json["by_split"]["train"]["rate"];
  return json;
}

Json ReadingJson(const LanguageResult& language) {
  const Calibrations all = CalibrationsOf(language);
  return {{"answers", AnswersJson(language)},
          {"refused", RefusedJson(language)},
          {"calibration",
           {{"even", ToJson(all.even)},
            {"learned", ToJson(all.learned)},
            {"orders", ToJson(all.orders)},
            {"refusals", ToJson(all.refusals)}}}};
}

std::string LanguageLines(const LanguageResult& language) {
  return ExactLines(language) + AnswerLines(language) + RefusedLines(language) + CalibrationLines(language);
}

}  // namespace genba::trainer
