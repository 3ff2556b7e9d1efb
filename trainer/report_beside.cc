#include "trainer/report_beside.h"

#include <algorithm>
#include <map>
#include <set>

#include "trainer/report_answers.h"
#include "trainer/report_curves.h"
#include "trainer/report_parts.h"
#include "trainer/report_svg.h"
#include "trainer/run_folder.h"

namespace genba::trainer::report {

namespace {

using nlohmann::json;
using Evaluations = std::vector<const NamedEvaluation*>;

// Equal where the nominal row is of the same scenes and orders; the probes are rows of their own.
std::string ScenesKey(const json& eval) {
  json options = ObjectAt(eval, "options");
  options.erase("probes");
  return json{TextAt(eval, "task"), eval.value("seed", json()), HasReading(eval), options}.dump();
}

std::set<std::string> AllScenes(const std::vector<ReportRun>& runs) {
  std::set<std::string> keys;
  for (const ReportRun& run : runs) {
    for (const auto& [name, eval] : run.evaluations) keys.insert(ScenesKey(eval));
  }
  return keys;
}

Evaluations Over(const ReportRun& run, const std::string& scenes) {
  Evaluations found;
  for (const NamedEvaluation& evaluation : run.evaluations) {
    if (ScenesKey(evaluation.second) == scenes) found.push_back(&evaluation);
  }
  return found;
}

json RateOf(const json& eval) { return ObjectAt(eval, HasReading(eval) ? "exact" : "success"); }

// "step-00000500" and "step-100000000", in the order of their steps.
bool IsEarlier(const NamedEvaluation* a, const NamedEvaluation* b) {
  const std::string one = TextAt(a->second, "policy"), other = TextAt(b->second, "policy");
  return one.size() != other.size() ? one.size() < other.size() : one < other;
}

bool IsWorse(const NamedEvaluation* a, const NamedEvaluation* b) {
  return NumberAt(RateOf(a->second), "rate").value_or(-1) < NumberAt(RateOf(b->second), "rate").value_or(-1);
}

std::string Row(const std::string& run, const NamedEvaluation& evaluation, const std::string& which) {
  const json& eval = evaluation.second;
  return RateRow(run, RateOf(eval),
                 which + Escaped(TextAt(eval, "policy")) + ", " + eval.value("episodes", json(0)).dump() +
                     (HasReading(eval) ? " texts, " : " episodes, ") + Escaped(evaluation.first));
}

std::string RowsOf(const ReportRun& run, const std::string& scenes) {
  const Evaluations found = Over(run, scenes);
  if (found.empty()) return RateRow(run.name, json::object(), "not evaluated over these scenes");
  if (found.size() == 1) return Row(run.name, *found.front(), "");
  const NamedEvaluation* last = *std::max_element(found.begin(), found.end(), IsEarlier);
  const NamedEvaluation* best = *std::max_element(found.begin(), found.end(), IsWorse);
  return Row(run.name, *last, "the last: ") +
         (IsWorse(last, best) ? Row(run.name, *best, "best of " + std::to_string(found.size()) + ": ") : "");
}

const json& AnyOver(const std::vector<ReportRun>& runs, const std::string& scenes) {
  const auto has = [&](const ReportRun& run) { return !Over(run, scenes).empty(); };
  return Over(*std::find_if(runs.begin(), runs.end(), has), scenes).front()->second;
}

std::string ResultsTable(const std::vector<ReportRun>& runs, const std::string& scenes) {
  std::string rows;
  for (const ReportRun& run : runs) rows += RowsOf(run, scenes);
  const json& any = AnyOver(runs, scenes);
  return "<h3>" + ScenesOf(any) + "</h3>" + RateTable("run", rows, HasReading(any) ? "read exactly" : "success");
}

// What each run says of one setting; empty: it does not know it.
struct SettingRow {
  std::string key;
  std::vector<std::string> values;
  bool may_change = false;
};

// Not only in who knows it.
bool DiffersWhereKnown(const SettingRow& row) {
  std::set<std::string> values(row.values.begin(), row.values.end());
  values.erase("");
  return values.size() > 1;
}

// Runs that a difference does not name say what the first one says.
std::vector<SettingRow> DifferingSettings(const std::vector<ReportRun>& runs) {
  std::vector<SettingRow> rows;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    for (const auto& [key, before, now, may_change] :
         SettingDifferences(runs.front().config_toml, runs[i].config_toml)) {
      const std::size_t place = places.try_emplace(key, rows.size()).first->second;
      if (place == rows.size()) rows.push_back({key, std::vector<std::string>(runs.size(), before), may_change});
      rows[place].values[i] = now;
    }
  }
  return rows;
}

std::string ValueCell(const std::string& value) {
  return value.empty() ? "<td>–</td>" : "<td><code>" + Escaped(value) + "</code></td>";
}

std::string TableHead(const std::vector<ReportRun>& runs) {
  std::string head = "<tr><th>setting</th>";
  for (std::size_t i = 0; i < runs.size(); ++i) head += "<th>" + Swatch(i) + " " + Escaped(runs[i].name) + "</th>";
  return head + "</tr>";
}

std::string TableRow(const SettingRow& row) {
  std::string html =
      "<tr><td" + std::string(row.may_change ? " class=\"note\"" : "") + ">" + Escaped(row.key) + "</td>";
  for (const std::string& value : row.values) html += ValueCell(value);
  return html + "</tr>";
}

std::string SettingsTable(const std::vector<ReportRun>& runs, const std::vector<SettingRow>& rows) {
  std::string html = "<table>" + TableHead(runs);
  for (std::size_t i = 0; i < std::min(rows.size(), kMostSettings); ++i) html += TableRow(rows[i]);
  html += "</table>";
  if (rows.size() > kMostSettings)
    html += "<p class=\"note\">" + std::to_string(rows.size() - kMostSettings) + " more are left out.</p>";
  return html;
}

// Folded away: of different learners they are many.
std::string PartialSettings(const std::vector<ReportRun>& runs, const std::vector<SettingRow>& rows) {
  if (rows.empty()) return "";
  return "<details><summary>settings that only some of them know, and those agree on: " + std::to_string(rows.size()) +
         "</summary>" + SettingsTable(runs, rows) + "</details>";
}

}  // namespace

std::string ResultsOfRuns(const std::vector<ReportRun>& runs) {
  std::string tables;
  for (const std::string& scenes : AllScenes(runs)) tables += ResultsTable(runs, scenes);
  return "<h2>What came of these runs</h2><section>" +
         (tables.empty() ? "None of them has been evaluated yet." : tables) + "</section>";
}

std::string SettingsOfRuns(const std::vector<ReportRun>& runs) {
  std::vector<SettingRow> shared = DifferingSettings(runs);
  const std::string html = "<h2>What differs in their settings</h2><section class=\"wide\">";
  if (shared.empty()) return html + "Nothing.</section>";
  const auto first_partial = std::stable_partition(shared.begin(), shared.end(), DiffersWhereKnown);
  const std::vector<SettingRow> partial(first_partial, shared.end());
  shared.erase(first_partial, shared.end());
  return html + (shared.empty() ? "<p>Nothing that two of them know.</p>" : SettingsTable(runs, shared)) +
         PartialSettings(runs, partial) +
         "<p class=\"note\">In grey what decides no weights: where inputs lie, how often a run reports.</p></section>";
}

}  // namespace genba::trainer::report
