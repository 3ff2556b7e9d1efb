#include "cli/probe_tables.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/table.h"

namespace genba::cli {

namespace {

using nlohmann::json;
using trainer::Verdict;

void PrintRow(const std::vector<std::string>& cells, const std::vector<int>& widths) {
  std::printf("%s\n", TableRow(cells, widths).c_str());
}

// What another threshold would give: rows of different backbones can be compared at equal shares of refused orders.
json ActedAt(const trainer::ProbeRow& row) {
  json shares = json::array();
  for (const double threshold : {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95})
    shares.push_back({threshold, ShareActedAt(row, threshold)});
  return shares;
}

json RowsToJson(const std::vector<trainer::ProbeRow>& rows) {
  json list = json::array();
  for (const trainer::ProbeRow& row : rows)
    list.push_back({{"row", row.name},
                    {"items", row.verdicts.size()},
                    {"exact", Share(row, &Verdict::exact)},
                    {"answered", Share(row, &Verdict::answered)},
                    {"acted", Share(row, &Verdict::acted)},
                    {"acted_at", ActedAt(row)},
                    {"missed", row.missed}});
  return list;
}

json DifferenceToJson(const trainer::Difference& difference) {
  if (difference.pairs == 0) return nullptr;
  return {{"difference", difference.value}, {"low", difference.low}, {"high", difference.high}};
}

json SummaryToJson(const trainer::LeftOutSummary& summary) {
  return {{"acted_mean", summary.acted},
          {"acted_worst", summary.worst},
          {"worst_family", summary.worst_family},
          {"orders_refused_train", summary.refused_train},
          {"orders_refused_templates", summary.refused_templates}};
}

// In points: "+12.3 [+8.1, +16.0]".
std::string Points(const trainer::Difference& difference) {
  if (difference.pairs == 0) return kNothing;
  char text[64];
  std::snprintf(text, sizeof text, "%+.1f [%+.1f, %+.1f]", 100 * difference.value, 100 * difference.low,
                100 * difference.high);
  return text;
}

// ---- baselines ----

struct Measured {
  const char* name;  // behind the row's
  bool Verdict::*what;
};
constexpr Measured kMeasures[] = {{"exact", &Verdict::exact}, {"right", &Verdict::answered}};

bool SpotterIsAhead(const trainer::BaselineResult& result, std::size_t row, bool Verdict::*what) {
  return Share(result.baselines.front().rows[row], what) > Share(result.probed.rows[row], what);
}

// Nothing where the figure is not measured.
std::vector<std::string> BaselineCells(const trainer::BaselineResult& result, std::size_t row, const Measured& figure) {
  const trainer::ProbeRow& probed = result.probed.rows[row];
  if (std::isnan(Share(probed, figure.what))) return {};
  std::vector<std::string> cells{probed.name + ": " + figure.name, Percent(Share(probed, figure.what))};
  for (const trainer::ProbeBaseline& baseline : result.baselines)
    cells.push_back(Percent(Share(baseline.rows[row], figure.what)));
  if (SpotterIsAhead(result, row, figure.what)) cells[2] += "*";
  return cells;
}

// ---- left out ----

const std::vector<int> kLeftOutWidths{24, 6, 8, 8, 10, 8, 10};

void PrintSummary(const char* what, const trainer::LeftOutSummary& summary) {
  std::printf(
      "%s: acted on in %s of the texts on average, at worst in %s (%s);\n"
      "  orders refused: %s in training patterns, %s in new ones\n",
      what, Percent(summary.acted).c_str(), Percent(summary.worst).c_str(), summary.worst_family.c_str(),
      Percent(summary.refused_train).c_str(), Percent(summary.refused_templates).c_str());
}

}  // namespace

json ToJson(const trainer::ProbeResult& result) {
  return {{"rows", RowsToJson(result.rows)},
          {"calibration", policies::ToJson(result.calibration)},
          {"calibration_error", result.calibration_error},
          {"parameters", result.parameters},
          {"seconds", result.seconds},
          {"texts_per_s", result.texts_per_s}};
}

json ToJson(const trainer::BaselineResult& result) {
  json all = ToJson(result.probed);
  for (const trainer::ProbeBaseline& baseline : result.baselines)
    all["baselines"][baseline.name]["rows"] = RowsToJson(baseline.rows);
  for (std::size_t row = 0; row < result.probed.rows.size(); ++row)
    all["rows"][row]["spotter_ahead"] = {{"exact", SpotterIsAhead(result, row, &Verdict::exact)},
                                         {"answered", SpotterIsAhead(result, row, &Verdict::answered)}};
  return all;
}

json ToJson(const trainer::PairResult& result) {
  json differences = json::array();
  for (const trainer::RowDifference& row : result.differences)
    differences.push_back({{"row", row.name},
                           {"items", row.items},
                           {"exact", DifferenceToJson(row.exact)},
                           {"answered", DifferenceToJson(row.answered)}});
  return {{"first", ToJson(result.first)}, {"second", ToJson(result.second)}, {"differences", differences}};
}

json ToJson(const trainer::LeaveOneOutResult& result) {
  json families = json::array();
  for (const trainer::LeftOut& family : result.families)
    families.push_back({{"family", family.family},
                        {"held_out", family.held_out},
                        {"items", family.items},
                        {"acted", family.acted},
                        {"acted_train", family.acted_train},
                        {"acted_templates", family.acted_templates},
                        {"orders_refused_train", family.refused_train},
                        {"orders_refused_templates", family.refused_templates}});
  return {{"families", families},
          {"left_out", SummaryToJson(Summarise(result.families, false))},
          {"held_out", SummaryToJson(Summarise(result.families, true))},
          {"seconds", result.seconds}};
}

void Print(const trainer::ProbeResult& result) {
  const std::vector<int> widths{34, 6, 8, 8, 8};
  PrintRow({"row", "texts", "exact", "right", "acts"}, widths);
  for (const trainer::ProbeRow& row : result.rows)
    PrintRow({row.name, std::to_string(row.verdicts.size()), Percent(Share(row, &Verdict::exact)),
              Percent(Share(row, &Verdict::answered)), Percent(Share(row, &Verdict::acted))},
             widths);
  std::printf("acts from probability %.3f on, at temperature %.2f; expected calibration error %.3f\n",
              result.calibration.threshold, result.calibration.temperature, result.calibration_error);
  std::printf("%lld parameters, %.0f s, %.0f texts read a second\n", static_cast<long long>(result.parameters),
              result.seconds, result.texts_per_s);
}

void Print(const trainer::BaselineResult& result, const std::string& backbone) {
  const std::vector<int> widths{32, 8, 8, 8, 8, 8};
  PrintRow({"row", backbone, "spotter", "one-hot", "bag", "random"}, widths);
  for (std::size_t row = 0; row < result.probed.rows.size(); ++row) {
    for (const Measured& figure : kMeasures) {
      if (const auto cells = BaselineCells(result, row, figure); !cells.empty()) PrintRow(cells, widths);
    }
  }
  std::printf(
      "exact: the order read is the one meant; right: the answer is the right one\n"
      "one-hot: understands only the very sentences that were learned from\n"
      "* the keyword spotter does better than the backbone\n");
}

void Print(const trainer::PairResult& result, const std::string& first, const std::string& second) {
  const std::vector<int> widths{32, 6, 21, 21};
  std::printf("%s less %s, in points; 95 %% interval of the texts, one training each\n", first.c_str(), second.c_str());
  PrintRow({"row", "texts", "exact", "right"}, widths);
  for (const trainer::RowDifference& row : result.differences)
    PrintRow({row.name, std::to_string(row.items), Points(row.exact), Points(row.answered)}, widths);
}

void Print(const trainer::LeaveOneOutResult& result) {
  PrintRow({"left out", "texts", "acts", "known", "new", "orders", "new"}, kLeftOutWidths);
  PrintRow({"", "", "", "patterns", "patterns", "refused", "orders"}, kLeftOutWidths);
  for (const trainer::LeftOut& family : result.families)
    PrintRow({family.family, std::to_string(family.items), Percent(family.acted), Percent(family.acted_train),
              Percent(family.acted_templates), Percent(family.refused_train), Percent(family.refused_templates)},
             kLeftOutWidths);
  PrintSummary("left out in turn", Summarise(result.families, false));
  PrintSummary("never trained on", Summarise(result.families, true));
  std::printf("%.0f s\n", result.seconds);
}

}  // namespace genba::cli
