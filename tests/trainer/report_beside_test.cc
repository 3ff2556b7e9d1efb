// The report of several runs: their curves in one plot, what came of them, which settings differ.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/hash.h"
#include "scratch.h"
#include "trainer/report.h"
#include "trainer/report_beside.h"
#include "trainer/report_curves.h"
#include "trainer/report_svg.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}
bool Has(const std::string& text, const std::string& what) { return Count(text, what) > 0; }

// Between a mark and the next end, from a place on.
std::string Between(const std::string& text, const std::string& mark, const std::string& end) {
  const std::size_t at = text.find(mark);
  return at == std::string::npos ? ""
                                 : text.substr(at + mark.size(), text.find(end, at + mark.size()) - at - mark.size());
}
std::vector<std::string> Polylines(const std::string& html) {
  std::vector<std::string> found;
  for (std::size_t at = html.find("<polyline"); at != std::string::npos; at = html.find("<polyline", at + 1))
    found.push_back(Between(html.substr(at), "points=\"", "\""));
  return found;
}
std::string Charts(const std::string& html) { return Between(html, "<section class=\"charts\">", "</section>"); }

class Beside : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    Cloned("a", "0.001");
  }
  fs::path Run(const std::string& name, const std::string& settings, const std::string& lines) const {
    fs::create_directories(folder_ / name);
    std::ofstream(folder_ / name / "config.toml") << settings;
    std::ofstream(folder_ / name / "metrics.jsonl") << lines;
    return folder_ / name;
  }
  fs::path Cloned(const std::string& name, const std::string& rate, int steps = 10) const {
    std::string lines;
    for (int step = 1; step <= steps; ++step)
      lines +=
          json{{"step", step}, {"Loss/bc", 1.0 / step}, {"Train/learning_rate", 1e-3}, {"Train/gradient_norm", 1.0}}
              .dump() +
          "\n";
    return Run(name, "[trainer]\nlearning_rate = " + rate + "\nseed = 1\nlog_every = 1\n", lines);
  }
  fs::path Played(const std::string& name) const {
    std::string lines;
    for (int step = 1; step <= 4; ++step)
      lines += json{{"step", step}, {"Loss/policy", 0.5 - step}, {"Loss/value", 0.1 * step}, {"Train/learning_rate", 1}}
                   .dump() +
               "\n";
    return Run(name, "[ppo]\nworlds = 16\nlog_every = 1\n", lines);
  }
  void Evaluated(const std::string& run, const std::string& policy, double rate, int seed = 1) const {
    fs::create_directories(folder_ / run / "eval");
    std::ofstream(folder_ / run / "eval" / (policy + "-" + std::to_string(seed) + ".json"))
        << json{{"task", "reach"},
                {"policy", policy},
                {"seed", seed},
                {"episodes", 40},
                {"success", {{"rate", rate}, {"low", rate - 0.1}, {"high", rate + 0.05}}}};
  }
  std::string Html(const std::vector<fs::path>& beside) const { return ReportHtml(folder_ / "a", {.beside = beside}); }
};

// What one run's plots were before runs could stand beside one another.
TEST_F(Beside, TheCurvesOfOneRunAreTheBytesTheyWere) {
  const std::string html = Html({}), charts = "<section class=\"charts\">" + Charts(html);
  EXPECT_EQ(Sha256(charts), "871e4df14d59e6a42acf9372f6fbf8eaf4253ada266c2c48c826d2f97f42c48a") << charts;
  for (const char* of_several : {"legend", "swatch", "run0", "What came of these runs", "What differs"})
    EXPECT_FALSE(Has(html, of_several)) << of_several;
  EXPECT_NE(Charts(Html({Cloned("b", "0.002")})), Charts(html));
}

// Of cloning the usual three say it; a run that played has none of their losses.
TEST_F(Beside, ARunThatPlayedShowsWhatItTells) {
  const std::string page = ReportHtml(Played("played"), {});
  EXPECT_TRUE(Has(Charts(page), "Loss/policy"));
  EXPECT_TRUE(Has(Charts(page), "Loss/value"));
  EXPECT_FALSE(Has(Charts(page), "not enough points"));
}

