// genba report as its users call it: runs beside one another, and what is refused before anything is written.
#include "program.h"

namespace genba::cli {
namespace {

class ReportCommand : public ProgramTest {
 protected:
  void Run(const std::string& name) const {
    fs::create_directories(folder_ / name);
    std::ofstream(folder_ / name / "config.toml") << "[trainer]\nlog_every = 1\n";
    std::ofstream(folder_ / name / "metrics.jsonl") << "{\"Loss/bc\":0.5,\"step\":1}\n{\"Loss/bc\":0.25,\"step\":2}\n";
  }
};

TEST_F(ReportCommand, DrawsRunsBesideOneAnother) {
  Run("x/run"), Run("y/run"), Run("z");
  const Said said = Genba({"report", "--beside", Path("y/run"), Path("x/run"), "--beside", Path("z")});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out, Path("x/run/report.html") + "\n");
  const std::string html = Slurp(Path("x/run/report.html"));
  for (const char* name : {"<title>x/run</title>", "<title>y/run</title>", "<title>z</title>"})
    EXPECT_NE(html.find(name), std::string::npos) << name;
  EXPECT_FALSE(fs::exists(Path("y/run/report.html")));
}

TEST_F(ReportCommand, WhatIsNoOtherRunIsRefusedBeforeAnythingIsWritten) {
  Run("x"), Run("y");
  for (const auto& [others, words] :
       {std::pair(std::vector<std::string>{"no_run"}, "no_run: --beside: expected a run folder, got nothing"),
        {{"y", "y"}, "y: --beside: expected every run once, got one named before"},
        {{"y", "x"}, "x: --beside: expected another run than the report's, got the same one"}}) {
    std::vector<std::string> call{"report", Path("x"), "--task", "reach"};  // it would be evaluated first
    for (const std::string& other : others) call.insert(call.end(), {"--beside", Path(other)});
    const Said said = Genba(call);
    EXPECT_EQ(said.exit_code, 2) << words;
    EXPECT_NE(said.err.find(words), std::string::npos) << said.err;
    EXPECT_FALSE(fs::exists(Path("x/report.html")));
    EXPECT_FALSE(fs::exists(Path("x/eval")));
  }
}

}  // namespace
}  // namespace genba::cli
