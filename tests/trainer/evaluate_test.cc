#include "trainer/evaluation.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/error.h"
#include "core/hash.h"
#include "scratch.h"
#include "trainer/evaluation_figures.h"
#include "trainer/instructions.h"

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

TEST(Evaluate, TheExpertDoesEverythingAndTheKeysAreThere) {
  const auto json = ToJson(Evaluate(Config("expert")));
  for (const char* key : {"task", "policy", "seed", "episodes", "success", "by_language", "by_split", "probes",
                          "cycle_time_s", "peak_force_N", "failures"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json["success"]["rate"], 1.0);
  for (const char* split : {"train", "templates", "taught", "pairs"})
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

// What is not measured is null and a dash, never 0.
TEST(Evaluate, NothingMeasuredIsNothing) {
  EvalConfig config = Config("zero");
  config.probes = false;
  config.language = "en";
  const Evaluation evaluation = Evaluate(config);
  const auto json = ToJson(evaluation);
  EXPECT_TRUE(json["by_language"]["ja"]["rate"].is_null());
  EXPECT_EQ(json["by_language"]["en"]["rate"], 0.0);  // measured, and none succeeded
  EXPECT_TRUE(json["cycle_time_s"]["p50"].is_null());
  EXPECT_FALSE(json["peak_force_N"]["p50"].is_null());
  EXPECT_TRUE(json["hashes"]["weights"].is_null());
  const std::string table = ToTable(evaluation);
  EXPECT_EQ(table.find("Japanese"), std::string::npos) << table;
  EXPECT_NE(table.find("cycle time p50 –"), std::string::npos) << table;
  EXPECT_FALSE(json["episodes_played"][0]["moved"]);
}

TEST(Evaluate, EverythingButProvenanceIsTheSameBytes) {
  EvalConfig a = Config("random"), b = Config("random");
  b.worlds = 5, b.threads = 1;
  auto first = ToJson(Evaluate(a)), second = ToJson(Evaluate(b));
  EXPECT_NE(first["provenance"], second["provenance"]);
  first.erase("provenance");
  second.erase("provenance");
  EXPECT_EQ(first.dump(), second.dump());
}

TEST(Evaluate, AnotherEvaluationHasAnotherFileName) {
  Evaluation evaluation;
  evaluation.config = Config("expert");
  const std::string name = FileName(evaluation);
  EXPECT_EQ(name.rfind("reach-100000-", 0), 0u) << name;
  const auto changed = [&](auto change) {
    Evaluation other = evaluation;
    change(other);
    return FileName(other);
  };
  EXPECT_EQ(changed([](Evaluation& e) { e.config.worlds = 3, e.config.threads = 9, e.seconds = 8; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.config.episodes = 7; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.config.language = "ja"; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.config.probes = !e.config.probes; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.config.suite = "robustness"; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.config.disturbances.pose_bias = 0.003; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.config.max_wanted = 1; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.policy.weights = "another"; }), name);
  EXPECT_NE(changed([](Evaluation& e) { e.config.instructions = "x", e.instructions_sha256 = "y"; }), name);
}

TEST(Evaluate, TheRobustnessSuiteDisturbsOneThingARow) {
  EvalConfig config = Config("expert");
  config.suite = "robustness";
  config.episodes = 12;
  const Evaluation evaluation = Evaluate(config);
  const auto json = ToJson(evaluation);
  EXPECT_EQ(json["robustness"].size(), 10u);
  EXPECT_TRUE(json["probes"].empty());
  const double late = json["robustness"]["action delay 200 ms"]["rate"], nominal = json["success"]["rate"];
  EXPECT_LT(late, nominal) << "an expert that sees its actions a fifth of a second late overshoots";
  EXPECT_EQ(json["robustness"]["finger force lost"]["rate"], nominal) << "the expert does not look at observations";
  EXPECT_NE(ToTable(evaluation).find("action delay 200 ms"), std::string::npos);
  // The same disturbance as a setting of a standard evaluation.
  EvalConfig set = Config("expert");
  set.episodes = 12;
  set.probes = false;
  set.disturbances.action_delay = 0.2;
  EXPECT_EQ(ToJson(Evaluate(set))["success"]["rate"], late);
}

// What is written is read back, by whoever looks it over; another's writing of it is the same evaluation.
TEST(Evaluate, IsReadBackAsItWasWritten) {
  for (const char* suite : {"standard", "counterfactual", "languages", "refuse"}) {
    EvalConfig config = Config("random");
    config.suite = suite;
    config.episodes = 4;
    const nlohmann::json json = ToJson(Evaluate(config));
    EXPECT_EQ(EvaluationFromText(json.dump(), suite), json);
  }
}

TEST(Evaluate, TheCounterfactualSuiteHasARowForEveryAspect) {
  EvalConfig config = Config("expert");
  config.suite = "counterfactual";
  const Evaluation evaluation = Evaluate(config);
  const auto json = ToJson(evaluation);
  const auto probe = json["probes"]["counterfactual"];
  EXPECT_EQ(probe["n"], 3 * 24);
  ASSERT_EQ(probe["by_aspect"].size(), 3u) << "two orders to reach differ in no count and no place";
  for (const char* aspect : {"colour", "except", "shape"}) {
    EXPECT_EQ(probe["by_aspect"][aspect]["n"], 24) << aspect;
    EXPECT_EQ(probe["by_aspect"][aspect]["ratio"], 1.0) << aspect;
    EXPECT_EQ(probe["by_aspect"][aspect]["did_old_task"], 0.0) << aspect;
  }
  EXPECT_NE(ToTable(evaluation).find("counterfactual except"), std::string::npos);
  config.worlds = 5, config.threads = 1;
  EXPECT_EQ(ToTable(Evaluate(config)), ToTable(evaluation));
}

TEST(Evaluate, TheStandardSuiteCutsItsCounterfactualsByAspect) {
  const auto json = ToJson(Evaluate(Config("expert")));
  int sum = 0;
  for (const auto& [aspect, figures] : json["probes"]["counterfactual"]["by_aspect"].items()) {
    EXPECT_EQ(figures["rate"], 1.0) << aspect;
    sum += figures["n"].get<int>();
  }
  EXPECT_EQ(sum, 24);
  for (const auto& episode : json["episodes_played"])
    EXPECT_EQ(episode["old_order"].is_string(), episode["row"] == "counterfactual") << episode;
}

TEST(Evaluate, TheLanguagesSuitePlaysEveryOrderInBoth) {
  EvalConfig config = Config("expert");
  config.suite = "languages";
  const Evaluation evaluation = Evaluate(config);
  const auto languages = ToJson(evaluation)["languages"];
  EXPECT_EQ(languages["n"], 24);
  EXPECT_EQ(languages["both"], 24);
  EXPECT_EQ(languages["ja_minus_en"]["value"], 0.0);
  EXPECT_EQ(languages["ja"], languages["en"]);
  EXPECT_NE(ToTable(evaluation).find("ja - en, the same scenes"), std::string::npos);
  config.probes = false, config.suite = "standard";
  EXPECT_TRUE(ToJson(Evaluate(config))["languages"].is_null());
}

// Two outcomes of an episode are a pair when order and scene are the same and the language is not.
TEST(Figures, PairsAreOfOneOrderInTwoLanguages) {
  const auto outcome = [](std::uint64_t episode, envs::Language language, bool success) {
    EpisodeOutcome o;
    o.episode = episode, o.language = language, o.success = success;
    return o;
  };
  using enum envs::Language;
  Outcomes some{outcome(0, kEnglish, true), outcome(1, kJapanese, true), outcome(2, kEnglish, false),
                outcome(3, kEnglish, true)};
  Outcomes others{outcome(0, kJapanese, false), outcome(1, kEnglish, false), outcome(2, kJapanese, false),
                  outcome(3, kJapanese, true)};
  Evaluation evaluation;
  evaluation.rows = {{"train", some}, {"other_language", others}};
  const std::optional<Pairs> pairs = JapaneseAndEnglish(evaluation);
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(std::tuple(pairs->both, pairs->first, pairs->second, pairs->neither), std::tuple(1, 1, 1, 1));
  // Not what was given, to be refused, or another order.
  evaluation.rows[0].second[0].given = true;
  evaluation.rows[0].second[1].expect = Answer::kCannot;
  evaluation.rows[0].second[2].order.objects.has_shape = true;
  EXPECT_EQ(JapaneseAndEnglish(evaluation)->size(), 1);
}

TEST(Figures, CounterfactualsAreCutByWhatTheyDifferIn) {
  EpisodeOutcome colour, several;
  colour.old_order = envs::OrderFromText("pick(one red bolt -> left bin)", "test");
  colour.order = envs::OrderFromText("pick(one blue bolt -> left bin)", "test");
  several.old_order = colour.old_order;
  several.order = envs::OrderFromText("pick(two blue nut -> left bin)", "test");
  colour.success = several.did_old_task = true;
  EpisodeOutcome done;
  done.success = true;
  Evaluation evaluation;
  evaluation.rows = {{"train", {done, {}}}, {"counterfactual", {several, colour, colour}}};
  const std::vector<AspectFigures> figures = ByAspect(evaluation);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].aspect, "colour");
  EXPECT_EQ(figures[0].rate.trials, 2);
  EXPECT_EQ(figures[0].ratio, 2.0);  // of a nominal row of a half
  EXPECT_EQ(figures[1].aspect, kSeveral);
  EXPECT_EQ(figures[1].did_old_task, 1.0);
}