TEST_F(Beside, ACopyOfARunIsTheSameLine) {
  const std::string alone = Html({}), html = Html({Cloned("b", "0.001")});
  const std::vector<std::string> one = Polylines(alone), both = Polylines(html);
  ASSERT_EQ(one.size(), 3u);
  ASSERT_EQ(both.size(), 6u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(both[2 * i], one[i]);
    EXPECT_EQ(both[2 * i + 1], one[i]);
  }
  EXPECT_TRUE(Has(html, "What differs in their settings</h2><section class=\"wide\">Nothing."));
  // Another run is another line.
  const std::vector<std::string> longer = Polylines(Html({Cloned("c", "0.001", 20)}));
  ASSERT_EQ(longer.size(), 6u);
  EXPECT_NE(longer[0], longer[1]);
  EXPECT_NE(longer[0], one[0]) << "the axes hold both";
}

TEST_F(Beside, EveryRunHasALineInTheLegendAColourAndDashes) {
  std::vector<fs::path> others;
  for (int i = 1; i < static_cast<int>(report::kMostRuns); ++i) {
    const std::string html = Html(others), legend = Between(html, "<ul class=\"legend\">", "</ul>");
    EXPECT_EQ(Count(legend, "<li>"), others.empty() ? 0 : i);
    others.push_back(Cloned("other-" + std::to_string(i), "0.001"));
    EXPECT_EQ(Has(legend, "other-" + std::to_string(i - 1)), i > 1) << legend;
    EXPECT_FALSE(Has(legend, "other-" + std::to_string(i)));
  }
  const std::string styles = report::CurveStyles();
  EXPECT_EQ(Count(styles, "stroke-dasharray:"), static_cast<int>(report::kMostRuns));
  std::set<std::string> pens;
  for (std::size_t i = 0; i < report::kMostRuns; ++i)
    pens.insert(Between(styles, ".run" + std::to_string(i) + " line{stroke:", "}"));
  EXPECT_EQ(pens.size(), report::kMostRuns);
}

TEST_F(Beside, NamesAreTheShortestEndsThatDiffer) {
  const auto names = [](std::vector<fs::path> paths) { return report::ShortNames(paths); };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({"/r/x", "/r/y"}), (Names{"x", "y"}));
  EXPECT_EQ(names({"/r/a/x", "/r/b/x/", "/r/c"}), (Names{"a/x", "b/x", "c"}));
  EXPECT_EQ(names({"/a/r/x", "/b/r/x", "/b/s/x"}), (Names{"a/r/x", "b/r/x", "s/x"}));
  EXPECT_EQ(names({"/x", "/a/x"}), (Names{"/x", "a/x"}));
  EXPECT_EQ(names({"/r/../x/."}), (Names{"x"}));
}

TEST_F(Beside, MetricsOfSomeRunsAreDrawnForThose) {
  const std::string html = Html({Played("p")}), charts = Charts(html);
  EXPECT_EQ(Count(charts, "<svg"), 5);  // three of cloning, one of which both have, and two losses of playing
  EXPECT_EQ(Count(charts, "<polyline"), 6);
  EXPECT_EQ(Count(charts, "<g class=\"run1\"><title>p</title>"), 3);
  EXPECT_TRUE(Has(charts, ">Loss/value (log)<"));
  EXPECT_TRUE(Has(charts, ">Loss/policy<")) << "terms of either sign";
  EXPECT_TRUE(Has(html, "reading steps and iterations of ppo"));
  EXPECT_TRUE(Has(html, "optimiser steps of bc"));
  EXPECT_TRUE(Has(html, "bc, 10 optimiser steps"));
  EXPECT_FALSE(Has(Html({Cloned("b", "1")}), "are not the same thing"));
}

TEST_F(Beside, SettingsThatDifferStandInAColumnEach) {
  const std::string html = Html({Cloned("b", "0.002"), Cloned("c", "0.001")});
  const std::string table = Between(html, "What differs in their settings</h2>", "</section>");
  EXPECT_TRUE(Has(table,
                  "<tr><td>trainer.learning_rate</td><td><code>0.001</code></td><td><code>0.002</code></td>"
                  "<td><code>0.001</code></td></tr>"))
      << table;
  EXPECT_FALSE(Has(table, "trainer.seed")) << "it is the same";
  EXPECT_EQ(Count(table, "<th>"), 4);
  // Of another learner.
  const std::string other = Between(Html({Played("p")}), "What differs in their settings</h2>", "</section>");
  EXPECT_TRUE(Has(other, "<td>ppo.worlds</td><td>–</td><td><code>16</code></td>")) << other;
  EXPECT_TRUE(Has(other, "<td>trainer.seed</td><td><code>1</code></td><td>–</td>")) << other;
  EXPECT_TRUE(Has(Between(other, "<section", "<details>"), "Nothing that two of them know."));
  const std::string three = Html({folder_ / "p", folder_ / "b"});
  EXPECT_TRUE(Has(Between(three, "What differs in their settings</h2>", "<details>"),
                  "<td>trainer.learning_rate</td><td><code>0.001</code></td><td>–</td><td><code>0.002</code></td>"))
      << "two of three know it, and differ";
}

