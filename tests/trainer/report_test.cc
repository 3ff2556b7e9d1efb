#include "trainer/report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "scratch.h"
#include "trainer/evaluation.h"
#include "trainer/report_svg.h"

namespace genba::trainer {
namespace {

class Report : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    std::ofstream(folder_ / "config.toml") << "[trainer]\nsteps = 10 # <b>\n";
    std::ofstream metrics(folder_ / "metrics.jsonl");
    for (int step = 1; step <= 10; ++step)
      metrics << nlohmann::json{{"step", step},
                                {"Loss/bc", 1.0 / step},
                                {"Train/learning_rate", 1e-3},
                                {"Train/gradient_norm", 1.0}}
                     .dump()
              << "\n";
  }
  void Evaluate() {
    std::filesystem::create_directories(folder_ / "eval");
    std::ofstream(folder_ / "eval/reach-1.json")
        << nlohmann::json{{"task", "reach"},
                          {"policy", "x"},
                          {"seed", 1},
                          {"episodes", 40},
                          {"success", {{"rate", 0.875}, {"low", 0.7}, {"high", 0.95}}},
                          {"failures", {{"timeout", 5}}},
                          {"probes", {{"blank", {{"rate", 0.1}, {"low", 0.0}, {"high", 0.2}, {"chance", 0.33}}}}},
                          {"episodes_played",
                           {{{"episode", 3},
                             {"success", false},
                             {"cause", "timeout"},
                             {"steps", 60},
                             {"order", "reach(one red bolt)"},
                             {"text", "go to <b>it</b> & stay"}}}}};
  }
};

