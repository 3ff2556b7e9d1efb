#include "core/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace genba {
namespace {

const std::string kMixed = "a赤é🔩。";

TEST(Utf8, CharactersPutTogetherAreTheText) {
  const auto characters = Characters(kMixed);
  EXPECT_EQ(characters, (std::vector<std::string>{"a", "赤", "é", "🔩", "。"}));
  EXPECT_TRUE(Characters("").empty());
  const std::string broken = "\x80\xBF" + kMixed;  // begins in the middle of a character
  std::string whole;
  for (const std::string& character : Characters(broken)) whole += character;
  EXPECT_EQ(whole, broken);
}

TEST(Utf8, ACharacterIsItsCodePoint) {
  EXPECT_EQ(Utf8Character(0x8D64), "赤");
  EXPECT_EQ(Utf8Character(0x3042), "あ");
  EXPECT_EQ(Utf8Character(0xFF21), "Ａ");
  EXPECT_EQ(Utf8Character(0x0800), "ࠀ");
}

TEST(Utf8, ACutEndsBetweenTwoCharacters) {
  for (std::size_t bytes = 0; bytes <= kMixed.size() + 1; ++bytes) {
    const std::string_view cut = CutUtf8(kMixed, bytes);
    EXPECT_LE(cut.size(), bytes);
    EXPECT_TRUE(IsUtf8(cut)) << bytes;
    EXPECT_GT(cut.size() + 4, std::min(bytes, kMixed.size())) << "no more is left out than a character";
  }
}

}  // namespace
}  // namespace genba