TEST_F(Beside, WhatCameOfThemStandsSideBySideWithIntervals) {
  Cloned("b", "0.002"), Cloned("c", "0.002");
  EXPECT_TRUE(Has(Html({folder_ / "b"}), "None of them has been evaluated yet."));
  Evaluated("a", "step-00000010", 0.5), Evaluated("a", "step-00000005", 0.75);
  Evaluated("b", "step-00000010", 0.25), Evaluated("b", "step-00000005", 0.125);
  const std::string html = Html({folder_ / "b", folder_ / "c"});
  const std::string table = Between(html, "What came of these runs</h2>", "</section>");
  EXPECT_EQ(Count(table, "<h3>"), 1);
  EXPECT_TRUE(Has(table, "<td>a</td><td class=\"n\">50.0 %</td>")) << table;
  EXPECT_TRUE(Has(table, "<td>a</td><td class=\"n\">75.0 %</td>")) << "the best is another";
  EXPECT_TRUE(Has(table, "best of 2: step-00000005"));
  EXPECT_TRUE(Has(table, "<td>b</td><td class=\"n\">25.0 %</td>"));
  EXPECT_FALSE(Has(table, "12.5 %")) << "neither the last nor the best";
  EXPECT_TRUE(Has(table, "15.0 % – 30.0 %"));
  EXPECT_TRUE(Has(table, "<td>c</td><td class=\"n\">–</td>"));
  Evaluated("c", "step-00000010", 0.5, 2);  // other scenes are another table
  EXPECT_EQ(Count(Between(Html({folder_ / "b", folder_ / "c"}), "What came of these runs</h2>", "</section>"), "<h3>"),
            2);
}

TEST_F(Beside, WhatOnlyReadIsATableOfItsOwn) {
  Cloned("b", "0.002");
  Evaluated("a", "step-00000010", 0.5), Evaluated("b", "step-00000010", 0.5);
  std::ofstream(folder_ / "b/eval/read.json") << R"({"task":"reach","seed":1,"success":{},"exact":{"rate":0.625},)"
                                              << R"("reading":{"answers":[],"refused":{},"calibration":{}}})";
  const std::string table = Between(Html({folder_ / "b"}), "What came of these runs</h2>", "</section>");
  EXPECT_EQ(Count(table, "<th>success</th>"), 1);
  EXPECT_EQ(Count(table, "<th>read exactly</th>"), 1) << table;
  EXPECT_TRUE(Has(table, "<td>b</td><td class=\"n\">62.5 %</td>"));
}

TEST_F(Beside, WhatIsNoOtherRunIsRefused) {
  Cloned("b", "0.001");
  fs::create_directories(folder_ / "empty");
  fs::create_directory_symlink("a", folder_ / "link");
  std::ofstream(folder_ / "file") << "x";
  std::vector<fs::path> many;
  for (std::size_t i = 0; i < report::kMostRuns; ++i) many.push_back(Cloned("many-" + std::to_string(i), "1"));
  for (const auto& [beside, words] :
       {std::pair(std::vector<fs::path>{"b", "none"}, "none: --beside: expected a run folder, got nothing"),
        {{"empty"}, "empty: --beside: expected a run folder, got a folder without config.toml"},
        {{"file"}, "file: --beside: expected a run folder, got a file"},
        {{"a"}, "a: --beside: expected another run than the report's"},
        {{"link"}, "link: --beside: expected another run than the report's"},
        {{"b", "b/../b/"}, "b/../b/: --beside: expected every run once"},
        {many, "--beside: expected at most 7 others, got 8"}}) {
    std::vector<fs::path> paths;
    for (const fs::path& path : beside) paths.push_back(folder_ / path);
    try {
      CheckRuns(folder_ / "a", {.beside = paths});
      ADD_FAILURE() << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      EXPECT_TRUE(Has(error.what(), words)) << error.what();
    }
    EXPECT_THROW(ReportHtml(folder_ / "a", {.beside = paths}), Error);
  }
  EXPECT_NO_THROW(CheckRuns(folder_ / "a", {.beside = {folder_ / "b"}}));
}

