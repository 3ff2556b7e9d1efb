#include "envs/language.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "envs/language/grammar.h"
#include "tests/envs/every_order.h"
#include "tests/envs/held_out_words.h"

namespace genba::envs {
namespace {

constexpr std::array<Language, 2> kLanguages{Language::kEnglish, Language::kJapanese};

// By its name: "en.p3", "en.k3", "en.h3".
Use UseOfTemplate(const std::string& id) {
  if (id.find(".h") != std::string::npos) return Use::kEvaluation;
  return id.find(".k") != std::string::npos ? Use::kCalibration : Use::kTraining;
}

bool IsOfGrammar(const Utterance& said, Verb verb) {
  for (const Template& sentence : TemplatesOf(GrammarOf(said.language), verb)) {
    if (said.template_id == sentence.id) return sentence.of_grammar;
  }
  return true;
}

// The inverse check, and with it that splits keep what they promise.
TEST(Language, EverySentenceMeansItsOrderAndNoOther) {
  std::uint64_t number = 0;
  for (const Order& order : EveryOrder()) {
    for (const Language language : kLanguages) {
      for (const Split split : kSplits) {
        for (std::uint64_t draw = 0; draw < 30; ++draw) {
          Rng rng(3, number++, "test");
          const bool spare = order.objects.count != Count::kAll && draw % 2 == 1;
          const Utterance said = Say(order, language, split, rng, spare);
          const auto understood = Understand(said.text);
          ASSERT_TRUE(understood || !IsOfGrammar(said, order.verb)) << said.text << "  " << ToText(order);
          ASSERT_EQ(understood.value_or(order), order)
              << said.text << "  " << ToText(order) << " understood as " << ToText(understood.value_or(order));
          ASSERT_EQ(HasTaughtWord(said.text), split == Split::kTaught) << said.text;
          ASSERT_EQ(HasUnseenWord(said.text), split == Split::kUnseen) << said.text;
          ASSERT_EQ(UseOfTemplate(said.template_id), UseOf(split)) << said.text;
          ASSERT_EQ(said.text.find('{'), std::string::npos) << said.text;
        }
      }
    }
  }
}

TEST(Language, TextsAreAFunctionOfTheDraw) {
  const Order order = OrderFromText("pick(two red bolt -> left bin)", "test");
  for (const Language language : kLanguages) {
    std::set<std::string> texts;
    for (std::uint64_t episode = 0; episode < 200; ++episode) {
      Rng a(1, episode, "language"), b(1, episode, "language");
      const std::string text = Say(order, language, Split::kTrain, a).text;
      EXPECT_EQ(text, Say(order, language, Split::kTrain, b).text);
      texts.insert(text);
    }
    EXPECT_GT(texts.size(), 100u);  // a grammar, not a list
  }
}

TEST(Language, SomeOrdersEndWithoutAStop) {
  const Order order = OrderFromText("reach(one red bolt)", "test");
  for (const Language language : kLanguages) {
    const std::string stop = language == Language::kEnglish ? "." : "。", force = stop == "." ? "!" : "！";
    std::map<std::string, int> ends;
    for (std::uint64_t draw = 0; draw < 1000; ++draw) {
      Rng rng(5, draw, "test");
      const std::string text = Say(order, language, Split::kTrain, rng).text;
      ++ends[text.ends_with(stop) ? stop : text.ends_with(force) ? force : text.ends_with("?") ? "?" : ""];
    }
    EXPECT_GT(ends[stop], 600);
    EXPECT_NEAR(ends[""], 100, 40);
    EXPECT_NEAR(ends[force], 40, 25);
  }
}

// Every phrase of both grammars that is in text, longest first, where it stands; everything else is passed over.
std::map<TokenKind, std::set<int>> MeaningIn(const std::string& text, const Grammar& grammar) {
  std::string lower = text;
  for (char& c : lower)
    c = static_cast<char>(static_cast<unsigned char>(c) < 0x80 ? std::tolower(static_cast<unsigned char>(c)) : c);
  const auto phrases = grammar.phrases();
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; };
  std::map<TokenKind, std::set<int>> found;
  for (std::size_t at = 0; at < lower.size();) {
    const Phrase* longest = nullptr;
    for (const Phrase& phrase : phrases) {
      const std::size_t end = at + phrase.text.size();
      if (lower.compare(at, phrase.text.size(), phrase.text) != 0 ||
          (longest != nullptr && phrase.text.size() <= longest->text.size()))
        continue;
      if (is_word(lower[end - 1]) &&
          ((end < lower.size() && is_word(lower[end])) || (at > 0 && is_word(lower[at - 1]))))
        continue;
      longest = &phrase;
    }
    if (longest != nullptr) found[longest->token.kind].insert(longest->token.value);
    at += longest != nullptr ? longest->text.size() : 1;
  }
  return found;
}

// What stands in the grammar's held-out templates and in no other. What other authors kept shares words with everything.
std::vector<std::string> TellingPhrases(const Grammar& grammar) {
  std::vector<std::string> phrases;
  for (const auto* templates : {&grammar.pick, &grammar.reach}) {
    for (const Template& sentence : *templates) {
      if (!sentence.of_grammar) continue;
      for (const std::string& piece : LiteralPieces(sentence.text)) {
        if (sentence.use != Use::kTraining && piece.size() > 10) phrases.push_back(piece);
      }
    }
  }
  return phrases;
}

bool Holds(const std::string& text, const std::string& phrase) { return text.find(phrase) != std::string::npos; }

TEST(Language, TemplatesOfEachUseShareNoTellingPhrase) {
  for (const Grammar* grammar : {&English(), &Japanese()}) {
    std::map<std::string, std::set<Use>> uses;
    for (const auto* templates : {&grammar->pick, &grammar->reach}) {
      for (const Template& sentence : *templates) {
        EXPECT_EQ(UseOfTemplate(sentence.id), sentence.use);
        if (!sentence.of_grammar) continue;
        for (const std::string& phrase : TellingPhrases(*grammar)) {
          if (Holds(sentence.text, phrase)) uses[phrase].insert(sentence.use);
        }
      }
    }
    for (const auto& [phrase, of] : uses) EXPECT_EQ(of.size(), 1u) << phrase;
  }
}

TEST(Language, LooseSentencesKeepTheirPhrasesAndNoHeldOutPattern) {
  std::set<std::string> patterns;
  for (const Language language : kLanguages) {
    const Grammar& grammar = GrammarOf(language);
    for (std::uint64_t draw = 0; draw < 1000; ++draw) {
      Rng rng(11, draw, "loose");
      const Order order = Corpus(draw, 1).front().order;
      const std::string text = SayLoosely(order, language, Split::kTrain, rng).text;
      Rng again(11, draw, "loose");
      ASSERT_EQ(SayLoosely(order, language, Split::kTrain, again).text, text);
      auto meaning = MeaningIn(text, grammar);
      auto shapes = meaning[TokenKind::kShape];
      shapes.merge(meaning[TokenKind::kShapes]);
      EXPECT_EQ(shapes, std::set<int>{order.objects.has_shape ? static_cast<int>(order.objects.shape) : kAnyShape})
          << text;
      const bool colour_said =
          order.objects.has_colour && (language == Language::kEnglish || !order.objects.negated_colour);
      EXPECT_EQ(meaning[TokenKind::kColour],
                colour_said ? std::set<int>{static_cast<int>(order.objects.colour)} : std::set<int>{})
          << text;
      meaning[TokenKind::kPlace].merge(meaning[TokenKind::kBinAt]);
      EXPECT_EQ(meaning[TokenKind::kPlace],
                order.place == PlaceWord::kNone ? std::set<int>{} : std::set<int>{static_cast<int>(order.place)})
          << text;
      EXPECT_EQ(meaning.contains(TokenKind::kExcept), order.objects.negated_colour) << text;
      EXPECT_FALSE(HasTaughtWord(text) || HasUnseenWord(text)) << text;
      for (const std::string& phrase : TellingPhrases(grammar)) EXPECT_FALSE(Holds(text, phrase)) << text;
    }
  }
}

TEST(Language, ThereAreEnoughTemplatesOfEachKind) {
  for (const Grammar* grammar : {&English(), &Japanese()}) {
    for (const auto* templates : {&grammar->pick, &grammar->reach}) {
      std::map<Use, int> count;
      std::set<std::string> texts;
      for (const Template& sentence : *templates) {
        ++count[sentence.use];
        EXPECT_TRUE(texts.insert(sentence.text).second) << sentence.text;
      }
      EXPECT_GE(count[Use::kTraining], templates == &grammar->pick ? 45 : 30);
      EXPECT_GE(count[Use::kCalibration], 3);
      EXPECT_GE(count[Use::kEvaluation], 4);
    }
  }
  const Order order = OrderFromText("reach(one blue gear)", "test");
  EXPECT_GE(Examples(order, Language::kJapanese).size(), 16u);
}

TEST(Language, WhatIsOutsideTheGrammarIsNotGuessed) {
  for (const char* text : {"",
                           "hello",
                           "the red bolt",
                           "put the red bolt",
                           "hover over the red bolt in the left bin",
                           "put the red and the blue bolt in the left bin",
                           "put the red bolt in the left bin or the right bin",
                           "put the red bolt in the bin",
                           "put the bolt in the red bin",
                           "put the red bolt that is not red in the left bin",
                           "紫ではない紫のギアを中央のケースへ入れて。",
                           "put the bolt in the left red bin",
                           "put the bolt in the red left bin",
                           "put the red bolt not in the left bin",
                           "put the bolt that is not red in the not left bin",
                           "put red bolts in the left bin",
                           "do not put the red bolt in the left bin",
                           "put the reddish bolt in the left bin",
                           "put the bolt and the nut in the left bin",
                           "go above both red bolts",
                           "Where is the red bolt?",
                           "Is the red bolt in the left bin?",
                           "The red bolt is in the left bin.",
                           "Have you put the red bolt in the left bin?",
                           "Who put the red bolt in the left bin?",
                           "Hand me the red bolt.",
                           "gear the me show",
                           "show me bolt the red",
                           "put the bolt red in the left bin",
                           "put red the bolt in the left bin",
                           "bolt go the to",
                           "put the red bolt in the left bin on the right",
                           "ボルト赤いを左の箱に入れて。",
                           "赤いボルト",
                           "赤いボルトを青い箱に入れて。",
                           "赤いボルトを入れてください。",
                           "左の箱に入れて。",
                           "赤いボルトを左の箱か右の箱に入れて。",
                           "\xff\xfe"}) {
    const auto order = Understand(text);
    EXPECT_FALSE(order.has_value()) << text << " understood as " << ToText(*order);
  }
}

TEST(Language, HandWrittenSentencesAreUnderstood) {
  const std::map<std::string, std::string> sentences{
      {"Could you place both crimson screws in the left-hand box?", "pick(two red bolt -> left bin)"},
      {"put every nut except the green ones in the central container", "pick(all nut except green -> middle bin)"},
      {"Take the violet cog and drop it in the right bin.", "pick(one purple gear -> right bin)"},
      {"go to the hex nut that is not blue", "reach(one nut except blue)"},
      {"赤いボルトを2本左の箱に入れてください。", "pick(two red bolt -> left bin)"},
      {"右側の箱へ緑以外のナットを全部移してください。", "pick(all nut except green -> right bin)"},
      {"白いはぐるまの真上へ動いてください。", "reach(one white gear)"},
      {"３個の黄色いナットを中央のケースに移せ。", "pick(three yellow nut -> middle bin)"},
      {"すべての部品は左の箱に入れます。", "pick(all part -> left bin)"},
      {"move the red bolt into the left bin", "pick(one red bolt -> left bin)"},
      {"Ｐｕｔ　ｔｈｅ　ｒｅｄ　ｂｏｌｔ　ｉｎ　ｔｈｅ　ｌｅｆｔ　ｂｉｎ．", "pick(one red bolt -> left bin)"},
      {"Red bolt into the left bin, please.", "pick(one red bolt -> left bin)"},
      {"THE RIGHT BIN: TWO GREEN NUTS", "pick(two green nut -> right bin)"},
      {"Put the red bolt in the bin on the left!", "pick(one red bolt -> left bin)"},
      {"赤ボルトを左の箱に入れて！", "pick(one red bolt -> left bin)"},
      {"赤いボルト、左の箱。", "pick(one red bolt -> left bin)"},
      {"左のはこにはぐるまをすべて入れて。", "pick(all gear -> left bin)"},
      {"青いﾅｯﾄを２個右の箱に入れて｡", "pick(two blue nut -> right bin)"}};
  for (const auto& [text, expected] : sentences) {
    const auto order = Understand(text);
    ASSERT_TRUE(order.has_value()) << text;
    EXPECT_EQ(ToText(*order), expected) << text;
  }
}

TEST(Language, JapaneseIsCutIntoItsWords) {
  EXPECT_EQ(SplitWords("赤いボルトを2本左の箱に入れてください。"),
            (std::vector<std::string>{"赤い", "ボルト", "を", "2本", "左の", "箱", "に入れてください"}));
  EXPECT_EQ(SplitWords("青い ﾅｯﾄ"), (std::vector<std::string>{"青い", "ナット"}));
  EXPECT_EQ(SplitWords("銀の鍵"), (std::vector<std::string>{"銀の鍵"}));
  for (const CorpusLine& line : Corpus(6, 500)) {
    const ObjectSet& set = line.order.objects;
    EXPECT_FALSE(set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape)) << line.text;
    EXPECT_GT(SplitWords(line.text).size(), 1u) << line.text;
  }
}

