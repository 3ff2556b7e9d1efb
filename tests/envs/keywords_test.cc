// Laws of the keywords: training words and no others, whole words, wherever they stand; the rest is left as it is read.
#include "envs/keywords.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "envs/order.h"
#include "tests/envs/held_out_words.h"

namespace genba::envs {
namespace {

std::vector<int> Values(const std::string& text, KeywordKind kind) {
  std::vector<int> values;
  for (const Keyword& keyword : SpotKeywords(text).keywords) {
    if (keyword.kind == kind) values.push_back(keyword.value);
  }
  return values;
}

TEST(Keywords, StandWhereverTheyStand) {
  using Ints = std::vector<int>;
  for (const char* text : {"wugo RED. fip two left? screws", "ふが２本ほげ赤いﾎﾞﾙﾄ左のぱ"}) {
    EXPECT_EQ(Values(text, KeywordKind::kColour), Ints{static_cast<int>(Colour::kRed)}) << text;
    EXPECT_EQ(Values(text, KeywordKind::kShape), Ints{static_cast<int>(Shape::kBolt)}) << text;
    EXPECT_EQ(Values(text, KeywordKind::kPlace), Ints{static_cast<int>(PlaceWord::kLeft)}) << text;
    EXPECT_EQ(Values(text, KeywordKind::kCount), Ints{static_cast<int>(Count::kTwo)}) << text;
  }
  EXPECT_EQ(Values("部品", KeywordKind::kShape), Ints{kAnyPart});
}

TEST(Keywords, AreWholeEnglishWords) { EXPECT_TRUE(SpotKeywords("bored boltless unleft tworeds").keywords.empty()); }

TEST(Keywords, ExclusionNamesItsColour) {
  for (const char* text : {"that is not red", "except the red one", "赤以外の", "赤くない"}) {
    EXPECT_EQ(Values(text, KeywordKind::kExcept).size(), 1u) << text;
    EXPECT_EQ(Values(text, KeywordKind::kColour), std::vector<int>{static_cast<int>(Colour::kRed)}) << text;
  }
}

TEST(Keywords, NoTaughtAndNoUnseenWordIsOne) {
  // These have a training word inside.
  const std::vector<std::string> composed{"lock nut",         "each and every", "any one of the",
                                          "any three of the", "ロックナット",   "袋ナット"};
  for (const auto* words : {&TaughtWords(), &UnseenWords()}) {
    for (const std::string& word : *words) {
      const bool is_composed = std::find(composed.begin(), composed.end(), word) != composed.end();
      EXPECT_EQ(SpotKeywords("xx " + word + " yy").keywords.empty(), !is_composed) << word;
    }
  }
  EXPECT_NE(SpotKeywords("the lock nut").rest.find(" lock "), std::string::npos);
}

TEST(Keywords, TheRestIsWhatStandsBetween) {
  EXPECT_EQ(SpotKeywords("Don't touch the red bolt!").rest, " don't touch the     ");
  EXPECT_EQ(SpotKeywords("").rest, "  ");
  EXPECT_EQ(SpotKeywords("\xff\xfe red").keywords.size(), 1u);  // no UTF-8
}

}  // namespace
}  // namespace genba::envs
