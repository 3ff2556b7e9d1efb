// Laws of refusals: none is an order that could be carried out, what is held out is never said in training, and every
// family says enough different things.
#include "envs/refusals.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "envs/language/refusal_grammar.h"
#include "tests/envs/held_out_words.h"

namespace genba::envs {
namespace {

constexpr std::array kLanguages{Language::kEnglish, Language::kJapanese};
constexpr std::array kVerbs{Verb::kPick, Verb::kReach};
constexpr int kNumScenes = 60, kNumDraws = 200;

struct Scene {
  std::vector<ScenePart> parts;
  std::map<Verb, std::vector<Order>> orders, held_out_orders;  // by whether the pair asked for is held out
};

Scene RandomScene(std::uint64_t number) {
  Rng rng(17, number, "refusal scenes");
  Scene scene;
  for (int left = rng.Int(3, 8); left > 0; --left)
    scene.parts.push_back(
        {static_cast<Colour>(rng.Int(0, kNumColours - 1)), static_cast<Shape>(rng.Int(0, kNumShapes - 1))});
  for (const Verb verb : kVerbs) {
    for (const Order& order : WellPosedOrders(verb, scene.parts)) {
      const ObjectSet& set = order.objects;
      const bool held_out = set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape);
      (held_out ? scene.held_out_orders : scene.orders)[verb].push_back(order);
    }
  }
  return scene;
}

const std::vector<Scene>& Scenes() {
  static const std::vector<Scene> scenes = [] {
    std::vector<Scene> made;
    for (std::uint64_t i = 0; i < kNumScenes; ++i) made.push_back(RandomScene(i));
    return made;
  }();
  return scenes;
}

struct Drawn {
  Refusal refusal;
  const Scene& scene;
  Order order;
};

// The same draw number gives the same scene, order and sentence.
std::optional<Drawn> Draw(const RefusalFamily& family, Language language, Verb verb, Split split,
                          std::uint64_t number) {
  Rng rng(23, number, "refusals");
  const Scene& scene = Scenes()[static_cast<std::size_t>(rng.Int(0, kNumScenes - 1))];
  const auto& held_out = scene.held_out_orders;
  const bool pair = split == Split::kPairs && held_out.contains(verb) && rng.Chance(0.5);
  const Order order = rng.Pick((pair ? held_out : scene.orders).at(verb));
  const auto refusal = SayRefusal(family, {order, scene.parts}, language, split, rng);
  if (!refusal) return std::nullopt;
  return Drawn{*refusal, scene, order};
}

using Visit = std::function<void(const RefusalFamily&, Split, const Drawn&)>;
void ForEachDraw(const Visit& visit) {
  for (const RefusalFamily& family : RefusalFamilies()) {
    for (const Language language : kLanguages) {
      for (const Verb verb : kVerbs) {
        for (const Split split : kSplits) {
          for (std::uint64_t number = 0; number < kNumDraws; ++number) {
            if (const auto drawn = Draw(family, language, verb, split, number)) visit(family, split, *drawn);
            if (testing::Test::HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

bool IsIn(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

// What keeps a robot still: the sentence is no order, or one that this scene or this work does not have.
bool IsOrderHere(const std::string& text, Verb verb, const std::vector<ScenePart>& parts) {
  const std::optional<Order> order = Understand(text);
  return order && order->verb == verb && WellPosed(*order, parts);
}

TEST(Refusals, NoneIsAnOrder) {
  ForEachDraw([](const RefusalFamily& family, Split, const Drawn& drawn) {
    const std::string& text = drawn.refusal.text;
    const std::optional<Order> understood = Understand(text);
    const bool cannot = family.expect == Answer::kCannot;
    EXPECT_FALSE(cannot ? IsOrderHere(text, drawn.order.verb, drawn.scene.parts) : understood.has_value())
        << family.name << ": " << text << " understood as " << ToText(*understood);
  });
}

std::vector<Pattern> PatternsOf(const FamilyPatterns& family, Verb verb) {
  std::vector<Pattern> patterns = family.both;
  const PatternList& own = verb == Verb::kPick ? family.pick : family.reach;
  patterns.insert(patterns.end(), own.begin(), own.end());
  return patterns;
}

const RefusalFamily& FamilyNamed(std::string_view name) {
  const auto families = RefusalFamilies();
  return *std::find_if(families.begin(), families.end(),
                       [&](const RefusalFamily& family) { return name == family.name; });
}

// Every pattern of a verb, said about one scene each, not only those that a test happens to draw.
void ForEachPattern(Language language, Verb verb,
                    const std::function<void(const FamilyPatterns&, const Pattern&, const Drawn&)>& visit) {
  for (const FamilyPatterns& family : RefusalGrammarOf(language).families) {
    for (const Pattern& pattern : PatternsOf(family, verb)) {
      Rng rng(29, 0, pattern.text);
      const Scene& scene = rng.Pick(Scenes());
      const SaidScene said{rng.Pick(scene.orders.at(verb)), scene.parts};
      const auto refusal = SayAbout(pattern.text, "", {FamilyNamed(family.family), said, language, Split::kTrain, rng});
      if (refusal) visit(family, pattern, {*refusal, scene, said.order});
    }
  }
}

TEST(Refusals, NoPatternIsAnOrder) {
  int patterns = 0;
  const auto check = [&](const FamilyPatterns& family, const Pattern& pattern, const Drawn& drawn) {
    EXPECT_FALSE(IsOrderHere(drawn.refusal.text, drawn.order.verb, drawn.scene.parts))
        << family.family << ": " << drawn.refusal.text;
    EXPECT_FALSE(HasUnseenWord(pattern.text) || HasTaughtWord(pattern.text)) << pattern.text;
    ++patterns;
  };
  for (const Language language : kLanguages) {
    for (const Verb verb : kVerbs) ForEachPattern(language, verb, check);
  }
  EXPECT_GT(patterns, 5000);
}

// What waits for an {event} is known by the words of that list: nothing that is learned from says one.
TEST(Refusals, EventsAreWaitedForInEvaluationOnly) {
  for (const Language language : kLanguages) {
    const WordList* events = FindList(language, "event");
    ASSERT_NE(events, nullptr);
    const auto check = [&](const FamilyPatterns& family, const Pattern& pattern, const Drawn&) {
      const bool learned = pattern.use == Use::kTraining && !FamilyNamed(family.family).held_out;
      EXPECT_FALSE(learned && IsIn(pattern.text, "{event}")) << pattern.text;
      for (const Pattern& event : events->forms)
        EXPECT_FALSE(learned && IsIn(pattern.text, event.text)) << pattern.text;
    };
    for (const Verb verb : kVerbs) ForEachPattern(language, verb, check);
  }
}

// The negative control: said about the same scenes, orders are orders.
TEST(Refusals, AnOrderOfTheSceneIsOne) {
  for (const Scene& scene : Scenes()) {
    for (const Verb verb : kVerbs) {
      const Order& order = scene.orders.at(verb).front();
      Rng rng(1, 0, "test");
      const std::string text = Say(order, Language::kEnglish, Split::kTrain, rng, HasSpare(order, scene.parts)).text;
      EXPECT_TRUE(IsOrderHere(text, verb, scene.parts)) << text;
      EXPECT_FALSE(IsOrderHere(text, verb, {})) << text;
    }
  }
}

TEST(Refusals, EverySentenceIsWholeAndSaysWhatItIs) {
  ForEachDraw([](const RefusalFamily& family, Split, const Drawn& drawn) {
    const Refusal& refusal = drawn.refusal;
    EXPECT_EQ(refusal.family, family.name);
    EXPECT_EQ(refusal.expect, family.expect);
    EXPECT_FALSE(refusal.template_id.empty());
    const bool code = refusal.family == "held_out.code", noise = refusal.family == "noise";
    EXPECT_TRUE(noise || !refusal.text.empty());
    EXPECT_TRUE(code || !IsIn(refusal.text, "{")) << refusal.text;
    EXPECT_FALSE(IsIn(refusal.text, "{colour}") || IsIn(refusal.text, "{shape}") || IsIn(refusal.text, "{where}"))
        << refusal.text;
    for (const char* wrong : {"  ", " .", " ,", "。。", "..,", "をを", "にに"})
      EXPECT_TRUE(noise || family.held_out || refusal.family == "cut" || refusal.family == "scrambled" ||
                  !IsIn(refusal.text, wrong))
          << refusal.text;
  });
}

TEST(Refusals, TextsAreAFunctionOfTheDraw) {
  for (const RefusalFamily& family : RefusalFamilies()) {
    for (const Language language : kLanguages) {
      for (std::uint64_t number = 0; number < 20; ++number) {
        const auto a = Draw(family, language, Verb::kPick, Split::kTrain, number);
        const auto b = Draw(family, language, Verb::kPick, Split::kTrain, number);
        ASSERT_EQ(a.has_value(), b.has_value());
        if (a) {
          EXPECT_EQ(a->refusal.text, b->refusal.text);
        }
      }
    }
  }
}

// Built on orders or composed: what a model could learn by heart is in neither.
TEST(Refusals, EveryFamilyHasMuchToSay) {
  for (const RefusalFamily& family : RefusalFamilies()) {
    const std::string name = family.name;
    const std::size_t least = name == "stop" || name == "small_talk" ? 60 : 200;
    for (const Language language : kLanguages) {
      for (const Verb verb : kVerbs) {
        for (const Split split : kSplits) {
          std::set<std::string> texts;
          int silent = 0;
          for (std::uint64_t number = 0; number < 400; ++number) {
            const auto drawn = Draw(family, language, verb, split, number);
            silent += !drawn;
            if (drawn) texts.insert(drawn->refusal.text);
          }
          EXPECT_LE(silent, 4) << name;  // a scene of one kind has no second order, and seldom a kind that is short
          EXPECT_GE(texts.size(), least) << name << " " << Name(language) << " " << Name(verb) << " " << Name(split);
        }
      }
    }
  }
}

TEST(Refusals, HeldOutFamiliesAreNamedSo) {
  std::set<std::string_view> names;
  for (const RefusalFamily& family : RefusalFamilies()) {
    EXPECT_EQ(family.held_out, std::string_view(family.name).starts_with("held_out.")) << family.name;
    EXPECT_NE(family.expect, Answer::kAct);
    EXPECT_TRUE(names.insert(family.name).second);
  }
  EXPECT_EQ(names.size(), 26u);
}

// By the name of the sentence's template: "en.question.b3", for calibration ".kb3", for evaluation ".hb3".
Use UseOfTemplate(const std::string& id) {
  if (IsIn(id, ".h")) return Use::kEvaluation;
  return IsIn(id, ".k") ? Use::kCalibration : Use::kTraining;
}

TEST(Refusals, HeldOutTemplatesAreSaidInTheirSplitOnly) {
  std::map<std::string, int> calibrating;
  ForEachDraw([&](const RefusalFamily& family, Split split, const Drawn& drawn) {
    if (family.held_out) return;
    const Use use = UseOfTemplate(drawn.refusal.template_id);
    const bool none_of_its_own = split == Split::kCalibration && use == Use::kTraining;
    EXPECT_TRUE(use == UseOf(split) || none_of_its_own) << drawn.refusal.template_id << ": " << drawn.refusal.text;
    calibrating[family.name] += use == Use::kCalibration;
  });
  for (const RefusalFamily& family : RefusalFamilies()) {
    const bool has_some = !family.held_out && std::string_view(family.name) != "stop";
    EXPECT_EQ(calibrating[family.name] > 0, has_some) << family.name;
  }
}

// The lists of words that a family of its own draws from.
std::string ListOf(const std::string& family) {
  static const std::map<std::string, std::string> lists{{"stop", "halt"}, {"small_talk", "remark"}};
  return lists.contains(family) ? lists.at(family) : family;
}

TEST(Refusals, HeldOutWordsAreSaidInTheirSplitOnly) {
  std::map<std::string, int> held_out_draws;
  ForEachDraw([&](const RefusalFamily& family, Split split, const Drawn& drawn) {
    for (const WordList& list : RefusalGrammarOf(drawn.refusal.language).lists) {
      if (list.name != ListOf(family.name)) continue;
      for (const Pattern& form : list.forms) {
        const bool said = form.use == Use::kEvaluation && IsIn(drawn.refusal.text, form.text);
        EXPECT_FALSE(said && split != Split::kTemplates) << drawn.refusal.text;
        held_out_draws[family.name] += said;
      }
    }
  });
  for (const char* family : {"stop", "small_talk", "unknown_colour", "unknown_thing", "unknown_place"})
    EXPECT_GT(held_out_draws[family], 2 * kNumDraws) << family;  // of 4 * kNumDraws
}

TEST(Refusals, HeldOutSynonymsAreSaidInTheirSplitOnly) {
  std::map<std::string, int> with_synonym;
  ForEachDraw([&](const RefusalFamily& family, Split split, const Drawn& drawn) {
    const bool taught = HasTaughtWord(drawn.refusal.text), unseen = HasUnseenWord(drawn.refusal.text);
    EXPECT_FALSE(taught && split != Split::kTaught) << family.name << ": " << drawn.refusal.text;
    EXPECT_FALSE(unseen && split != Split::kUnseen) << family.name << ": " << drawn.refusal.text;
    with_synonym[family.name] += taught;
  });
  EXPECT_GT(with_synonym["prohibition"], kNumDraws);  // of 4 * kNumDraws
}

TEST(Refusals, AnAbsentKindIsNoHeldOutPairUnlessPairsAreAsked) {
  int held_out_pairs = 0;
  ForEachDraw([&](const RefusalFamily& family, Split split, const Drawn& drawn) {
    if (!std::string_view(family.name).starts_with("absent")) return;
    const std::optional<Order> order = Understand(drawn.refusal.text);
    if (!order) return;  // reach orders about several are in no grammar
    const ObjectSet& set = order->objects;
    EXPECT_LT(static_cast<int>(Referents(*order, drawn.scene.parts).size()),
              std::max(1, NumWanted(*order, drawn.scene.parts)));
    const bool pair = set.has_colour && set.has_shape && !set.negated_colour && IsHeldOutPair(set.colour, set.shape);
    EXPECT_FALSE(pair && split != Split::kPairs) << drawn.refusal.text;
    held_out_pairs += pair;
  });
  EXPECT_GT(held_out_pairs, 0);
}

TEST(Refusals, AFullSceneHasNothingAbsent) {
  std::vector<ScenePart> parts;
  for (int colour = 0; colour < kNumColours; ++colour) {
    for (int shape = 0; shape < kNumShapes; ++shape)
      parts.push_back({static_cast<Colour>(colour), static_cast<Shape>(shape)});
  }
  const Order order = OrderFromText("pick(one red bolt -> left bin)", "test");
  for (const RefusalFamily& family : RefusalFamilies()) {
    Rng rng(1, 0, "test");
    const auto refusal = SayRefusal(family, {order, parts}, Language::kEnglish, Split::kTrain, rng);
    EXPECT_EQ(refusal.has_value(), std::string_view(family.name) != "absent_object") << family.name;
  }
}

// Each language has what the others have: about a fifth of the patterns held out, and enough of each.
TEST(Refusals, BothLanguagesHaveTheirPatternsAndWords) {
  const std::map<std::string, std::pair<int, int>> words{
      {"unknown_colour", {12, 6}}, {"unknown_thing", {20, 8}}, {"unknown_place", {15, 6}}, {"halt", {30, 8}}};
  for (const Language language : kLanguages) {
    const RefusalGrammar& grammar = RefusalGrammarOf(language);
    const auto held_out = [](const Pattern& item) { return item.use != Use::kTraining; };
    for (const WordList& list : grammar.lists) {
      const auto wanted = words.find(list.name);
      if (wanted == words.end()) continue;
      const auto num_held_out = std::count_if(list.forms.begin(), list.forms.end(), held_out);
      EXPECT_GE(num_held_out, wanted->second.second) << list.name;
      EXPECT_GE(static_cast<int>(list.forms.size()) - num_held_out, wanted->second.first) << list.name;
    }
    for (const FamilyPatterns& family : grammar.families) {
      const bool trained = !std::string_view(family.family).starts_with("held_out.");
      for (const PatternList* of_verb : {&family.pick, &family.reach}) {
        PatternList all = family.both;
        all.insert(all.end(), of_verb->begin(), of_verb->end());
        const auto num_held_out = std::count_if(all.begin(), all.end(), held_out);
        EXPECT_EQ(num_held_out > 0, trained) << family.family;
        const bool prohibition = std::string_view(family.family) == "prohibition";
        EXPECT_GE(static_cast<int>(all.size()) - num_held_out, prohibition ? 25 : 0);
      }
    }
  }
}

// What a robot does not know is no word of its language, heard in training or not.
TEST(Refusals, AnUnknownWordIsNoSynonym) {
  for (const Language language : kLanguages) {
    for (const WordList& list : RefusalGrammarOf(language).lists) {
      if (!std::string_view(list.name).starts_with("unknown_")) continue;
      for (const Pattern& word : list.forms) {
        EXPECT_FALSE(HasTaughtWord(word.text) || HasUnseenWord(word.text)) << word.text;
        EXPECT_FALSE(Understand(std::string("put the ") + word.text + " bolt in the left bin")) << word.text;
      }
    }
  }
}

}  // namespace
}  // namespace genba::envs