TEST_F(Report, HoldsItsFiguresAndNothingFromOutside) {
  Evaluate();
  const std::string html = ReportHtml(folder_, {.strips = {{"a strip", {"\x89PNG"}}}});
  EXPECT_NE(html.find("87.5 %"), std::string::npos);
  EXPECT_NE(html.find("33.0 %"), std::string::npos);
  EXPECT_NE(html.find("timeout"), std::string::npos);
  EXPECT_NE(html.find("data:image/png;base64,iVBORw=="), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_NE(html.find("go to &lt;b&gt;it&lt;/b&gt; &amp; stay"), std::string::npos);
}

// An evaluation with one thing changed.
class Judged : public Report {
 protected:
  std::string Html(const std::function<void(nlohmann::json&)>& change, const ReportOptions& options = {}) {
    Evaluate();
    const auto file = folder_ / "eval/reach-1.json";
    nlohmann::json eval;
    std::ifstream(file) >> eval;
    change(eval);
    std::ofstream(file) << eval;
    return ReportHtml(folder_, options);
  }
  static bool Has(const std::string& html, const std::string& text) { return html.find(text) != std::string::npos; }
};

TEST_F(Judged, GivesAVerdictAgainstTheBar) {
  const auto none = [](nlohmann::json&) {};
  EXPECT_TRUE(
      Has(Html(none), "fail</b>: 87.5 %, [70.0 %, 95.0 %], against a bar of 95.0 %; the interval holds the bar"));
  EXPECT_TRUE(Has(Html(none, {.bar = 0.99}), "fail</b>: 87.5 %, [70.0 %, 95.0 %], against a bar of 99.0 %</p>"));
  EXPECT_TRUE(Has(Html(none, {.bar = 0.6}), "pass</b>: 87.5 %, [70.0 %, 95.0 %], against a bar of 60.0 %</p>"));
}

TEST_F(Judged, NothingMeasuredIsADash) {
  const std::string html = Html([](nlohmann::json& eval) {
    eval["success"] = {{"rate", nullptr}, {"low", nullptr}, {"high", nullptr}};
    eval["cycle_time_s"] = {{"p50", nullptr}, {"p95", nullptr}};
    eval["by_language"]["ja"] = {{"rate", nullptr}};
  });
  EXPECT_TRUE(Has(html, "no verdict"));
  EXPECT_TRUE(Has(html, "Cycle time p50 –, p95 –"));
  EXPECT_TRUE(Has(html, "<td>Japanese</td><td class=\"n\">–</td>"));
  EXPECT_TRUE(Has(html, "<td>all</td><td class=\"n\">–</td>"));
}

TEST_F(Judged, APolicyThatFailsAnywayDoesNotPassTheBlankProbe) {
  EXPECT_TRUE(Has(Html([](nlohmann::json&) {}), "good is near chance, 33.0 %"));
  EXPECT_TRUE(Has(Html([](nlohmann::json& eval) {
                    eval["success"] = {{"rate", 0.0}, {"low", 0.0}, {"high", 0.1}};
                  }),
                  "says nothing: with its instruction the policy does no better"));
  EXPECT_TRUE(Has(Html([](nlohmann::json& eval) {
                    eval["probes"]["blank"] = {{"rate", 0.6}, {"low", 0.5}, {"high", 0.65}, {"chance", 0.33}};
                  }),
                  "more than chance, 33.0 %: it acts without being told"));
}

TEST_F(Judged, ParaphraseIsSaidOnceAndOrdersAreCut) {
  const std::string html = Html([](nlohmann::json& eval) {
    eval["by_split"]["templates"] = {{"rate", 0.5}, {"low", 0.4}, {"high", 0.6}};
    eval["probes"]["paraphrase"] = {{"rate", 0.5}, {"low", 0.4}, {"high", 0.6}, {"ratio", 0.57}};
    for (const char* order : {"pick(two red bolt -> left bin)", "pick(one nut except green -> left bin)"})
      eval["episodes_played"].push_back({{"row", "train"}, {"episode", 9}, {"success", true}, {"order", order}});
    eval["episodes_played"].push_back(
        {{"row", "taught"}, {"episode", 9}, {"success", true}, {"order", "pick(all white gear -> right bin)"}});
  });
  EXPECT_TRUE(Has(html, "sentence patterns never trained on: 0.57 of nominal"));
  EXPECT_FALSE(Has(html, "<td>paraphrase</td>"));
  const auto row = [&](const std::string& word, const std::string& counts) {
    const std::size_t at = html.find("<tr><td>" + word + "</td>");
    return at != std::string::npos && html.substr(at, html.find("</tr>", at) - at).find(counts) != std::string::npos;
  };
  EXPECT_TRUE(row("two", ">1 of 1<"));
  EXPECT_TRUE(row("one", ">1 of 2<"));
  EXPECT_TRUE(row("red", ">1 of 2<"));
  EXPECT_TRUE(row("except green", ">1 of 1<"));
  EXPECT_TRUE(row("bolt", ">1 of 2<"));
  EXPECT_TRUE(row("left", ">2 of 2<"));
  EXPECT_FALSE(row("white", ""));  // only the nominal row is cut
}

TEST_F(Judged, FailuresComeFirstAndABaselineStandsBeside) {
  Evaluate();
  const std::string html =
      Html([](nlohmann::json&) {}, {.strips = {{"done one", {"x"}, false}, {"failed one", {"x"}, true}},
                                    .baselines = {ReadBaseline(folder_ / "eval/reach-1.json")}});
  EXPECT_LT(html.find("failed one"), html.find("done one"));
  EXPECT_LT(html.find("<h2>Failures"), html.find("<h2>Success"));
  EXPECT_TRUE(Has(html, "baseline: x"));
  EXPECT_TRUE(Has(html, "the same scenes"));
  EXPECT_THROW(ReadBaseline(folder_ / "config.toml"), Error);
}

TEST_F(Judged, PicturesAreOfFailuresThenOfSuccesses) {
  Html([](nlohmann::json& eval) {
    for (int k = 10; k < 20; ++k)
      eval["episodes_played"].push_back(
          {{"row", k == 19 ? "blank" : "train"}, {"episode", k}, {"success", k % 2 == 0}});
  });
  const auto shown = EpisodesToShow(folder_, "reach", 1, 3, 2);
  std::vector<std::uint64_t> numbers;
  for (const PlayedEpisode& played : shown) numbers.push_back(played.episode);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{3, 11, 13, 10, 12}));
  EXPECT_TRUE(EpisodesToShow(folder_, "reach", 2, 3, 2).empty());
  EXPECT_TRUE(EpisodesToShow(folder_, "pick_bin", 1, 3, 2).empty());
}