class Instructions : public ScratchTest {
 protected:
  std::filesystem::path Write(const std::string& lines) const {
    std::ofstream(folder_ / "texts.jsonl") << lines;
    return folder_ / "texts.jsonl";
  }
};

TEST_F(Instructions, ReplaceTheTextOfMatchingOrders) {
  EvalConfig config = Config("expert");
  config.probes = false;
  const auto plain = ToJson(Evaluate(config));
  const std::string order = plain["episodes_played"][0]["order"];
  config.instructions =
      Write(nlohmann::json{{"order", order}, {"text", "do what I mean"}, {"lang", "en"}, {"family", "vague"}}.dump() +
            "\n\n");
  const auto replaced = ToJson(Evaluate(config));
  EXPECT_EQ(replaced["episodes_played"][0]["text"], "do what I mean");
  EXPECT_EQ(replaced["episodes_played"][0]["language"], "en");
  EXPECT_GE(replaced["by_family"]["vague"]["n"], 1);
  EXPECT_EQ(replaced["by_family"]["vague"]["right"], replaced["by_family"]["vague"]["n"]);
  EXPECT_EQ(plain["episodes_played"][0]["expect"], "act");
  EXPECT_TRUE(plain["by_expect"].empty());
}

// Who answers as it should, and what moves: the expert obeys, noise acts and moves, idleness says that it acts.
TEST_F(Instructions, WhatShouldNotBeDoneIsJudgedByTheAnswerAndByWhetherSomethingMoved) {
  for (const auto& [policy, right, moved] :
       {std::tuple("expert", 24, 0), std::tuple("random", 0, 24), std::tuple("zero", 0, 0)}) {
    EvalConfig config = Config(policy);
    config.probes = false;
    config.instructions = Write(R"j({"text": "Don't.", "expect": "must_not"})j");
    const auto json = ToJson(Evaluate(config));
    EXPECT_EQ(json["by_expect"]["must_not"]["n"], 24);
    EXPECT_EQ(json["by_expect"]["must_not"]["right"], right) << policy;
    EXPECT_EQ(json["by_expect"]["must_not"]["moved"], moved) << policy;
    EXPECT_EQ(json["by_expect"]["must_not"]["success"], right) << policy;
    EXPECT_EQ(json["answers"][right > 0 ? "must_not" : "act"], 24) << policy;
    ASSERT_EQ(json["answers_by_row"].size(), 1u);
    EXPECT_EQ(json["answers_by_row"][0]["expect"], "must_not");
    EXPECT_EQ(json["answers_by_row"][0]["must_not"], right) << policy;
    EXPECT_EQ(json["answers_by_row"][0]["moved"], moved) << policy;
    EXPECT_TRUE(json["success"]["rate"].is_null()) << "nothing was asked to be done";
  }
}

TEST_F(Instructions, ABadLineCostsThatLine) {
  const std::string text = R"j({"order": "reach(one red bolt)", "text": "x"}
{"order": 3}
{"text": "no order, but to be done"}
{"order": "reach(one red bolt)", "text": "x", "expct": "act"}
not JSON
{"order": "pick(all nut -> left bin)", "text": "another task's"}
{"frame": "reach(one red nut)", "text": "the old key"})j";
  const auto instructions = ReadInstructions(text, "texts.jsonl", envs::Verb::kReach);
  ASSERT_EQ(instructions.size(), 2u);
  EXPECT_EQ(instructions[1].text, "the old key");
  // When no line is left, the first bad one is named.
  try {
    ReadInstructions("\n{\"order\": 3}\n", "texts.jsonl", envs::Verb::kReach);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("texts.jsonl:2"), std::string::npos) << error.what();
  }
  EXPECT_THROW(ReadInstructions("", "texts.jsonl", envs::Verb::kReach), Error);
}