// The negative control of the inverse check: one changed word is another order.
TEST(Language, AChangedWordChangesTheOrder) {
  const Order order = *Understand("put the red bolt in the left bin");
  EXPECT_NE(*Understand("put the blue bolt in the left bin"), order);
  EXPECT_NE(*Understand("put the red nut in the left bin"), order);
  EXPECT_NE(*Understand("put the red bolt in the right bin"), order);
  EXPECT_NE(*Understand("put all the red bolts in the left bin"), order);
  EXPECT_NE(*Understand("put the bolt that is not red in the left bin"), order);
}

TEST(Language, HeldOutPairsLeaveEveryColourAndShapeToTraining) {
  int held_out = 0;
  std::map<int, int> by_colour, by_shape;
  for (int c = 0; c < kNumColours; ++c) {
    for (int s = 0; s < kNumShapes; ++s) {
      const bool held = IsHeldOutPair(static_cast<Colour>(c), static_cast<Shape>(s));
      held_out += held;
      by_colour[c] += !held;
      by_shape[s] += !held;
    }
  }
  EXPECT_EQ(held_out, 4);
  for (const auto& [colour, count] : by_colour) EXPECT_GE(count, 1);
  for (const auto& [shape, count] : by_shape) EXPECT_GE(count, 3);
}

