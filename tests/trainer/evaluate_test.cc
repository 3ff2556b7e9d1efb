#include "trainer/evaluate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "scratch.h"

namespace genba::trainer {
namespace {

EvalConfig Config(const std::string& policy) {
  EvalConfig config;
  config.task = "reach";
  config.policy = policy;
  config.episodes = 24;
  config.worlds = 12;
  return config;
}

TEST(Wilson, KnownValues) {
  const Interval half = Wilson(50, 100);  // textbook: 0.404 … 0.596
  EXPECT_NEAR(half.low, 0.4038, 1e-4);
  EXPECT_NEAR(half.high, 0.5962, 1e-4);
  EXPECT_NEAR(Wilson(0, 10).low, 0, 1e-12);
  EXPECT_NEAR(Wilson(10, 10).high, 1, 1e-12);
  EXPECT_GT(Wilson(0, 10).high, 0.2);
}

TEST(Evaluate, TheExpertDoesEverythingAndTheKeysAreThere) {
  const auto json = ToJson(Evaluate(Config("expert")));
  for (const char* key : {"task", "policy", "seed", "episodes", "success", "by_language", "by_split", "probes",
                          "cycle_time_s", "peak_force_N", "failures"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json["success"]["rate"], 1.0);
  for (const char* split : {"train", "templates", "words", "pairs"})
    EXPECT_EQ(json["by_split"][split]["rate"], 1.0) << split;
  EXPECT_EQ(json["probes"]["counterfactual"]["ratio"], 1.0);
  EXPECT_EQ(json["probes"]["counterfactual"]["did_old_task"], 0.0);
  EXPECT_EQ(json["probes"]["paraphrase"]["ratio"], 1.0);
  EXPECT_GT(json["probes"]["blank"]["chance"], 0.1);
  EXPECT_GT(json["cycle_time_s"]["p95"], 0.5);
  EXPECT_TRUE(json["by_language"]["ja"].contains("rate"));
}

TEST(Evaluate, TheZeroPolicyFailsByTimeout) {
  EvalConfig config = Config("zero");
  config.probes = false;
  const auto json = ToJson(Evaluate(config));
  EXPECT_EQ(json["success"]["rate"], 0.0);
  EXPECT_EQ(json["failures"]["timeout"], 24);
}

TEST(Evaluate, TheSameSeedGivesTheSameTable) {
  EvalConfig a = Config("random"), b = Config("random");
  a.worlds = 24, a.threads = 2;
  b.worlds = 5, b.threads = 1;
  EXPECT_EQ(ToTable(Evaluate(a)), ToTable(Evaluate(b)));
  a.seed += 1;
  EXPECT_NE(ToJson(Evaluate(a)).dump(), ToJson(Evaluate(b)).dump());
}

class Instructions : public ScratchTest {};

TEST_F(Instructions, ReplaceTheTextOfMatchingOrders) {
  EvalConfig config = Config("expert");
  config.probes = false;
  const auto plain = ToJson(Evaluate(config));
  const std::string order = plain["episodes_played"][0]["order"];
  config.instructions = folder_ / "texts.jsonl";
  std::ofstream(config.instructions) << nlohmann::json{{"order", order}, {"text", "do what I mean"}}.dump() << "\n\n";
  const auto replaced = ToJson(Evaluate(config));
  EXPECT_EQ(replaced["episodes_played"][0]["text"], "do what I mean");
}

TEST_F(Instructions, ABadLineIsNamed) {
  const auto file = folder_ / "texts.jsonl";
  std::ofstream(file) << R"j({"order": "reach(one red bolt)", "text": "x"})j"
                      << "\n{\"order\": 3}\n";
  try {
    ReadInstructions(file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("texts.jsonl:2"), std::string::npos) << error.what();
  }
  EXPECT_THROW(ReadInstructions(folder_ / "missing.jsonl"), Error);
}

}  // namespace
}  // namespace genba::trainer
