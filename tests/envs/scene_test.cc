// Scenes as they are drawn, stored and read again: language is needed in each, and nothing else says what it says.
#include "envs/scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "envs/task.h"

namespace genba::envs {
namespace {

TEST(Scene, LanguageIsNeededAndSlotsCarryNothing) {
  std::map<int, int> slot_of_target;
  for (const Verb verb : {Verb::kReach, Verb::kPick}) {
    SceneLimits limits;
    if (verb == Verb::kReach) limits.multi_share = 0;
    for (std::uint64_t episode = 0; episode < 400; ++episode) {
      const Scene scene = DrawScene(verb, limits, 9, episode, {});
      EXPECT_LE(scene.plan.chance, 0.5);
      EXPECT_TRUE(WellPosed(scene.plan.order, scene.plan.parts));
      EXPECT_EQ(CellToJson(CellFromJson(CellToJson(scene.cell), "test")), CellToJson(scene.cell));
      EXPECT_EQ(ToJson(EpisodePlanFromText(ToJson(scene.plan).dump(), "test")), ToJson(scene.plan));
      EXPECT_NO_THROW(CheckScene(verb == Verb::kReach ? "reach" : "pick_bin", scene.plan, scene.cell, "test"));
      const Goal goal = GoalOf(scene.plan.order, scene.plan, scene.cell);
      for (int slot = 0; slot < kMaxParts; ++slot) slot_of_target[slot] += goal.wanted[static_cast<std::size_t>(slot)];
      const Scene again = DrawScene(verb, limits, 9, episode, {});
      EXPECT_EQ(CellToJson(again.cell), CellToJson(scene.cell));
      EXPECT_EQ(again.plan.text, scene.plan.text);
    }
  }
  for (const auto& [slot, count] : slot_of_target) EXPECT_GT(count, 60) << "slot " << slot;
}

// What a stored scene may say is what a task can play: everything else is refused in a sentence that names the key.
TEST(Scene, StoredScenesAreReadStrictly) {
  const Scene scene = DrawScene(Verb::kPick, {}, 9, 0, {});
  const nlohmann::json good_cell = nlohmann::json::parse(CellToJson(scene.cell)), good_plan = ToJson(scene.plan);
  const auto refusal = [&](const nlohmann::json& plan, const nlohmann::json& cell) -> std::string {
    try {
      CheckScene("pick_bin", EpisodePlanFromText(plan.dump(), "plan"), CellFromJson(cell.dump(), "cell"), "scene");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      return error.what();
    }
    return "";
  };
  ASSERT_EQ(refusal(good_plan, good_cell), "");
  const auto cell = [&](const std::string& key, const auto& change) {
    nlohmann::json bad = good_cell;
    change(bad);
    EXPECT_NE(refusal(good_plan, bad).find(key), std::string::npos) << key << ": " << refusal(good_plan, bad);
  };
  const auto plan = [&](const std::string& key, const nlohmann::json& value) {
    nlohmann::json bad = good_plan;
    bad[key] = value;
    EXPECT_NE(refusal(bad, good_cell).find(key), std::string::npos) << key << ": " << refusal(bad, good_cell);
  };
  using Json = nlohmann::json;
  cell("fixtures", [](Json& c) {
    for (int i = 0; i < 70; ++i) c["fixtures"].push_back(c["fixtures"][1]);
  });
  cell("bins", [](Json& c) {
    for (int i = 0; i < 13; ++i) c["fixtures"].push_back(c["fixtures"][1]);
  });
  cell("bins", [](Json& c) { c["fixtures"].erase(3); });
  cell("parts", [](Json& c) {
    for (int i = 0; i < 40; ++i) c["parts"].push_back(c["parts"][0]);
  });
  cell("parts", [](Json& c) { c["parts"].erase(7); });
  cell("parts", [](Json& c) {
    for (Json& part : c["parts"]) part["present"] = false;
  });
  cell("size", [](Json& c) { c["parts"][0]["size"] = 1e300; });
  cell("friction", [](Json& c) { c["fixtures"][0]["friction"] = -1; });
  cell("colour", [](Json& c) { c["parts"][0]["colour"] = "pink"; });
  cell("colour", [](Json& c) { c["parts"][0]["colour"] = 2.7; });
  cell("timestep", [](Json& c) { c["timestep"] = 0.004; });
  cell("arms", [](Json& c) { c["arms"].push_back(c["arms"][0]); });
  cell("robot", [](Json& c) { c["arms"][0]["robot"] = "crane"; });
  cell("weight", [](Json& c) { c["parts"][0]["weight"] = 1; });
  cell("yaw", [](Json& c) { c["parts"][0].erase("yaw"); });
  plan("parts", Json::array());
  plan("order", "reach(one red nut)");
  plan("order", "pick(three white gear -> left bin)");
  plan("old_order", "pick(");
  plan("seed", 2.7);
  plan("seed", -1);
  plan("language", "fr");
  plan("split", 1);
  plan("text", std::string(5000, 'x'));
  plan("chance", 2);
  plan("expect", "perhaps");
  plan("anything", 1);
  EXPECT_THROW(CellFromJson(std::string(1000000, '['), "cell"), Error);
  EXPECT_THROW(EpisodePlanFromText(good_plan.dump().substr(1), "plan"), Error);
}

TEST(Scene, HeldOutPairsAreNamedInTheirSplitOnlyAndAreThereInAll) {
  int bystanders = 0, excluded = 0;
  for (std::uint64_t episode = 0; episode < 400; ++episode) {
    for (const Split split : {Split::kTrain, Split::kPairs}) {
      EpisodeOptions options;
      options.split = split;
      const EpisodePlan plan = DrawScene(Verb::kPick, {}, 3, episode, options).plan;
      const ObjectSet& set = plan.order.objects;
      const bool pair = set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape);
      ASSERT_EQ(pair && !set.negated_colour, split == Split::kPairs) << ToText(plan.order);
      const auto held_out = [](const ScenePart& part) { return IsHeldOutPair(part.colour, part.shape); };
      bystanders += std::any_of(plan.parts.begin(), plan.parts.end(), held_out) && split == Split::kTrain;
      excluded += pair && set.negated_colour;
    }
  }
  EXPECT_GT(bystanders, 100);
  EXPECT_GT(excluded, 0);
}

// Said together only to be left out, red and nut would mean the opposite of each other.
TEST(Scene, WhatIsLearnedFromNamesNoHeldOutPairInAnyWay) {
  EpisodeOptions options;
  options.to_learn_from = true;
  for (std::uint64_t episode = 0; episode < 400; ++episode) {
    const ObjectSet set = DrawScene(Verb::kPick, {}, 3, episode, options).plan.order.objects;
    EXPECT_FALSE(set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape));
  }
}