// Anybody may have written a run's metrics: the page stands, and the other run's line in it.
TEST_F(Beside, HostileMetricsBreakNoPage) {
  for (const std::string& hostile :
       {std::string(), std::string("\n\n7\n[]\nnull\n"), std::string("{\"step\":1,\"Loss/bc\":NaN}\n"),
        std::string("{\"step\":1,\"Loss/bc\":1e999}\n{\"step\":2,\"Loss/bc\":0.5}\n"),
        std::string("{\"step\":1,\"Loss/bc\":1.7e308}\n{\"step\":2,\"Loss/bc\":-1.7e308,\"x\":-1.7e308}\n"
                    "{\"step\":3,\"x\":1.7e308}\n"),
        std::string("{\"step\":1.7e308,\"Loss/bc\":1}\n{\"step\":-1.7e308,\"Loss/bc\":1}\n"),
        std::string("{\"step\":1.7e308,\"y\":1.7e308}\n{\"step\":1.7e308,\"y\":1.7e308}\n"),
        std::string("{\"step\":\"1\",\"Loss/bc\":1}\n{\"Loss/bc\":1}\n{\"step\":{},\"Loss/bc\":1}\n"),
        std::string("{\"step\":9,\"Loss/bc\":\"x\",\"</svg><script>\":1,\"http://x\":2}\n"),
        std::string("{\"step\":9,\"Loss/bc\":0.5}"), std::string("{\"step\":9,\"Loss/bc\":0.5}\n{\"step\":10,\"Los"),
        std::string("{\"step\":9,\"Loss/bc\":0,\"Loss/answer\":0}\n{\"step\":8,\"Loss/bc\":-1}\n"),
        std::string(100000, '[') + "\n", std::string("\xff\xfe\n\0\n", 5)}) {
    const std::string html = Html({Run("b", "[trainer]\nlog_every = 1\n", hostile)}), charts = Charts(html);
    EXPECT_EQ(Count(Between(html, "<ul class=\"legend\">", "</ul>"), "<li>"), 2) << hostile.substr(0, 80);
    EXPECT_TRUE(Has(charts, "<g class=\"run0\"><title>a</title><polyline")) << hostile.substr(0, 80);
    for (const char* broken : {"nan", "inf\"", "inf,", "<script", "00000000000"})
      EXPECT_FALSE(Has(charts, broken)) << broken << " of " << hostile.substr(0, 80);
    EXPECT_EQ(Count(html, "<svg"), Count(html, "</svg>"));
    EXPECT_EQ(Count(html, "<g "), Count(html, "</g>"));
    EXPECT_NO_THROW(ReportHtml(folder_ / "b", {.beside = {folder_ / "a"}}));
    EXPECT_NO_THROW(ReportHtml(folder_ / "b", {}));
  }
  // One point alone is a mark.
  Run("b", "[trainer]\nlog_every = 1\n", "{\"step\":9,\"Loss/bc\":0.5}\n");
  EXPECT_EQ(Count(Charts(Html({folder_ / "b"})), "<circle"), 1);
}

TEST_F(Beside, TooMuchIsCutAndSaidSo) {
  std::string line = "{\"step\":1", settings = "[x]\n";
  for (int i = 0; i < 5000; ++i) line += ",\"Loss/" + std::to_string(i) + "\":1";
  for (int i = 0; i < 20000; ++i) settings += "k" + std::to_string(i) + " = 1\n";
  const std::string html = Html({Run("b", settings, line + "}\n" + line + "}\n")});
  EXPECT_EQ(Count(Charts(html), "<svg"), static_cast<int>(report::kMostCharts));
  EXPECT_TRUE(Has(html, std::to_string(5003 - report::kMostCharts) + " more metrics are not drawn."));
  EXPECT_TRUE(Has(html, "more are left out."));
  EXPECT_LT(html.size(), 400000u);
}

TEST_F(Beside, WhatRunsSayIsText) {
  const std::string html =
      Html({Run("<b>&\"", "[trainer]\nseed = \"</table><script>\"\nlog_every = 1\n", "{\"step\":1,\"<i>\":1}\n")});
  for (const char* bare : {"<script", "<b>", "<i>", "http", "url(", "@import"}) EXPECT_FALSE(Has(html, bare)) << bare;
  EXPECT_TRUE(Has(html, "&lt;b&gt;&amp;&quot;"));
}

}  // namespace
}  // namespace genba::trainer
