// Sentences put together from frames: whole, of their kind, and none of what is held out.
#include "envs/language/frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "envs/language/frame_pieces.h"
#include "envs/language/refusal_grammar.h"
#include "envs/refusals.h"
#include "tests/envs/held_out_words.h"

namespace genba::envs {
namespace {

constexpr std::array kBoth{Language::kEnglish, Language::kJapanese};
constexpr int kDraws = 3000;

bool Holds(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

// Every sentence of a kind in every language, for both verbs.
template <class Check>
void ForEachFrame(Speech speech, const Check& check) {
  for (const Language language : kBoth) {
    for (const Verb verb : {Verb::kPick, Verb::kReach}) {
      for (int number = 0; number < kDraws; ++number) {
        Rng rng(1, static_cast<std::uint64_t>(number), "frames");
        check(language, verb, DrawFrame(language, verb, speech, rng));
      }
    }
  }
}

bool NamesAnObject(const std::string& pattern) {
  return Holds(pattern, "{obj}") || Holds(pattern, "{objo}") || Holds(pattern, "{kind}");
}

TEST(Frames, AnOrderSaysWhatIsMeantAndWhere) {
  ForEachFrame(Speech::kOrder, [](Language, Verb verb, const std::string& pattern) {
    EXPECT_TRUE(NamesAnObject(pattern)) << pattern;
    EXPECT_EQ(Holds(pattern, "{place}"), verb == Verb::kPick) << pattern;
  });
  ForEachFrame(Speech::kProhibition, [](Language, Verb, const std::string& pattern) {
    EXPECT_TRUE(NamesAnObject(pattern) || Holds(pattern, "{place}")) << pattern;
  });
}

TEST(Frames, NoFormOfADeedIsLeftOpen) {
  for (const Speech speech : {Speech::kOrder, Speech::kProhibition, Speech::kQuestion, Speech::kRemark}) {
    ForEachFrame(speech, [](Language, Verb verb, const std::string& pattern) {
      for (const char* slot : {"{base}", "{gerund}", "{te}", "{nai}", "{masu}", "{imp}", "{ta}", "{a}", "{b}"})
        EXPECT_FALSE(Holds(pattern, slot)) << pattern;
      EXPECT_FALSE(verb == Verb::kReach && Holds(pattern, "{place}")) << pattern;
    });
  }
}

// A file of pieces as its parts: comments and empty lines are nothing, spaces at the beginning of an entry count.
TEST(Frames, SectionsHoldLinesAndFields) {
  const Sections sections = ParseSections("# said\n[one]\na | b\n\n, c\n[two]\n");
  EXPECT_EQ(sections, (Sections{{"one", {{"a", "b"}, {", c"}}}, {"two", {}}}));
}

TEST(Frames, ThereAreThousandsOfPatterns) {
  for (const Speech speech : {Speech::kOrder, Speech::kProhibition, Speech::kQuestion}) {
    std::set<std::string> patterns;
    ForEachFrame(speech, [&](Language, Verb, const std::string& pattern) { patterns.insert(pattern); });
    EXPECT_GT(patterns.size(), 2u * kDraws);  // of four times as many draws
  }
}

TEST(Frames, NoPatternIsOfTwoKinds) {
  std::array<std::set<std::string>, 4> said;
  for (std::size_t speech = 0; speech < said.size(); ++speech)
    ForEachFrame(static_cast<Speech>(speech),
                 [&](Language, Verb, const std::string& pattern) { said[speech].insert(pattern); });
  for (std::size_t a = 0; a < said.size(); ++a) {
    for (std::size_t b = a + 1; b < said.size(); ++b) {
      for (const std::string& pattern : said[a]) EXPECT_FALSE(said[b].contains(pattern)) << pattern;
    }
  }
}

TEST(Frames, NothingHeldOutIsInThem) {
  for (const Language language : kBoth) {
    const auto held_out = HeldOutPatterns(language);
    ASSERT_GT(held_out.size(), 80u);
    for (const Speech speech : {Speech::kOrder, Speech::kProhibition, Speech::kQuestion, Speech::kRemark}) {
      ForEachFrame(speech, [&](Language of, Verb, const std::string& pattern) {
        if (of != language) return;
        for (const auto& pieces : held_out) EXPECT_FALSE(IsSaidIn(pattern, pieces)) << pattern << ": " << pieces.back();
        EXPECT_FALSE(HasTaughtWord(pattern) || HasUnseenWord(pattern)) << pattern;
      });
    }
  }
}

// What is unknown to the cell is no word of its grammar and none that evaluation keeps to itself.
TEST(Frames, EverydayWordsAreNobodyElses) {
  for (const auto* words : {&EverydayThings(), &EverydayColours(), &EverydayPlaces()}) {
    EXPECT_GE(words->size(), 50u);
    for (const EverydayWord& word : *words) {
      for (const Language language : kBoth) {
        const std::string said = Said(word, language);
        EXPECT_FALSE(HasTaughtWord(said) || HasUnseenWord(said)) << said;
        for (const WordList& list : RefusalGrammarOf(language).lists) {
          if (!std::string(list.name).starts_with("unknown_")) continue;
          for (const Pattern& form : list.forms)
            EXPECT_FALSE(form.use == Use::kEvaluation && said == form.text) << said;
        }
      }
    }
  }
}

// What must not be acted on is no order that could be carried out, however it is put together.
TEST(Frames, ARefusalIsNoOrderOfItsScene) {
  const std::vector<ScenePart> parts{
      {Colour::kRed, Shape::kBolt}, {Colour::kBlue, Shape::kBolt}, {Colour::kWhite, Shape::kNut}};
  for (const Verb verb : {Verb::kPick, Verb::kReach}) {
    const Order order{
        verb, {.has_colour = true, .has_shape = true}, verb == Verb::kPick ? PlaceWord::kLeft : PlaceWord::kNone};
    for (const RefusalFamily& family : RefusalFamilies()) {
      for (std::uint64_t number = 0; number < 300; ++number) {
        Rng rng(2, number, "wide");
        const Language language = kBoth[number % 2];
        const auto refusal = SayRefusal(family, {order, parts}, language, Split::kTrain, rng, Wording::kWide);
        if (!refusal) continue;
        EXPECT_FALSE(Holds(refusal->text, "{") && refusal->family != "held_out.code") << refusal->text;
        const auto understood = Understand(refusal->text);
        EXPECT_FALSE(understood && understood->verb == verb && WellPosed(*understood, parts))
            << family.name << ": " << refusal->text;
      }
    }
  }
}

// A place that is known in half of its words is said, and none of those that evaluation keeps for itself.
TEST(Frames, HalfKnownPlacesAreNoneThatIsKept) {
  const Order order{Verb::kPick, {.has_colour = true, .has_shape = true}, PlaceWord::kLeft};
  const std::vector<ScenePart> parts{{Colour::kRed, Shape::kBolt}, {Colour::kBlue, Shape::kBolt}};
  constexpr std::size_t kKnownAgain = 7;  // [bytes] of a form
  for (const Language language : kBoth) {
    int half_known = 0;
    for (std::uint64_t number = 0; number < 4000; ++number) {
      Rng rng(3, number, "half known");
      const RefusalFamily family{"unknown_place", Answer::kNotUnderstood, false};
      const auto refusal = SayRefusal(family, {order, parts}, language, Split::kTrain, rng, Wording::kWide);
      ASSERT_TRUE(refusal.has_value());
      for (const WordList& list : RefusalGrammarOf(language).lists) {
        for (const Pattern& form : list.forms) {
          const bool kept = form.use == Use::kEvaluation && std::string_view(form.text).size() >= kKnownAgain;
          EXPECT_FALSE(list.name == std::string("unknown_place") && kept && Holds(refusal->text, form.text))
              << refusal->text;
        }
      }
      half_known += Holds(refusal->text, language == Language::kEnglish ? "the green tray" : "緑のトレイ");
    }
    EXPECT_GT(half_known, 10);
  }
}

// Only for learning: what is judged or calibrated on is never put together.
TEST(Frames, AreNotSaidInEvaluation) {
  const Order order{Verb::kPick, {.has_colour = true, .has_shape = true}, PlaceWord::kLeft};
  const std::vector<ScenePart> parts{{Colour::kRed, Shape::kBolt}, {Colour::kBlue, Shape::kBolt}};
  int framed = 0;
  for (const RefusalFamily& family : RefusalFamilies()) {
    for (const Split split : kSplits) {
      for (std::uint64_t number = 0; number < 100; ++number) {
        Rng rng(1, number, "wide");
        const auto refusal = SayRefusal(family, {order, parts}, Language::kEnglish, split, rng, Wording::kWide);
        const bool in_frame = refusal && refusal->template_id == FramedId(Language::kEnglish);
        EXPECT_FALSE(in_frame && UseOf(split) != Use::kTraining);
        framed += in_frame;
      }
    }
  }
  EXPECT_GT(framed, 100);
}

}  // namespace
}  // namespace genba::envs
