// What the default language model reads holds nothing that evaluation keeps to itself.
#include "trainer/pretrain_corpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/envs/held_out_words.h"

namespace genba::trainer {
namespace {

constexpr int kBatches = 120, kPairs = 32;

void ForEachText(const std::function<void(const std::string&)>& check) {
  for (std::uint64_t step = 0; step < kBatches; ++step) {
    for (const SaidTwice& pair : DrawSaidTwice(1, step, kPairs)) {
      for (const std::string* texts : {pair.texts, pair.heard}) {
        check(texts[0]);
        check(texts[1]);
      }
    }
  }
  for (const std::string& line : TokenizerLines(1, 2000)) check(line);
}

std::string HeldOutPairIn(const std::string& meaning) {
  for (int colour = 0; colour < envs::kNumColours; ++colour) {
    for (int shape = 0; shape < envs::kNumShapes; ++shape) {
      const auto c = static_cast<envs::Colour>(colour);
      const auto s = static_cast<envs::Shape>(shape);
      const std::string kind = std::string(envs::Name(c)) + " " + envs::Name(s);
      if (envs::IsHeldOutPair(c, s) && meaning.find(kind) != std::string::npos) return kind;
    }
  }
  return "";
}

TEST(Corpus, HoldsNoWordThatIsUnseen) {
  ForEachText([](const std::string& text) { EXPECT_FALSE(envs::HasUnseenWord(text)) << text; });
}

TEST(Corpus, HoldsNoPatternThatIsHeldOut) {
  for (const envs::Language language : {envs::Language::kEnglish, envs::Language::kJapanese}) {
    const auto held_out = envs::HeldOutPatterns(language);
    ASSERT_GT(held_out.size(), 80u);
    ForEachText([&](const std::string& text) {
      for (const auto& pieces : held_out) EXPECT_FALSE(envs::IsSaidIn(text, pieces)) << text << ": " << pieces.back();
    });
  }
}

TEST(Corpus, HoldsNoPairThatIsHeldOut) {
  for (std::uint64_t step = 0; step < kBatches; ++step) {
    for (const SaidTwice& pair : DrawSaidTwice(1, step, kPairs))
      EXPECT_EQ(HeldOutPairIn(pair.meaning), "") << pair.meaning;
  }
}

// Taught words are learned from phrases and from what is explained by them, never from the sentences that orders are
// said in: what is heard of them says so.
TEST(Corpus, TeachesWordsInPhrasesOnly) {
  int taught = 0;
  for (std::uint64_t step = 0; step < kBatches; ++step) {
    for (const SaidTwice& pair : DrawSaidTwice(1, step, kPairs)) {
      for (const std::string& text : pair.texts) EXPECT_FALSE(envs::HasTaughtWord(text)) << text;
      taught += envs::HasTaughtWord(pair.heard[0]);
    }
  }
  EXPECT_GT(taught, kBatches);
}

}  // namespace
}  // namespace genba::trainer