TEST(Scene, CountsDecideInAShareOfTheScenes) {
  int spare = 0, several = 0;
  for (std::uint64_t episode = 0; episode < 400; ++episode) {
    const EpisodePlan plan = DrawScene(Verb::kPick, {}, 9, episode, {}).plan;
    spare += HasSpare(plan.order, plan.parts);
    several += HasSpare(plan.order, plan.parts) && NumWanted(plan.order, plan.parts) > 1;
  }
  EXPECT_NEAR(spare, 100, 35);
  EXPECT_GT(several, 5);
}

TEST(Scene, WhatIsNotToBeActedOnHasNoGoalAndDeclaresWhy) {
  EpisodeOptions options;
  options.negatives = 0.5;
  int refused = 0;
  for (std::uint64_t episode = 0; episode < 200; ++episode) {
    const Scene scene = DrawScene(Verb::kPick, {}, 9, episode, options);
    const bool acts = scene.plan.expect == Answer::kAct;
    refused += !acts;
    EXPECT_EQ(scene.plan.family.empty(), acts);
    EXPECT_FALSE(scene.plan.family.starts_with("held_out")) << scene.plan.family;
    EXPECT_EQ(CellToJson(scene.cell), CellToJson(DrawScene(Verb::kPick, {}, 9, episode, {}).cell));
    EXPECT_NO_THROW(CheckScene("pick_bin", scene.plan, scene.cell, "test"));
    EXPECT_EQ(ToJson(EpisodePlanFromText(ToJson(scene.plan).dump(), "test")), ToJson(scene.plan));
  }
  EXPECT_NEAR(refused, 100, 30);
  options.families = {"stop", "held_out.code"};
  options.negatives = 1;
  for (std::uint64_t episode = 0; episode < 50; ++episode) {
    const std::string family = DrawScene(Verb::kPick, {}, 9, episode, options).plan.family;
    EXPECT_TRUE(family == "stop" || family == "held_out.code") << family;
  }
  options.families = {"stop", "nonsense"};
  EXPECT_THROW(DrawScene(Verb::kPick, {}, 9, 0, options), Error);
}

