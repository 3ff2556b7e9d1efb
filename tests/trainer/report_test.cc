#include "trainer/report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "scratch.h"
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
  const std::string html = ReportHtml(folder_, {{"a strip", {"\x89PNG"}}});
  EXPECT_NE(html.find("87.5 %"), std::string::npos);
  EXPECT_NE(html.find("33.0 %"), std::string::npos);
  EXPECT_NE(html.find("timeout"), std::string::npos);
  EXPECT_NE(html.find("data:image/png;base64,iVBORw=="), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_NE(html.find("go to &lt;b&gt;it&lt;/b&gt; &amp; stay"), std::string::npos);
}

TEST_F(Report, SaysWhatIsMissing) {
  EXPECT_NE(ReportHtml(folder_, {}).find("has not been evaluated"), std::string::npos);
  std::filesystem::remove(folder_ / "config.toml");
  EXPECT_THROW(ReportHtml(folder_, {}), Error);
}

TEST(ReportSvg, DrawsEveryPointUpToALimit) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 1000; ++i) points.emplace_back(i, i);
  const std::string few = LineChart({points.begin(), points.begin() + 10}, {"x"});
  EXPECT_EQ(std::count(few.begin() + static_cast<std::ptrdiff_t>(few.find("<polyline")), few.end(), ','), 10);
  const std::string many = LineChart(points, {"x"});
  EXPECT_LE(std::count(many.begin() + static_cast<std::ptrdiff_t>(many.find("<polyline")), many.end(), ','),
            static_cast<std::ptrdiff_t>(kMaxPoints));
  EXPECT_EQ(Base64("Man"), "TWFu");
  EXPECT_EQ(Base64("Ma"), "TWE=");
}

}  // namespace
}  // namespace genba::trainer