TEST(Corpus, IsDeterministicSoundAndHoldsNoUnseenWordAndNoHeldOutTemplate) {
  const auto lines = Corpus(5, 2000);
  ASSERT_EQ(lines.size(), 2000u);
  std::vector<std::string> phrases = TellingPhrases(English());
  for (const std::string& phrase : TellingPhrases(Japanese())) phrases.push_back(phrase);
  int japanese = 0, taught_words = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ASSERT_EQ(Understand(lines[i].text), lines[i].order) << lines[i].text;
    japanese += lines[i].language == Language::kJapanese;
    taught_words += HasTaughtWord(lines[i].text);
    ASSERT_FALSE(HasUnseenWord(lines[i].text)) << lines[i].text;
    for (const std::string& phrase : phrases) ASSERT_FALSE(Holds(lines[i].text, phrase)) << lines[i].text;
  }
  EXPECT_EQ(Corpus(5, 100)[99].text, lines[99].text);
  EXPECT_GT(japanese, 800);
  EXPECT_GT(taught_words, 700);
}

// What a given sentence leaves open is filled from the scene: the order's own words, and what is not there is not there.
TEST(Language, SlotsOfGivenSentencesAreFilledFromTheScene) {
  const std::vector<ScenePart> parts{
      {Colour::kRed, Shape::kBolt}, {Colour::kRed, Shape::kBolt}, {Colour::kBlue, Shape::kNut}};
  const Order order = OrderFromText("pick(one red bolt -> left bin)", "test");
  for (std::uint64_t draw = 0; draw < 50; ++draw) {
    for (const auto& [language, text] :
         {std::pair{Language::kEnglish, "Put {part} in {bin}."}, {Language::kJapanese, "{part}を{bin}に入れて。"}}) {
      Rng rng(1, draw, "fill");
      const auto filled = Filled(text, {order, parts}, language, rng);
      ASSERT_TRUE(filled);
      const auto understood = Understand(*filled);
      ASSERT_TRUE(understood) << *filled;
      EXPECT_EQ(*understood, order) << *filled;
    }
    Rng rng(1, draw, "absent");
    const auto absent = Understand(Filled("Put {absent} in {bin}.", {order, parts}, Language::kEnglish, rng).value());
    ASSERT_TRUE(absent);
    EXPECT_TRUE(Referents(*absent, parts).empty());
    const char first = Filled("{part}!", {order, parts}, Language::kEnglish, rng).value()[0];
    EXPECT_TRUE(first >= 'A' && first <= 'Z');
    EXPECT_EQ(Filled("{shape}", {order, parts}, Language::kEnglish, rng).value().find('{'), std::string::npos);
  }
  std::vector<ScenePart> everything;
  for (int kind = 0; kind < kNumColours * kNumShapes; ++kind)
    everything.push_back({static_cast<Colour>(kind / kNumShapes), static_cast<Shape>(kind % kNumShapes)});
  Rng rng(1, 0, "full");
  EXPECT_FALSE(Filled("Take {absent}.", {order, everything}, Language::kEnglish, rng));
  EXPECT_FALSE(Filled("{bin}", {OrderFromText("reach(one red bolt)", "test"), parts}, Language::kEnglish, rng));
  EXPECT_EQ(Filled("No slot.", {order, parts}, Language::kEnglish, rng), "No slot.");
}

}  // namespace
}  // namespace genba::envs