// A pipe can be read once. What it held decides the evaluation's name, as a file's content does.
TEST_F(Instructions, APipeIsKnownByWhatItHeld) {
  const std::string text = R"j({"text": "Don't.", "expect": "must_not"})j";
  EvalConfig config = Config("expert");
  config.episodes = 1;
  config.probes = false;
  config.instructions = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(config.instructions.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(config.instructions) << text; });
  const Evaluation evaluation = Evaluate(config);
  writer.join();
  EXPECT_EQ(evaluation.instructions, 1);
  EXPECT_EQ(evaluation.instructions_sha256, Sha256(text));
}

// What no scene of this seed asks for is said and left out; another seed may ask for it.
TEST_F(Instructions, ThatFitNoSceneLeaveTheGeneratedTexts) {
  EvalConfig config = Config("expert");
  config.episodes = 1;
  const std::string asked = ToJson(Evaluate(config))["episodes_played"][0]["order"];
  const std::string other = asked == "reach(one red bolt)" ? "reach(one blue nut)" : "reach(one red bolt)";
  config.instructions = Write(nlohmann::json{{"order", other}, {"text", "x"}}.dump());
  const nlohmann::json played = ToJson(Evaluate(config))["episodes_played"][0];
  EXPECT_EQ(played["order"], asked);
  EXPECT_NE(played["text"], "x");
}

}  // namespace
}  // namespace genba::trainer
