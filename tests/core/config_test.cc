#include "core/config.h"

#include <gtest/gtest.h>

#include "core/rng.h"
#include "tests/refusal.h"

namespace genba {
namespace {

struct Sample {
  int steps = 100;
  double rate = 3e-4;
  std::uint64_t seed = 1;
  bool ema = true;
  std::string head = "chunk";
  std::vector<double> weights;
  std::vector<std::string> episodes = {"success"};
};

ConfigTable Table(Sample& sample) {
  ConfigTable table;
  table.Add("trainer.steps", &sample.steps, {1, 1e6}, "optimiser steps");
  table.Add("trainer.rate", &sample.rate, {0, 1}, "learning rate");
  table.Add("trainer.seed", &sample.seed, "seed");
  table.Add("policy.ema", &sample.ema, "average weights");
  table.Add("policy.head", &sample.head, "head", {"chunk", "flow"});
  table.Add("trainer.weights", &sample.weights, {0, 1}, "of each");
  table.Add("trainer.episodes", &sample.episodes, "of each", {"success", "all"});
  return table;
}

TEST(Config, SetReachesEveryType) {
  Sample sample;
  ConfigTable table = Table(sample);
  for (const char* text : {"trainer.steps=7", "trainer.rate=1e-2", "trainer.seed=18446744073709551615",
                           "policy.ema=false", "policy.head=flow"})
    table.Set(text);
  EXPECT_EQ(sample.steps, 7);
  EXPECT_EQ(sample.rate, 0.01);
  EXPECT_EQ(sample.seed, 18446744073709551615ull);
  EXPECT_FALSE(sample.ema);
  EXPECT_EQ(sample.head, "flow");
}

TEST(Config, AListIsAnArrayOrOneValue) {
  Sample sample;
  ConfigTable table = Table(sample);
  table.Set("trainer.weights=[0.25, 0.75, 1]");
  table.Set("trainer.episodes=all");
  EXPECT_EQ(sample.weights, (std::vector<double>{0.25, 0.75, 1}));
  EXPECT_EQ(sample.episodes, std::vector<std::string>{"all"});
  table.ReadTomlText("[trainer]\nweights = 0.5\nepisodes = ['all', \"success\"]\n", "file");
  EXPECT_EQ(sample.weights, std::vector<double>{0.5});
  EXPECT_EQ(sample.episodes, (std::vector<std::string>{"all", "success"}));
  table.Set("trainer.weights=[]");
  EXPECT_TRUE(sample.weights.empty());
}

TEST(Config, AListIsRefusedByItsItems) {
  Sample sample;
  ConfigTable table = Table(sample);
  for (const auto& [bad, words] : {std::pair("trainer.weights=[0.5, 2]", "got 2"),
                                   {"trainer.weights=[0.5, \"1\"]", "an unquoted value"},
                                   {"trainer.weights=[[0.5]]", "another TOML type"},
                                   {"trainer.weights=[0.5", "valid TOML"},
                                   {"trainer.episodes=[\"all\", \"some\"]", "success | all, got some"},
                                   {"trainer.episodes=[1]", "text in quotes"},
                                   {"trainer.rate=[0.5]", "trainer.rate"}})
    EXPECT_NE(RefusalOf([&, bad = bad] { table.Set(bad); }).find(words), std::string::npos) << bad;
  EXPECT_NE(RefusalOf([&] { table.ReadTomlText("[trainer]\nrate = [0.5]\n", "file"); }).find("another TOML type"),
            std::string::npos);
  std::string many = "0.5";
  for (int i = 0; i < 32; ++i) many += ",\n 0.5";
  EXPECT_NE(RefusalOf([&] { table.ReadTomlText("[trainer]\nweights = [" + many + "]\n", "file"); }).find("32 items"),
            std::string::npos);
  EXPECT_TRUE(sample.weights.empty()) << "what was refused left something behind";
}

TEST(Config, DumpReadsBackAsItself) {
  Sample sample;
  sample.rate = 0.1 + 0.2;
  sample.head = "flow";
  sample.weights = {0.1 + 0.2, 0.7};
  sample.episodes = {"all", "success"};
  const std::string dump = Table(sample).ToToml();
  Sample other;
  ConfigTable table = Table(other);
  table.ReadTomlText(dump, "dump");
  EXPECT_EQ(other.rate, sample.rate);
  EXPECT_EQ(other.weights, sample.weights);
  EXPECT_EQ(table.ToToml(), dump);
}

TEST(Config, RefusalsNameKeyAndRange) {
  Sample sample;
  ConfigTable table = Table(sample);
  EXPECT_EQ(RefusalOf([&] { table.Set("trainer.steps=0"); }),
            "--set: trainer.steps: expected a whole number in [1, 1000000], got 0");
  EXPECT_NE(RefusalOf([&] {
              table.Set("trainer.stops=5");
            }).find("trainer.stops: expected trainer.steps (did you mean that?)"),
            std::string::npos);
  EXPECT_NE(RefusalOf([&] { table.Set("policy.head=mlp"); }).find("chunk | flow"), std::string::npos);
  for (const char* bad : {"nan", "-1e9", "1e9"}) {
    EXPECT_NE(RefusalOf([&] { table.Set(std::string("trainer.rate=") + bad); }).find("trainer.rate"), std::string::npos)
        << bad;
  }
  EXPECT_NE(RefusalOf([&] { table.Set("trainer.steps"); }).find("section.name=value"), std::string::npos);
  EXPECT_NE(
      RefusalOf([&] { table.ReadTomlText("[trainer]\nsteps = \"5\"\n", "f.toml"); }).find("f.toml: trainer.steps"),
      std::string::npos);
  EXPECT_NE(RefusalOf([&] { table.ReadTomlText("[trainer\n", "f.toml"); }).find("f.toml: line 1"), std::string::npos);
  EXPECT_EQ(sample.steps, 100) << "a refused assignment changes nothing";
}

TEST(Config, OtherAlphabetsStandInQuotesAndCommentsOnly) {
  Sample sample;
  ConfigTable table = Table(sample);
  table.ReadTomlText("\xEF\xBB\xBF[trainer] # 学習\nsteps = 7 # é\n[policy]\nhead = \"flow\"\n", "f.toml");
  EXPECT_EQ(sample.steps, 7);
  for (const char* bad : {"[trainer]\nsteps = 8 é\n", "[trainer]\nstépsあ = 8\n", "[policy]\nhead = \"\\é\"\n"}) {
    EXPECT_NE(RefusalOf([&] { table.ReadTomlText(bad, "f.toml"); }).find("expected ASCII"), std::string::npos) << bad;
  }
  for (const char* bad :
       {"[trainer]\nrate = 1e0\"[\uFE7F\n", "rate = +[\"partcou[\uFE7F\"]\n", "rate = 1.\"é\"\n",
        "[trainer]\nrate = 30=\"\"\"赤い\n", "[policy]\nhead = '赤い'\n", "[policy]\nhead = \"\xFF\"\n"}) {
    EXPECT_NE(RefusalOf([&] { table.ReadTomlText(bad, "f.toml"); }).find("f.toml"), std::string::npos) << bad;
  }
  EXPECT_EQ(sample.steps, 7);
}

// Letters reach the settings as they are: escaped for the library, whatever plane they are of.
TEST(Config, LettersOfEveryAlphabetAreRead) {
  std::string name;
  ConfigTable table;
  table.Add("part.name", &name, "any text");
  table.ReadTomlText("[part]\nname = \"赤い \\\"bolt\\\" é 🔩\"\n", "f.toml");
  EXPECT_EQ(name, "赤い \"bolt\" é 🔩");
  table.ReadTomlText("[part]\nname = \"\"\"\n一\\\n  あ\"\"\"\n", "f.toml");
  EXPECT_EQ(name, "一あ");
}

TEST(Config, ASeedBeyondTomlsNumbersReadsBack) {
  Sample sample;
  sample.seed = 18446744073709551615ull;
  sample.head = "flow";
  const std::string dump = Table(sample).ToToml();
  Sample other;
  ConfigTable table = Table(other);
  table.ReadTomlText(dump, "dump");
  EXPECT_EQ(other.seed, sample.seed);
  EXPECT_EQ(table.ToToml(), dump);
  table.ReadTomlText("[trainer]\nseed = 7\n", "f.toml");
  EXPECT_EQ(other.seed, 7u);
}

TEST(Config, AnyTextReadsBack) {
  std::string text;
  ConfigTable table;
  table.Add("a.text", &text, "any");
  for (const std::string& value :
       {std::string("赤い \"bolt\"\\\n\t\r\b\f"), std::string("\x01\x1f\x7f"), std::string(), std::string("# [a]")}) {
    text = value;
    const std::string dump = table.ToToml();
    text = "other";
    table.ReadTomlText(dump, "dump");
    EXPECT_EQ(text, value);
  }
  text = "\x83\x5c";  // a folder named in Shift_JIS
  EXPECT_NO_THROW(table.ReadTomlText(table.ToToml(), "dump"));
}

TEST(Config, NumbersOfAnotherBaseOrKindAreRefused) {
  Sample sample;
  ConfigTable table = Table(sample);
  for (const char* line : {"steps = 0x10", "steps = 0o10", "steps = 0b1", "steps = 010", "steps = 2.0", "steps = nan",
                           "rate = inf", "rate = nan", "seed = -1", "seed = 18446744073709551616", "seed = \"-1\"",
                           "steps = [1]", "steps = {a = 1}", "steps = 1979-05-27", "steps = \"7\""})
    EXPECT_NE(RefusalOf([&] { table.ReadTomlText(std::string("[trainer]\n") + line, "f.toml"); }), "") << line;
}

std::string Many(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// What toml++ 3.3 aborts at, overflows its stack over, or might.
TEST(Config, HostileTomlIsRefused) {
  const std::string dotted = Many("b.", 50000) + "b = 1}";
  Sample sample;
  ConfigTable table = Table(sample);
  for (const std::string& text : {std::string("[.a]"),
                                  std::string("[[.a]]"),
                                  std::string("[a.]"),
                                  std::string("[a..b]"),
                                  std::string(".a = 1"),
                                  std::string("a. = 1"),
                                  std::string("a = {.b = 1}"),
                                  std::string("[]"),
                                  std::string("[[]]"),
                                  std::string("="),
                                  std::string("["),
                                  std::string("a"),
                                  std::string("a ="),
                                  std::string("a = \""),
                                  std::string("a = \"\"\"\"\""),
                                  std::string("\0", 1),
                                  std::string("\xff\xfe"),
                                  "[" + Many("a.", 50000) + "a]",
                                  Many("a.", 50000) + "a = 1",
                                  Many("[", 100000),
                                  "a = " + Many("[", 100000),
                                  "a = " + Many("{a=", 100000),
                                  "a = " + Many("[{a=", 50000),
                                  "a = {x = \"\"\"x\"\"\"\", " + dotted,
                                  "a = {x = '''x'''', " + dotted,
                                  "a = {x = \"\\\"\", " + dotted,
                                  "a = {x = \"\", " + dotted,
                                  Many("x", 2 << 20)})
    EXPECT_NE(RefusalOf([&] { table.ReadTomlText(text, "f.toml"); }), "") << text.substr(0, 40);
}

TEST(Config, NoMutationOfASettingsFileEndsTheProgram) {
  const std::string base =
      "# settings\n[trainer]\nsteps = 7\nrate = 1e-3\nseed = \"18446744073709551615\"\n[policy]\nema = true\nhead = "
      "'flow'\n";
  const std::string marks = "[]{}.=\"'#\\\n,:-+_ax01 \t\xe8";
  Rng rng(1, 0, "mutations");
  for (int k = 0; k < 20000; ++k) {
    std::string text = base;
    for (int edits = rng.Int(1, 6); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(rng.Int(0, static_cast<int>(text.size()) - 1));
      const char mark = marks[static_cast<std::size_t>(rng.Int(0, static_cast<int>(marks.size()) - 1))];
      const int kind = rng.Int(0, 3);
      if (kind == 0) text[at] = mark;
      if (kind == 1) text.insert(at, 1, mark);
      if (kind == 2) text.erase(at, 1);
      if (kind == 3) text.insert(at, text.substr(at, 12));
    }
    Sample sample;
    ConfigTable table = Table(sample);
    RefusalOf([&] { table.ReadTomlText(text, "f.toml"); });  // read or refused
  }
}

}  // namespace
}  // namespace genba
