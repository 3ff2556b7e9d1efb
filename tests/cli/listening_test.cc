// What a run makes of texts: `ask`, the language and the refuse suite, and given sentences of every kind. A run that was
// trained for seconds answers nonsense; what holds is that every text is answered and the job goes on.
#include <nlohmann/json.hpp>

#include "program.h"

namespace genba::cli {
namespace {

using Json = nlohmann::json;

class Listening : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    Collect("data", "pick_bin");
    ASSERT_EQ(Genba(TrainWords("data", "run", 10)).exit_code, 0);
  }
  Json Asked(std::vector<std::string> words) const {
    words.insert(words.begin(), {"ask", "--policy", Path("run"), "--seed", "7"});
    words.insert(words.end(), {"--json", "-"});
    const Said said = Genba(words);
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return Json::parse(said.out, nullptr, false);
  }
  std::string File(const std::string& name, const std::string& bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }
};

TEST_F(Listening, AskAnswersEveryTextWithWhatItMeansHere) {
  const Json asked = Asked({"Put the red bolt in the left bin.", "赤いボルトを左の箱に", ""});
  ASSERT_EQ(asked["texts"].size(), 3u);
  for (const Json& text : asked["texts"]) {
    double sum = 0;
    for (const auto& [answer, probability] : text["probabilities"].items()) sum += probability.get<double>();
    EXPECT_NEAR(sum, 1, 1e-6);
    EXPECT_EQ(text["probability"], text["probabilities"][text["answer"].get<std::string>()]);
    EXPECT_GE(text["slots"].size(), 5u);  // at least two parts and three bins
  }
  EXPECT_EQ(asked, Asked({"Put the red bolt in the left bin.", "赤いボルトを左の箱に", ""}));
  EXPECT_NE(asked["texts"][0]["slots"], Asked({"--episode", "1", "x"})["texts"][0]["slots"]);  // another scene
}

TEST_F(Listening, OddTextsCostThemselves) {
  std::string preamble;
  for (int i = 0; i < 70; ++i) preamble += "safety first ";
  const std::string lines = preamble + "put the red bolt in the left bin\n\xF0\x9F\x94\xA9\n\n" +
                            std::string("a\0b", 3) + "\n" + std::string(10000, 'x') + "\n\xff\xfe\n";
  const Json asked = Asked({"--texts", File("texts", lines)});
  EXPECT_EQ(asked["texts"].size(), 6u);
}

TEST_F(Listening, MistakesAreNamed) {
  EXPECT_NE(Genba({"ask", "--policy", Path("run")}).err.find("--texts FILE"), std::string::npos);
  EXPECT_EQ(Genba({"ask", "--policy", "expert", "x"}).exit_code, 2);
  EXPECT_EQ(Genba({"ask", "--policy", Path("run"), "--task", "pick_bn", "x"}).exit_code, 2);
  EXPECT_EQ(Genba({"ask", "--policy", Path("run"), "--texts", Path("none")}).exit_code, 2);
  EXPECT_EQ(Genba({"ask", "--policy", Path("run"), "--episode", "-1", "x"}).exit_code, 2);
  EXPECT_EQ(Genba({"eval", "pick_bin", "--policy", "expert", "--suite", "language"}).exit_code, 2);
  EXPECT_EQ(Genba({"probe", "--set", "probe.leave_out=nonsense"}).exit_code, 2);
  EXPECT_EQ(Genba({"probe", "--leave-one-out", "--set", "probe.leave_out=noise"}).exit_code, 2);
  EXPECT_EQ(Genba({"probe", "--against", Path("none")}).exit_code, 2);
  EXPECT_EQ(Genba({"probe", "--baselines", "--leave-one-out"}).exit_code, 2);
}

TEST_F(Listening, SuitesReadOrdersAndRefusals) {
  const Said read =
      Genba({"eval", "pick_bin", "--policy", Path("run"), "--suite", "language", "--episodes", "20", "--json", "-"});
  ASSERT_EQ(read.exit_code, 0) << read.err;
  const Json exact = Json::parse(read.out)["exact"];
  for (const char* split : {"train", "templates", "taught", "unseen", "pairs", "varied", "slips"})
    EXPECT_EQ(exact["by_split"][split]["n"], 20) << split;
  EXPECT_EQ(exact["by_language"]["en"]["n"].get<int>() + exact["by_language"]["ja"]["n"].get<int>(), 20);
  const Json reading = Json::parse(read.out)["reading"];
  EXPECT_EQ(reading["answers"].size(), 33u);  // seven rows of orders, 26 families
  EXPECT_EQ(reading["calibration"]["orders"]["answers"], 20);
  EXPECT_EQ(
      reading["refused"]["templates"]["en"]["n"].get<int>() + reading["refused"]["templates"]["ja"]["n"].get<int>(),
      20);
  const Said refused =
      Genba({"eval", "pick_bin", "--policy", Path("run"), "--suite", "refuse", "--episodes", "2", "--json", "-"});
  ASSERT_EQ(refused.exit_code, 0) << refused.err;
  const Json evaluation = Json::parse(refused.out);
  EXPECT_EQ(evaluation["by_family"].size(), 26u);
  EXPECT_EQ(evaluation["by_family"]["held_out.code"]["n"], 2);
}

TEST_F(Listening, GivenSentencesAreFilledFromTheScene) {
  const std::string file = File("texts.jsonl", R"j({"text": "Put {part} in {bin}.", "lang": "en", "family": "filled"}
{"text": "{absent}を{bin}に入れて。", "lang": "ja", "expect": "cannot", "family": "absent"}
)j");
  const Said said = Genba({"eval", "pick_bin", "--policy", "expert", "--episodes", "12", "--no-probes",
                           "--instructions", file, "--json", "-"});
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const Json evaluation = Json::parse(said.out);
  EXPECT_EQ(evaluation["by_family"]["absent"]["moved"], 0);
  EXPECT_EQ(evaluation["by_family"]["absent"]["right"], evaluation["by_family"]["absent"]["n"]);
  EXPECT_EQ(evaluation["by_family"]["filled"]["success"], evaluation["by_family"]["filled"]["n"]);
  for (const Json& episode : evaluation["episodes_played"])
    EXPECT_EQ(episode["text"].get<std::string>().find('{'), std::string::npos) << episode["text"];
}

}  // namespace
}  // namespace genba::cli