// Evaluations come from other companies too: what they hold may be anything, and the report's job is the others.
TEST_F(Report, AnEvaluationItCannotReadCostsItself) {
  Evaluate();
  const std::string deep = std::string(100000, '[') + std::string(100000, ']'), good = ReportHtml(folder_, {});
  for (const std::string& hostile : {
           std::string("[]"),
           std::string(R"({"success":1})"),
           R"({"success":{},"seed":)" + deep + "}",
           R"({"success":{},"failures":{"a":)" + deep + "}}",
           std::string(R"({"success":{},"failures":{"a":"x"}})"),
           std::string(R"({"success":{},"failures":[1]})"),
           std::string(R"({"success":{},"task":7})"),
           std::string(R"({"success":{},"probes":[]})"),
           std::string(R"({"success":{},"episodes_played":7})"),
           std::string(R"({"success":{},"episodes_played":[1]})"),
           std::string(R"({"success":{},"episodes_played":[{"success":"no"}]})"),
           std::string(R"({"success":{},"episodes_played":[{"success":false,"episode":{}}]})"),
           std::string("{\"success\":{},\"task\":\"\xff\"}"),
           std::string(R"({"success":{},"reading":7})"),
           std::string(R"({"success":{},"reading":{"answers":[],"refused":{}}})"),
           std::string(R"({"success":{},"reading":{"answers":[3],"refused":{},"calibration":{}}})"),
           std::string(R"({"success":{},"reading":{"answers":[],"refused":{},"calibration":{"even":{"answers":-1}}}})"),
           std::string(R"({"success":{},"answers_by_row":["x"]})"),
           std::string(R"({"success":{},"languages":"x"})"),
       }) {
    const auto file = folder_ / "eval/reach-2.json";
    std::ofstream(file) << hostile;
    EXPECT_EQ(ReportHtml(folder_, {}), good) << hostile.substr(0, 80);
    EXPECT_EQ(EpisodesToShow(folder_, "reach", 1, 3, 2).size(), 1u);
    EXPECT_THROW(ReadBaseline(file), Error) << hostile.substr(0, 80);
  }
  // Nothing measured is sound.
  std::ofstream(folder_ / "eval/reach-2.json") << R"({"success":{"rate":null},"episodes_played":null,"seed":null})";
  EXPECT_NE(ReportHtml(folder_, {}), good);
}

// An answer given, with its probability, to a text that deserves another or the same.
ReadAnswer Given(const std::string& row, Answer expect, Answer answer, double probability) {
  return {row, envs::Language::kEnglish, expect, answer, probability};
}

TEST_F(Report, AnEvaluationThatReadShowsWhetherItIsRightWhenItIsSure) {
  LanguageResult language;
  language.by_split = {{"train", {.texts = 8, .exact = 6, .acted = 8}}};
  language.answers = {Given("templates", Answer::kAct, Answer::kAct, 0.97),
                      Given("templates", Answer::kAct, Answer::kCannot, 0.55),
                      Given("stop", Answer::kMustNot, Answer::kMustNot, 0.91),
                      Given("noise", Answer::kNotUnderstood, Answer::kAct, 0.31)};
  Evaluation evaluation;
  evaluation.config.suite = "language";
  evaluation.rows = {{"train", {}}};
  evaluation.language = language;
  std::filesystem::create_directories(folder_ / "eval");
  std::ofstream(folder_ / "eval/pick_bin-1.json") << ToJson(evaluation);
  EXPECT_EQ(EvaluationFromText(ToJson(evaluation).dump(), "x"), ToJson(evaluation));
  const std::string html = ReportHtml(folder_, {});
  for (const char* text : {"75.0 %", "of the orders read exactly", "right if sure", "as many orders as refusals",
                           "<td>stop</td><td>must_not</td>", "plain orders refused"})
    EXPECT_NE(html.find(text), std::string::npos) << text;
  EXPECT_EQ(html.find("no verdict"), std::string::npos) << "nothing was played";
  EXPECT_EQ(html.find("nan"), std::string::npos);
  EXPECT_TRUE(EpisodesToShow(folder_, "pick_bin", 100000, 3, 2).empty());
  // One that played, behind it in the list, has episodes to show.
  std::ofstream(folder_ / "eval/pick_bin-2.json")
      << R"({"task":"pick_bin","seed":100000,"success":{},"episodes_played":[{"episode":4,"success":true}]})";
  EXPECT_EQ(EpisodesToShow(folder_, "pick_bin", 100000, 3, 2).size(), 1u);
}

