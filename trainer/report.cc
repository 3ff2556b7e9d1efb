#include "trainer/report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/version.h"
#include "policies/checkpoint.h"
#include "trainer/report_svg.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kStyle = R"css(
body{font:15px/1.5 system-ui,"Segoe UI","Noto Sans JP","IPAGothic",sans-serif;color:#1d2530;background:#f6f7f9;margin:0}
main{max-width:1000px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:34px 0 10px;border-bottom:1px solid #d5dae1;padding-bottom:4px}
p.lead{color:#5a6675;margin:0 0 16px}section{background:#fff;border:1px solid #e1e5ea;border-radius:6px;padding:14px 18px;margin:10px 0}
table{border-collapse:collapse;width:100%}td,th{padding:5px 10px;border-bottom:1px solid #edf0f3;text-align:left;vertical-align:top}
th{color:#5a6675;font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.big{font-size:34px;font-weight:650}.charts{display:grid;grid-template-columns:1fr 1fr;gap:14px}
svg.chart{width:100%;height:auto}svg text{font-size:11px;fill:#5a6675}.grid{stroke:#e6eaee}polyline{fill:none;stroke:#2468b4;stroke-width:1.6}
svg.bar{width:220px;height:16px;vertical-align:middle}.track{fill:#edf0f3}.fill{fill:#5b9bd5}.whisker{stroke:#1d2530;stroke-width:2}
.strip{display:flex;gap:3px;overflow-x:auto}.strip img{width:16.2%;border-radius:3px}pre{overflow-x:auto;font-size:12px;background:#f6f7f9;padding:10px}
code{font-size:12px;word-break:break-all}.note{color:#5a6675;font-size:13px}
)css";

std::vector<json> ReadLines(const fs::path& path) {
  std::vector<json> lines;
  if (!fs::exists(path)) return lines;
  std::istringstream in(ReadFile(path));
  for (std::string line; std::getline(in, line);) {
    json parsed = json::parse(line, nullptr, false);
    if (parsed.is_object()) lines.push_back(std::move(parsed));
  }
  return lines;
}

// What was not measured is null in an evaluation; here it is left out.
void DropUnmeasured(json& value) {
  if (!value.is_structured()) return;
  for (auto item = value.begin(); item != value.end();) {
    const bool unmeasured =
        item->is_null() || (item->is_object() && item->contains("rate") && (*item)["rate"].is_null());
    if (!unmeasured) DropUnmeasured(*item);
    item = unmeasured ? value.erase(item) : std::next(item);
  }
}

std::vector<std::pair<std::string, json>> ReadEvaluations(const fs::path& folder) {
  std::vector<std::pair<std::string, json>> evaluations;
  if (!fs::is_directory(folder)) return evaluations;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    json parsed = json::parse(ReadFile(entry.path(), 256 << 20), nullptr, false);
    DropUnmeasured(parsed);
    if (parsed.is_object() && parsed.contains("success"))
      evaluations.emplace_back(entry.path().filename().string(), std::move(parsed));
  }
  std::sort(evaluations.begin(), evaluations.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return evaluations;
}

std::string CurvesSection(const fs::path& run) {
  const std::vector<json> lines = ReadLines(run / "metrics.jsonl");
  if (lines.empty()) return "<section>There are no metrics in this run yet.</section>";
  std::string html = "<section class=\"charts\">";
  for (const auto& [key, title, logarithmic] : {std::tuple("Loss/bc", "training loss (log)", true),
                                                std::tuple("Train/gradient_norm", "gradient norm (log)", true),
                                                std::tuple("Train/learning_rate", "learning rate", false)}) {
    std::vector<std::pair<double, double>> points;
    for (const json& line : lines) {
      if (line.contains(key) && line.contains("step") && line[key].is_number())
        points.emplace_back(line["step"].get<double>(), line[key].get<double>());
    }
    html += LineChart(points, {title, logarithmic});
  }
  return html + "</section>";
}

std::string RateRow(const std::string& name, const json& rate, const std::string& note) {
  const double value = rate.value("rate", 0.0), low = rate.value("low", value), high = rate.value("high", value);
  return "<tr><td>" + Escaped(name) + "</td><td class=\"n\">" + Percent(value) + "</td><td>" +
         RateBar(value, low, high) + "</td><td class=\"n\">" + Percent(low) + " – " + Percent(high) +
         "</td><td class=\"note\">" + note + "</td></tr>";
}

std::string SuccessTable(const json& eval) {
  std::string html = "<table><tr><th>row</th><th>success</th><th></th><th>Wilson 95 %</th><th></th></tr>";
  html += RateRow("all", eval["success"], "strict: held 0.5 s, released, still, nothing else moved");
  const json by_language = eval.value("by_language", json::object()), by_split = eval.value("by_split", json::object());
  for (const auto& [language, rate] : by_language.items())
    html += RateRow(language == "ja" ? "Japanese" : "English", rate, "");
  const std::map<std::string, std::string> notes{{"templates", "sentence patterns never trained on"},
                                                 {"words", "synonyms never trained on"},
                                                 {"pairs", "colour and shape never asked for together"}};
  for (const auto& [split, rate] : by_split.items()) {
    if (notes.contains(split)) html += RateRow("held-out " + split, rate, notes.at(split));
  }
  return html + "</table>";
}

std::string ProbeTable(const json& eval) {
  const json probes = eval.value("probes", json::object());
  if (probes.empty()) return "<p class=\"note\">The probes were not run.</p>";
  std::string html = "<table><tr><th>probe</th><th>success</th><th></th><th>Wilson 95 %</th><th>what it asks</th></tr>";
  if (probes.contains("blank"))
    html += RateRow("blank", probes["blank"],
                    "no instruction: good is near chance, " + Percent(probes["blank"].value("chance", 0.0)));
  if (probes.contains("counterfactual")) {
    html += RateRow("counterfactual", probes["counterfactual"],
                    "same scene, another target: good is 1.00 of nominal; here " +
                        Fixed(probes["counterfactual"].value("ratio", 0.0), 2) + ", and the old task was done in " +
                        Percent(probes["counterfactual"].value("did_old_task", 0.0)));
  }
  if (probes.contains("paraphrase"))
    html +=
        RateRow("paraphrase", probes["paraphrase"],
                "held-out sentence patterns: " + Fixed(probes["paraphrase"].value("ratio", 0.0), 2) + " of nominal");
  if (probes.contains("other_language"))
    html += RateRow("other language", probes["other_language"],
                    "the same scenes in the other language: " + Fixed(probes["other_language"].value("ratio", 0.0), 2) +
                        " of nominal");
  return html + "</table>";
}

constexpr int kFailuresShown = 6;  // of a row

std::string FailureList(const json& eval) {
  const json failures = eval.value("failures", json::object());
  std::string html = failures.empty() ? "<p>No failures with sentences as in training.</p>"
                                      : "<table><tr><th>cause</th><th>episodes</th></tr>";
  for (const auto& [cause, count] : failures.items())
    html += "<tr><td>" + Escaped(cause) + "</td><td class=\"n\">" + count.dump() + "</td></tr>";
  if (!failures.empty()) html += "</table>";
  std::string rows;
  std::map<std::string, int> shown;
  for (const json& episode : eval.value("episodes_played", json::array())) {
    const std::string row = episode.value("row", "train");
    // Blank instructions are meant to fail.
    if (row == "blank" || episode.value("success", true) || ++shown[row] > kFailuresShown) continue;
    rows += "<tr><td class=\"note\">" + Escaped(row) + "</td><td class=\"n\">" +
            episode.value("episode", json(0)).dump() + "</td><td>" + Escaped(episode.value("text", "")) +
            "</td><td class=\"note\">" + Escaped(episode.value("order", "")) + "</td><td>" +
            Escaped(episode.value("cause", "")) + "</td></tr>";
  }
  if (rows.empty()) return html;
  return html +
         "<p class=\"note\">The first failed episodes of each row. Those of the row train play again with <code>genba "
         "view --task " +
         Escaped(eval.value("task", "")) + " --policy RUN --seed " + eval.value("seed", json(0)).dump() +
         " --episode NUMBER</code>.</p><table>" + rows + "</table>";
}

std::string EvaluationSection(const std::string& name, const json& eval) {
  const json time = eval.value("cycle_time_s", json::object()), force = eval.value("peak_force_N", json::object());
  std::string html = "<h2>Evaluation: " + Escaped(eval.value("task", "")) + ", seed " +
                     eval.value("seed", json(0)).dump() + "</h2><section><span class=\"big\">" +
                     Percent(eval["success"].value("rate", 0.0)) + "</span> success over " +
                     eval.value("episodes", json(0)).dump() + " held-out episodes <span class=\"note\">(" +
                     Escaped(name) + ", " + Escaped(eval.value("policy", "")) + ")</span>";
  html += "<p class=\"note\">Cycle time p50 " + Fixed(time.value("p50", 0.0), 2) + " s, p95 " +
          Fixed(time.value("p95", 0.0), 2) + " s; peak contact force p50 " + Fixed(force.value("p50", 0.0), 1) +
          " N, p99 " + Fixed(force.value("p99", 0.0), 1) + " N (simulated, grasps left out).</p>";
  return html + SuccessTable(eval) + "</section><h2>Language probes</h2><section>" + ProbeTable(eval) +
         "</section><h2>Failures</h2><section>" + FailureList(eval) + "</section>";
}

std::string StripSection(const std::vector<Strip>& strips) {
  if (strips.empty()) return "";
  std::string html = "<h2>Episodes</h2>";
  for (const Strip& strip : strips) {
    html += "<section><p>" + Escaped(strip.title) + "</p><div class=\"strip\">";
    for (const std::string& png : strip.pngs)
      html += "<img alt=\"\" src=\"data:image/png;base64," + Base64(png) + "\">";
    html += "</div></section>";
  }
  return html;
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
    const json state = json::parse(ReadFile(found.folder / "state.json"), nullptr, false);
    row("checkpoint", found.folder.filename().string());
    row("trained by", "genba " + state.value("genba", "") + " (" + state.value("revision", "") + ")");
    row("data set, manifest SHA-256", state.value("data_manifest_sha256", ""));
    row("policy.safetensors, SHA-256", Sha256File(found.folder / "policy.safetensors"));
  }
  html += "</table>";
  if (fs::exists(run / "config.toml"))
    html += "<details><summary>settings (config.toml)</summary><pre>" + Escaped(ReadFile(run / "config.toml")) +
            "</pre></details>";
  return html + "</section>";
}

}  // namespace

std::string ReportHtml(const fs::path& run, const std::vector<Strip>& strips) {
  if (!fs::exists(run / "config.toml")) throw BadInput({run.string(), "config.toml", "a run folder", "nothing"});
  const auto evaluations = ReadEvaluations(run / "eval");
  std::string html = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Genba: " +
                     Escaped(run.filename().string()) + "</title><style>" + kStyle + "</style></head><body><main>";
  html += "<h1>" + Escaped(run.filename().string()) +
          "</h1><p class=\"lead\">Genba 現場: what this policy learned, how well it works, and whether it listens.</p>";
  for (const auto& [name, eval] : evaluations) html += EvaluationSection(name, eval);
  if (evaluations.empty())
    html += "<section>This run has not been evaluated yet: <code>genba eval TASK --policy " + Escaped(run.string()) +
            "</code></section>";
  html += StripSection(strips) + "<h2>Training</h2>" + CurvesSection(run) + OriginSection(run);
  return html + "</main></body></html>\n";
}

void WriteReport(const fs::path& run, const fs::path& out, const std::vector<Strip>& strips) {
  WriteFileAtomically(out, ReportHtml(run, strips));
}

}  // namespace genba::trainer