TEST(Scene, CounterfactualAsksForAnotherThingInTheSameSceneAndSaysItInOneAspect) {
  EpisodeOptions probe;
  probe.probe = Probe::kCounterfactual;
  std::map<Aspect, int> aspects;
  for (std::uint64_t episode = 0; episode < 200; ++episode) {
    const Scene nominal = DrawScene(Verb::kPick, {}, 9, episode, {});
    const Scene other = DrawScene(Verb::kPick, {}, 9, episode, probe);
    EXPECT_EQ(CellToJson(nominal.cell), CellToJson(other.cell));
    EXPECT_EQ(other.plan.old_order, nominal.plan.order);
    const std::vector<Aspect> differences = Differences(other.plan.order, nominal.plan.order);
    ASSERT_EQ(differences.size(), 1u) << ToText(other.plan.order) << " " << ToText(nominal.plan.order);
    ++aspects[differences.front()];
    const Goal before = GoalOf(nominal.plan.order, nominal.plan, nominal.cell),
               after = GoalOf(other.plan.order, other.plan, other.cell);
    EXPECT_TRUE(before.wanted != after.wanted || before.count != after.count || before.bin != after.bin);
  }
  for (const Aspect aspect : {Aspect::kColour, Aspect::kShape, Aspect::kCount, Aspect::kPlace})
    EXPECT_GT(aspects[aspect], 15) << kAspectNames[static_cast<std::size_t>(aspect)];
}

TEST(Scene, ACounterfactualInOneAspectDiffersInThatOneInEveryEpisode) {
  for (const std::string name : {"pick_bin", "reach"}) {
    const std::unique_ptr<Task> task = MakeTask(name);
    for (const Aspect aspect : AspectsOf(task->verb())) {
      EpisodeOptions probe;
      probe.probe = Probe::kCounterfactual;
      probe.aspect = aspect;
      for (std::uint64_t episode = 0; episode < 100; ++episode) {
        const Scene scene = DrawScene(task->verb(), task->limits(), 9, episode, probe);
        const EpisodePlan& plan = scene.plan;
        ASSERT_EQ(Differences(plan.order, plan.old_order), std::vector{aspect}) << ToText(plan.order);
        const Goal before = GoalOf(plan.old_order, plan, scene.cell), after = GoalOf(plan.order, plan, scene.cell);
        EXPECT_TRUE(before.wanted != after.wanted || before.count != after.count || before.bin != after.bin);
      }
    }
  }
  EpisodeOptions impossible;
  impossible.aspect = Aspect::kPlace;
  EXPECT_THROW(DrawScene(Verb::kReach, MakeReach()->limits(), 9, 0, impossible), Error);
}

TEST(Scene, OrdersAskForNoMorePartsThanTheyAreAllowedTo) {
  for (const int most : {0, 1, 2}) {
    EpisodeOptions options;
    options.max_wanted = most;
    int wanted = 0;
    for (std::uint64_t episode = 0; episode < 100; ++episode) {
      const Scene scene = DrawScene(Verb::kPick, {}, 9, episode, options);
      wanted = std::max(wanted, NumWanted(scene.plan.order, scene.plan.parts));
    }
    EXPECT_EQ(wanted, most == 0 ? SceneLimits{}.max_wanted : most);
  }
  EpisodeOptions impossible;
  impossible.max_wanted = 1;
  impossible.aspect = Aspect::kCount;
  EXPECT_THROW(DrawScene(Verb::kPick, {}, 9, 0, impossible), Error);
}

// What bar a language has to reach is asked over the same scenes and orders.
TEST(Scene, TheLanguageChangesTheSentenceAndNothingElse) {
  EpisodeOptions english, japanese, turned;
  english.language = "en", japanese.language = "ja";
  turned.probe = Probe::kOtherLanguage;
  for (std::uint64_t episode = 0; episode < 100; ++episode) {
    const Scene en = DrawScene(Verb::kPick, {}, 9, episode, english),
                ja = DrawScene(Verb::kPick, {}, 9, episode, japanese);
    EXPECT_EQ(CellToJson(en.cell), CellToJson(ja.cell));
    EXPECT_EQ(en.plan.order, ja.plan.order);
    EXPECT_NE(en.plan.text, ja.plan.text);
    EXPECT_EQ(en.plan.language, Language::kEnglish);
    EXPECT_EQ(ja.plan.language, Language::kJapanese);
    // An episode and the same in the other language are these two.
    std::set<std::string> said{DrawScene(Verb::kPick, {}, 9, episode, {}).plan.text,
                               DrawScene(Verb::kPick, {}, 9, episode, turned).plan.text};
    EXPECT_EQ(said, (std::set{en.plan.text, ja.plan.text}));
  }
}

}  // namespace
}  // namespace genba::envs