TEST_F(Judged, AnswersAspectsAndLanguagesAreShown) {
  const std::string html = Html([](nlohmann::json& eval) {
    eval["answers_by_row"] = {
        {{"row", "train"}, {"expect", "act"}, {"act", 40}, {"n", 40}, {"moved", 39}},
        {{"row", "taught"}, {"expect", "act"}, {"act", 40}, {"n", 40}},
        {{"row", "refuse stop"}, {"family", "stop"}, {"expect", "must_not"}, {"must_not", 31}, {"n", 40}}};
    eval["probes"]["counterfactual"] = {{"rate", 0.8},
                                        {"by_aspect", {{"except", {{"rate", 0.7}, {"ratio", 0.81}, {"n", 44}}}}}};
    eval["languages"] = {{"n", 40}, {"ja_minus_en", {{"value", -0.05}, {"low", -0.12}, {"high", 0.021}}}};
  });
  EXPECT_TRUE(Has(html, "<td>refuse stop</td>"));
  EXPECT_TRUE(Has(html, "<td class=\"n right\">31</td>"));
  EXPECT_FALSE(Has(html, "<td>taught</td>")) << "plain orders, all acted on";
  EXPECT_TRUE(Has(html, "<td>… in except</td>"));
  EXPECT_TRUE(Has(html, "0.81 of nominal, 44 episodes"));
  EXPECT_TRUE(Has(html, "-5.0 points</strong> [-12.0, +2.1]"));
  EXPECT_FALSE(Has(Html([](nlohmann::json&) {}), "<h2>Answers</h2>"));
}

// Lines that a killed process left half written, and others, are no reason to fail.
TEST_F(Report, DamagedMetricsAreLeftOut) {
  const std::string good = ReportHtml(folder_, {});
  std::ofstream(folder_ / "metrics.jsonl", std::ios::app) << "7\n{\"step\": 11, \"Loss\n"
                                                          << std::string(100000, '[') << "\n";
  EXPECT_EQ(ReportHtml(folder_, {}), good);
}

TEST_F(Report, SaysWhatIsMissing) {
  EXPECT_NE(ReportHtml(folder_, {}).find("has not been evaluated"), std::string::npos);
  std::filesystem::remove(folder_ / "config.toml");
  EXPECT_THROW(ReportHtml(folder_, {}), Error);
}

int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// The value of an attribute of the first element of a kind.
double Attribute(const std::string& svg, const std::string& element, const std::string& name) {
  const std::size_t at = svg.find(" " + name + "=\"", svg.find("<" + element));
  return std::stod(svg.substr(at + name.size() + 3));
}

TEST(ReportSvg, AReliabilityPlotHasAMarkForEveryBinThatIsNotEmpty) {
  const std::string plot =
      ReliabilityPlot(ReliabilityOf({{0.15, false}, {0.55, true}, {0.551, true}, {0.552, false}, {0.98, true}}), "<x>");
  EXPECT_EQ(Count(plot, "<circle"), 3);
  EXPECT_EQ(Count(plot, "class=\"spread\""), 3);
  EXPECT_EQ(Count(plot, "class=\"ideal\""), 1);
  EXPECT_EQ(Count(plot, ">3</text>"), 1);  // three of them in the sixth bin
  EXPECT_EQ(Count(plot, "<x>"), 0);
  const std::string nothing = ReliabilityPlot({}, "x");
  EXPECT_EQ(Count(nothing, "<circle"), 0);
  EXPECT_EQ(Count(nothing, "no answers"), 1);
}

// What is better stands higher, what is surer further right.
TEST(ReportSvg, MarksStandWhereTheyBelong) {
  const auto mark = [](double probability, bool right) {
    const std::string plot = ReliabilityPlot(ReliabilityOf({{probability, right}}), "x");
    return std::pair(Attribute(plot, "circle", "cx"), Attribute(plot, "circle", "cy"));
  };
  EXPECT_LT(mark(0.2, true).first, mark(0.8, true).first);
  EXPECT_LT(mark(0.2, true).second, mark(0.2, false).second);
}

TEST(ReportSvg, DrawsEveryPointUpToALimit) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 1000; ++i) points.emplace_back(i, i);
  const std::string few = LineChart({{{points.begin(), points.begin() + 10}}}, {"x"});
  EXPECT_EQ(std::count(few.begin() + static_cast<std::ptrdiff_t>(few.find("<polyline")), few.end(), ','), 10);
  const std::string many = LineChart({{points}}, {"x"});
  EXPECT_LE(std::count(many.begin() + static_cast<std::ptrdiff_t>(many.find("<polyline")), many.end(), ','),
            static_cast<std::ptrdiff_t>(kMaxPoints));
  EXPECT_EQ(Base64("Man"), "TWFu");
  EXPECT_EQ(Base64("Ma"), "TWE=");
}

}  // namespace
}  // namespace genba::trainer
