#include "trainer/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/version.h"
#include "envs/order.h"
#include "policies/checkpoint.h"
#include "trainer/evaluation.h"
#include "trainer/report_answers.h"
#include "trainer/report_beside.h"
#include "trainer/report_curves.h"
#include "trainer/report_parts.h"
#include "trainer/report_run.h"
#include "trainer/report_svg.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace report;

constexpr const char* kStyle = R"css(
body{font:15px/1.5 system-ui,"Segoe UI","Noto Sans JP","IPAGothic",sans-serif;color:#1d2530;background:#f6f7f9;margin:0}
main{max-width:1000px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:34px 0 10px;border-bottom:1px solid #d5dae1;padding-bottom:4px}
p.lead{color:#5a6675;margin:0 0 16px}section{background:#fff;border:1px solid #e1e5ea;border-radius:6px;padding:14px 18px;margin:10px 0}
table{border-collapse:collapse;width:100%}td,th{padding:5px 10px;border-bottom:1px solid #edf0f3;text-align:left;vertical-align:top}
th{color:#5a6675;font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.rates td:nth-child(1){width:190px}.rates td:nth-child(2){width:64px}.rates td:nth-child(3){width:220px}.rates td:nth-child(4){width:130px}
.big{font-size:34px;font-weight:650}.charts{display:grid;grid-template-columns:1fr 1fr;gap:14px}
svg.chart{width:100%;height:auto}svg text{font-size:11px;fill:#5a6675}.grid{stroke:#e6eaee}polyline{fill:none;stroke:#2468b4;stroke-width:1.6}
svg.bar{width:220px;height:16px;vertical-align:middle}.track{fill:#edf0f3}.fill{fill:#5b9bd5}.whisker{stroke:#1d2530;stroke-width:2}
.strip{display:flex;gap:3px;overflow-x:auto}.strip img{width:16.2%;border-radius:3px}pre{overflow-x:auto;font-size:12px;background:#f6f7f9;padding:10px}
th.n{text-align:right}td.right{background:#e8f1fa}.ideal{stroke:#9aa5b1;stroke-dasharray:4 4}.spread{stroke:#5b9bd5;stroke-width:1.6}.mark{fill:#2468b4}
.pass{color:#1f7a3f}.fail{color:#b3261e}h3{font-size:14px;color:#5a6675;margin:16px 0 4px}
code{font-size:12px;word-break:break-all}.note{color:#5a6675;font-size:13px}
)css";

std::string SuccessRows(const json& eval, const std::vector<Baseline>& baselines) {
  std::string rows = RateRow("all", eval["success"], "strict: held 0.5 s, released, still, nothing else moved");
  for (const Baseline& baseline : baselines) {
    const bool same = TextAt(baseline.evaluation, "task") == TextAt(eval, "task") &&
                      baseline.evaluation.value("seed", json()) == eval.value("seed", json());
    rows += RateRow("baseline: " + TextAt(baseline.evaluation, "policy"), ObjectAt(baseline.evaluation, "success"),
                    Escaped(baseline.name) + (same ? ", the same scenes" : ", <strong>other scenes</strong>"));
  }
  const json by_language = ObjectAt(eval, "by_language"), by_split = ObjectAt(eval, "by_split");
  for (const auto& [language, rate] : by_language.items())
    rows += RateRow(language == "ja" ? "Japanese" : "English", rate, "");
  const std::map<std::string, std::string> notes{
      {"templates", "sentence patterns never trained on"},
      {"taught", "synonyms never told to a robot"},
      {"unseen", "synonyms that stand nowhere, not even in the language corpus"},
      {"pairs", "colour and shape never asked for together"}};
  const json probes = ObjectAt(eval, "probes");
  for (const auto& [split, rate] : by_split.items()) {
    if (!notes.contains(split)) continue;
    const bool paraphrase = split == "templates" && probes.contains("paraphrase");
    rows += RateRow("held-out " + split, rate,
                    notes.at(split) + (paraphrase ? ": " + Ratio(probes["paraphrase"]) : std::string()));
  }
  const json disturbed = ObjectAt(eval, "robustness");
  for (const auto& [name, rate] : disturbed.items()) rows += RateRow("disturbed: " + name, rate, Ratio(rate));
  return rows;
}

// What a blank instruction proves depends on how good the policy is with one: failing both is not listening.
std::string BlankNote(const json& eval, const json& blank) {
  const Measured low = NumberAt(eval["success"], "low"), blank_low = NumberAt(blank, "low"),
                 blank_high = NumberAt(blank, "high"), chance = NumberAt(blank, "chance");
  if (!low || !blank_low || !blank_high) return "not measured";
  if (*low <= *blank_high) return "says nothing: with its instruction the policy does no better";
  if (chance && *blank_low > *chance) return "more than chance, " + Share(chance) + ": it acts without being told";
  return "no instruction: good is near chance, " + Share(chance);
}

std::string ProbeTable(const json& eval) {
  const json probes = ObjectAt(eval, "probes");
  std::string rows;
  if (probes.contains("blank")) rows += RateRow("blank", probes["blank"], BlankNote(eval, probes["blank"]));
  if (probes.contains("counterfactual"))
    rows += RateRow("counterfactual", probes["counterfactual"],
                    "same scene, another target: good is 1.00 of nominal; here " + Ratio(probes["counterfactual"]) +
                        ", and the old task was done in " + Share(NumberAt(probes["counterfactual"], "did_old_task"))) +
            AspectRows(probes["counterfactual"]);
  if (probes.contains("other_language"))
    rows += RateRow("other language", probes["other_language"],
                    "the same scenes in the other language: " + Ratio(probes["other_language"]));
  return rows.empty() ? "<p class=\"note\">The probes were not run.</p>" : RateTable("probe", rows);
}

// Episodes of the nominal row by one word of their order.
struct Tally {
  int successes = 0, trials = 0;
};
using Tallies = std::map<std::string, Tally>;

std::optional<envs::Order> OrderOf(const json& episode) {
  try {
    return envs::OrderFromText(TextAt(episode, "order"), "evaluation");
  } catch (const Error&) {
    return std::nullopt;  // an evaluation of other orders than ours is shown without this table
  }
}

bool Nominal(const json& episode) { return episode.value("row", json("train")) == "train"; }

json Played(const json& eval) {
  const auto played = eval.find("episodes_played");
  return played == eval.end() || played->is_null() ? json::array() : *played;
}

std::string BreakdownTable(const json& eval) {
  std::array<std::pair<const char*, Tallies>, 4> tables{{{"quantity", {}}, {"colour", {}}, {"shape", {}}, {"bin", {}}}};
  for (const json& episode : Played(eval)) {
    const auto order = Nominal(episode) ? OrderOf(episode) : std::nullopt;
    if (!order) continue;
    const envs::ObjectSet& set = order->objects;
    const std::array<std::string, 4> words{
        envs::Name(set.count),
        !set.has_colour ? "any" : (set.negated_colour ? "except " : "") + std::string(envs::Name(set.colour)),
        set.has_shape ? envs::Name(set.shape) : "any",
        order->place == envs::PlaceWord::kNone ? "" : envs::Name(order->place)};
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].empty()) continue;
      Tally& tally = tables[i].second[words[i]];
      ++tally.trials;
      tally.successes += episode.value("success", json(false)) == true;
    }
  }
  std::string html;
  for (const auto& [what, tallies] : tables) {
    std::string rows;
    for (const auto& [word, tally] : tallies) {
      const Interval rate = Wilson(tally.successes, tally.trials);
      rows += RateRow(word, {{"rate", rate.rate}, {"low", rate.low}, {"high", rate.high}},
                      std::to_string(tally.successes) + " of " + std::to_string(tally.trials));
    }
    if (!rows.empty()) html += RateTable(what, rows);
  }
  return html;
}

constexpr int kFailuresShown = 6;  // of a row

std::string FailedEpisodes(const json& eval) {
  std::string rows;
  std::map<std::string, int> shown;
  for (const json& episode : Played(eval)) {
    const std::string row = TextAt(episode, "row");
    // Blank instructions are meant to fail.
    if (row == "blank" || episode.value("success", json(true)) != false || ++shown[row] > kFailuresShown) continue;
    rows += "<tr><td class=\"note\">" + Escaped(row) + "</td><td class=\"n\">" +
            episode.value("episode", json(0)).dump() + "</td><td>" + Escaped(TextAt(episode, "text")) +
            "</td><td class=\"note\">" + Escaped(TextAt(episode, "order")) + "</td><td>" +
            Escaped(TextAt(episode, "cause")) + "</td></tr>";
  }
  if (rows.empty()) return "";
  return "<p class=\"note\">The first failed episodes of each row. Those of the row train play again with <code>genba "
         "view --task " +
         Escaped(TextAt(eval, "task")) + " --policy RUN --seed " + eval.value("seed", json(0)).dump() +
         " --episode NUMBER</code>.</p><table>" + rows + "</table>";
}

std::string FailureList(const json& eval) {
  const json failures = ObjectAt(eval, "failures");
  if (failures.empty()) return "<p>No failures with sentences as in training.</p>" + FailedEpisodes(eval);
  std::string html = "<table><tr><th>cause</th><th>episodes</th></tr>";
  for (const auto& [cause, count] : failures.items())
    html += "<tr><td>" + Escaped(cause) + "</td><td class=\"n\">" + count.dump() + "</td></tr>";
  return html + "</table>" + FailedEpisodes(eval);
}

// Reached or not, and whether so many episodes can tell.
std::string Verdict(const json& eval, double bar) {
  const json success = eval["success"];
  const Measured rate = NumberAt(success, "rate"), low = NumberAt(success, "low"), high = NumberAt(success, "high");
  if (!rate) return "<p><strong>no verdict</strong>: success was not measured</p>";
  const bool passed = *rate >= bar;
  const bool certain = passed ? low.value_or(0) >= bar : high.value_or(1) < bar;
  return std::string("<p><b class=\"") + (passed ? "pass\">pass" : "fail\">fail") + "</b>: " + Share(rate) + ", [" +
         Share(low) + ", " + Share(high) + "], against a bar of " + Percent(bar) +
         (certain ? "" : "; the interval holds the bar: so many episodes cannot tell") + "</p>";
}

std::string StripList(const std::vector<Strip>& strips, bool failed) {
  std::string html;
  for (const Strip& strip : strips) {
    if (strip.failed != failed) continue;
    html += "<p>" + Escaped(strip.title) + "</p><div class=\"strip\">";
    for (const std::string& png : strip.pngs)
      html += "<img alt=\"\" src=\"data:image/png;base64," + Base64(png) + "\">";
    html += "</div>";
  }
  return html.empty() ? "" : std::string("<h3>") + (failed ? "failed" : "done") + "</h3>" + html;
}

std::string EvaluationHead(const std::string& name, const json& eval, const Measured& rate, const std::string& what) {
  return "<h2>Evaluation: " + ScenesOf(eval) + "</h2><section><span class=\"big\">" + Share(rate) + "</span> " + what +
         " <span class=\"note\">(" + Escaped(name) + ", " + Escaped(TextAt(eval, "policy")) + ", by genba " +
         Escaped(TextAt(eval, "revision")) + ")</span>";
}

std::string ReadingSection(const std::string& name, const json& eval) {
  const Measured exact = NumberAt(ObjectAt(eval, "exact"), "rate");
  return EvaluationHead(
             name, eval, exact,
             "of the orders read exactly, " + eval.value("episodes", json(0)).dump() + " texts a row, no physics") +
         "</section>" + ReadingSections(eval);
}

std::string EvaluationSection(const std::string& name, const json& eval, const ReportOptions& options) {
  if (HasReading(eval)) return ReadingSection(name, eval);
  const json time = ObjectAt(eval, "cycle_time_s"), force = ObjectAt(eval, "peak_force_N");
  std::string html = EvaluationHead(name, eval, NumberAt(eval["success"], "rate"),
                                    "success over " + eval.value("episodes", json(0)).dump() + " held-out episodes") +
                     Verdict(eval, options.bar);
  html += "<p class=\"note\">Cycle time p50 " + Shown(NumberAt(time, "p50"), 2, " s") + ", p95 " +
          Shown(NumberAt(time, "p95"), 2, " s") + "; peak contact force p50 " + Shown(NumberAt(force, "p50"), 1, " N") +
          ", p99 " + Shown(NumberAt(force, "p99"), 1, " N") + " (simulated, grasps left out).</p></section>";
  html += "<h2>Failures</h2><section>" + FailureList(eval) + "</section>";
  html += "<h2>Success</h2><section>" + RateTable("row", SuccessRows(eval, options.baselines)) + BreakdownTable(eval);
  return html + "</section>" + AnswersSection(eval) + "<h2>Language probes</h2><section>" + ProbeTable(eval) +
         LanguagesNote(eval) + "</section>";
}

std::string OriginSection(const fs::path& run) {
  std::string html = "<h2>Where it comes from</h2><section><table>";
  const auto row = [&](const std::string& name, const std::string& value) {
    html += "<tr><td>" + Escaped(name) + "</td><td><code>" + Escaped(value) + "</code></td></tr>";
  };
  row("report by", std::string("genba ") + Version() + " (" + Revision() + ")");
  const policies::FoundCheckpoint found = policies::FindNewestCheckpoint(run / "checkpoints");
  if (found.folder.empty()) {
    row("checkpoint", "none that is whole");
  } else {
    const fs::path file = found.folder / "state.json";
    const json state = ParseJson(ReadFile(file), file.string());
    row("checkpoint", found.folder.filename().string());
    row("trained by", "genba " + TextAt(state, "genba") + " (" + TextAt(state, "revision") + ")");
    row("data set, manifest SHA-256", TextAt(state, "data_manifest_sha256"));
    row("policy.safetensors, SHA-256", Sha256File(found.folder / "policy.safetensors"));
  }
  html += "</table>";
  if (fs::exists(run / "config.toml"))
    html += "<details><summary>settings (config.toml)</summary><pre>" + Escaped(ReadFile(run / "config.toml")) +
            "</pre></details>";
  return html + "</section>";
}

}  // namespace

Baseline ReadBaseline(const fs::path& file) {
  return {file.filename().string(), EvaluationFromText(ReadStream(file, kLongestEvaluation), file.string())};
}

void CheckRuns(const fs::path& run, const ReportOptions& options) { report::CheckRuns(run, options.beside); }

std::string ReportHtml(const fs::path& run, const ReportOptions& options) {
  const std::vector<ReportRun> runs = ReadRuns(run, options.beside);
  const bool alone = runs.size() == 1;
  const auto& evaluations = runs.front().evaluations;
  std::string html = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Genba: " +
                     Escaped(run.filename().string()) + "</title><style>" + kStyle + (alone ? "" : CurveStyles()) +
                     "</style></head><body><main>";
  html += "<h1>" + Escaped(run.filename().string()) +
          "</h1><p class=\"lead\">Genba 現場: what this policy learned, how well it works, and whether it listens.</p>";
  if (!options.strips.empty())
    html += "<section>" + StripList(options.strips, true) + StripList(options.strips, false) + "</section>";
  for (const auto& [name, eval] : evaluations) html += EvaluationSection(name, eval, options);
  if (evaluations.empty())
    html += "<section>This run has not been evaluated yet: <code>genba eval TASK --policy " + Escaped(run.string()) +
            "</code></section>";
  html += "<h2>Training</h2>" + CurvesSection(runs);
  if (!alone) html += ResultsOfRuns(runs) + SettingsOfRuns(runs);
  return html + OriginSection(run) + "</main></body></html>\n";
}

void WriteReport(const fs::path& run, const fs::path& out, const ReportOptions& options) {
  WriteFileAtomically(out, ReportHtml(run, options));
}

std::vector<PlayedEpisode> EpisodesToShow(const fs::path& run, const std::string& task, std::uint64_t seed,
                                          int num_failures, int num_successes) {
  std::vector<PlayedEpisode> failures, successes;
  for (const auto& [name, eval] : ReadEvaluations(run / "eval")) {
    if (TextAt(eval, "task") != task || eval.value("seed", json()) != json(seed)) continue;
    for (const json& episode : Played(eval)) {
      if (!Nominal(episode) || !episode.value("episode", json()).is_number_unsigned()) continue;
      const bool failed = episode.value("success", json(true)) == false;
      auto& list = failed ? failures : successes;
      if (static_cast<int>(list.size()) < (failed ? num_failures : num_successes))
        list.push_back({episode["episode"].get<std::uint64_t>(), failed});
    }
    if (!failures.empty() || !successes.empty()) break;  // the suite "language" plays nothing
  }
  failures.insert(failures.end(), successes.begin(), successes.end());
  return failures;
}

}  // namespace genba::trainer
