#include "trainer/report_curves.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "trainer/report_parts.h"
#include "trainer/report_svg.h"

namespace genba::trainer::report {

namespace {

using nlohmann::json;

// For white paper (contrast 3 and more), and any two of them apart for readers who are blind to red, green or blue: 22 and
// more in CIELAB, as Machado et al. (2009) simulate it. The dashes say it without colour.
struct Pen {
  const char *colour, *dashes;
};
constexpr std::array<Pen, kMostRuns> kPens{{{"#0067a5", "none"},
                                            {"#d55e00", "8 3"},
                                            {"#111111", "2 2.5"},
                                            {"#9900ff", "10 3 2 3"},
                                            {"#662900", "5 2"},
                                            {"#1f0099", "1.5 3.5"},
                                            {"#3d004c", "14 4"},
                                            {"#29a35a", "6 2 1.5 2 1.5 2"}}};

struct Chart {
  std::string key, title;
  bool logarithmic = false;
};
const std::vector<Chart>& Usual() {
  static const std::vector<Chart> charts{{"Loss/bc", "training loss (log)", true},
                                         {"Train/gradient_norm", "gradient norm (log)", true},
                                         {"Train/learning_rate", "learning rate", false}};
  return charts;
}

std::string ClassOf(std::size_t which) { return "run" + std::to_string(which); }

Points PointsOf(const ReportRun& run, const std::string& key) {
  Points points;
  for (const json& line : run.lines) {
    if (const Measured value = NumberAt(line, key)) points.emplace_back(line["step"].get<double>(), *value);
  }
  return points;
}

std::vector<Curve> CurvesOf(const std::vector<ReportRun>& runs, const std::string& key) {
  std::vector<Curve> curves;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const bool alone = runs.size() == 1;
    curves.push_back({PointsOf(runs[i], key), alone ? "" : runs[i].name, alone ? "" : ClassOf(i)});
  }
  return curves;
}

// How many of the runs tell of each metric.
std::map<std::string, int> Told(const std::vector<ReportRun>& runs) {
  std::map<std::string, int> told;
  for (const ReportRun& run : runs) {
    std::set<std::string> keys;
    for (const json& line : run.lines) {
      for (const auto& [key, value] : line.items()) {
        if (value.is_number()) keys.insert(key);
      }
    }
    keys.erase("step");
    for (const std::string& key : keys) ++told[key];
  }
  return told;
}

// Losses fall by orders of magnitude, where they are no sums of terms of either sign.
bool FallsLikeALoss(const std::vector<ReportRun>& runs, const std::string& key) {
  if (!key.starts_with("Loss/")) return false;
  return std::all_of(runs.begin(), runs.end(), [&](const ReportRun& run) {
    const Points points = PointsOf(run, key);
    return std::all_of(points.begin(), points.end(), [](const auto& point) { return point.second > 0; });
  });
}

// The usual ones first, then what most runs tell of.
std::vector<std::string> KeysOf(const std::vector<ReportRun>& runs) {
  std::map<std::string, int> told = Told(runs);
  std::vector<std::string> keys;
  for (const Chart& usual : Usual()) {
    if (told.erase(usual.key) > 0) keys.push_back(usual.key);
  }
  const std::ptrdiff_t usual = std::ssize(keys);
  for (const auto& [key, count] : told) keys.push_back(key);
  std::stable_sort(keys.begin() + usual, keys.end(),
                   [&](const std::string& a, const std::string& b) { return told[a] > told[b]; });
  return keys;
}

Chart ChartOf(const std::vector<ReportRun>& runs, const std::string& key) {
  const auto usual = std::find_if(Usual().begin(), Usual().end(), [&](const Chart& chart) { return chart.key == key; });
  if (usual != Usual().end()) return *usual;
  const bool logarithmic = FallsLikeALoss(runs, key);
  return {key, key + (logarithmic ? " (log)" : ""), logarithmic};
}

std::string Drawn(const std::vector<ReportRun>& runs, const Chart& chart) {
  return LineChart(CurvesOf(runs, chart.key), {chart.title, chart.logarithmic});
}

std::string Charts(const std::vector<ReportRun>& runs, const std::vector<Chart>& charts) {
  std::string html = "<section class=\"charts\">";
  for (const Chart& chart : charts) html += Drawn(runs, chart);
  return html + "</section>";
}

std::string Legend(const std::vector<ReportRun>& runs) {
  std::string html = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const LearnerWords learner = runs[i].learner();
    html += "<li>" + Swatch(i) + " " + Escaped(runs[i].name) + " <span class=\"note\">" +
            (learner.name.empty() ? "" : Escaped(learner.name) + ", ") +
            (runs[i].lines.empty() ? "no metrics yet" : StepText(runs[i].last_step()) + " " + learner.steps) +
            "</span></li>";
  }
  return html + "</ul>";
}

// One step of cloning and one iteration of playing are no equal work.
std::string UnitsNote(const std::vector<ReportRun>& runs) {
  std::map<std::string, std::string> units;
  for (const ReportRun& run : runs) units[run.learner().name] = run.learner().steps;
  if (units.size() < 2) return "";
  std::string text;
  for (const auto& [name, steps] : units)
    text += (text.empty() ? "" : ", ") + steps + " of " + (name.empty() ? "an unknown learner" : Escaped(name));
  return "<p class=\"note\">The steps along the axes are not the same thing in all runs: " + text +
         ". Heights can be compared, places along the axis cannot.</p>";
}

std::string EveryChart(const std::vector<ReportRun>& runs) {
  const std::vector<std::string> keys = KeysOf(runs);
  std::vector<Chart> charts;
  for (std::size_t i = 0; i < std::min(keys.size(), kMostCharts); ++i) charts.push_back(ChartOf(runs, keys[i]));
  const std::size_t left_out = keys.size() - charts.size();
  return Charts(runs, charts) +
         (left_out == 0 ? "" : "<p class=\"note\">" + std::to_string(left_out) + " more metrics are not drawn.</p>");
}

}  // namespace

std::string CurvesSection(const std::vector<ReportRun>& runs) {
  const bool alone = runs.size() == 1;
  const bool nothing = std::all_of(runs.begin(), runs.end(), [](const ReportRun& run) { return run.lines.empty(); });
  if (alone && nothing) return "<section>There are no metrics in this run yet.</section>";
  if (alone && Told(runs).contains(Usual().front().key)) return Charts(runs, Usual());
  if (alone) return EveryChart(runs);
  return Legend(runs) + UnitsNote(runs) +
         (nothing ? "<section>There are no metrics in these runs yet.</section>" : EveryChart(runs));
}

std::string Swatch(std::size_t which) {
  return "<svg viewBox=\"0 0 44 10\" class=\"swatch " + ClassOf(which) +
         "\"><line x1=\"0\" x2=\"44\" y1=\"5\" y2=\"5\"/></svg>";
}

std::string CurveStyles() {
  std::string css =
      ".legend{position:sticky;top:0;background:#f6f7f9;list-style:none;margin:0;padding:6px 0;display:flex;"
      "flex-wrap:wrap;gap:2px 22px}svg.swatch{width:44px;height:10px}.swatch "
      "line{stroke-width:2.4}.wide{overflow-x:auto}";
  for (std::size_t i = 0; i < kPens.size(); ++i) {
    const std::string name = "." + ClassOf(i) + " ", colour = kPens[i].colour;
    css += name + "polyline," + name + "line{stroke:" + colour + ";stroke-dasharray:" + kPens[i].dashes + "}" + name +
           "circle{fill:" + colour + "}";
  }
  return css;
}

}  // namespace genba::trainer::report
