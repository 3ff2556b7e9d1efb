// How people really say and type things: capitals, widths, missing marks, something said before or after, slips of the
// finger. What stands in a sentence stays; a slip changes one letter of one word.
#include <array>
#include <cctype>
#include <vector>

#include "core/utf8.h"
#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

using Texts = std::vector<const char*>;

const Texts kEnglishBefore{"Okay, ",
                           "OK robot, ",
                           "Good morning. ",
                           "Safety check done. ",
                           "Listen, ",
                           "Next job: ",
                           "Um, ",
                           "Well, ",
                           "So, ",
                           "Right, ",
                           "Hello there. ",
                           "All clear. ",
                           "Now, ",
                           "Alright, ",
                           "Here is the next one: ",
                           "Let's go on. ",
                           "One more thing: ",
                           "Ready? ",
                           "Er, ",
                           "Good evening everyone. "};
const Texts kEnglishAfter{" Thank you.", " Thanks a lot.", " Take your time.", " That's all for now.",
                          " Please.",    " Much obliged.", " Over.",           " As usual.",
                          " OK?",        " Nice and slow."};
const Texts kJapaneseBefore{"えーと、",
                            "あの、",
                            "じゃあ、",
                            "安全確認よし。",
                            "次の作業です。",
                            "お疲れさまです。",
                            "おはようございます。",
                            "それでは、",
                            "はい、",
                            "では、",
                            "ロボットさん、",
                            "準備よし。",
                            "ご安全に。",
                            "まず、",
                            "さて、",
                            "次はこれです。",
                            "えっと、",
                            "お願いがあります。",
                            "周囲確認よし。",
                            "続けます。"};
const Texts kJapaneseAfter{"よろしくお願いします。",
                           "頼みます。",
                           "お願いしますね。",
                           "ゆっくりでいいです。",
                           "以上です。",
                           "いつも通りで。",
                           "ありがとうございます。",
                           "頼んだよ。",
                           "急がなくていいです。",
                           "よろしく。"};

// Positions at which a character of UTF-8 begins, and the end.
std::vector<std::size_t> Beginnings(const std::string& text) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (StartsCharacter(text[i])) at.push_back(i);
  }
  at.push_back(text.size());
  return at;
}

bool IsLetter(const std::string& text, std::size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  return c >= 0x80 ? text.compare(at, 3, "。") != 0 && text.compare(at, 3, "、") != 0 : std::isalpha(c) != 0;
}

// Capitals throughout, or none. Bytes beyond ASCII stay.
std::string Cased(std::string text, bool upper) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) c = static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
  }
  return text;
}

std::string WithoutMarks(std::string text) {
  for (const std::string mark : {"。", "、", ".", ",", "?", "!"}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.erase(at, mark.size());
  }
  return text;
}

// ASCII letters, digits and marks as full-width ones.
std::string FullWidth(const std::string& text) {
  std::string wide;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F) {
      wide += c;
    } else {
      wide += Utf8Character(0xFF01 + byte - 0x21);
    }
  }
  return wide;
}

// Kanji are drawn from the common ones; what is no letter stays.
std::string AnotherLike(const std::string& letter, Rng& rng) {
  static const std::vector<std::string> kinds{
      "aeiou", "bcdfghjklmnpqrstvwxz",
      "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ",
      "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ",
      "山川田木水火土石金糸竹米貝車門雨雪風空星月森林池海島谷原野村町市国道橋駅店家屋室庭花草葉根実種虫魚鳥犬猫牛馬羊"};
  for (const std::string& kind : kinds) {
    if (kind.find(letter) == std::string::npos) continue;
    const std::vector<std::size_t> at = Beginnings(kind);
    const auto i = static_cast<std::size_t>(rng.Int(0, static_cast<int>(at.size()) - 2));
    return kind.substr(at[i], at[i + 1] - at[i]);
  }
  return letter.size() == 3 && letter >= "一" ? AnotherLike("山", rng) : letter;
}

std::string Around(const std::string& text, Language language, Rng& rng) {
  const bool english = language == Language::kEnglish;
  const bool before = rng.Chance(0.7);
  std::string said = text;
  if (before) {
    said = rng.Pick(english ? kEnglishBefore : kJapaneseBefore) + said;
    if (rng.Chance(0.25)) said = rng.Pick(english ? kEnglishBefore : kJapaneseBefore) + said;
  }
  if (!before || rng.Chance(0.3)) said += rng.Pick(english ? kEnglishAfter : kJapaneseAfter);
  return said;
}

}  // namespace

std::string WithAnotherLetter(const std::string& text, Rng& rng) {
  const std::vector<std::size_t> at = Beginnings(text);
  const auto i = static_cast<std::size_t>(rng.Int(0, static_cast<int>(at.size()) - 2));
  const std::string letter = AnotherLike(text.substr(at[i], at[i + 1] - at[i]), rng);
  return text.substr(0, at[i]) + letter + text.substr(at[i + 1]);
}

std::string WithSlip(const std::string& text, Rng& rng) {
  const std::vector<std::size_t> at = Beginnings(text);
  std::vector<std::size_t> inside;  // characters within words: a letter on each side
  for (std::size_t i = 1; i + 2 < at.size(); ++i) {
    if (IsLetter(text, at[i - 1]) && IsLetter(text, at[i]) && IsLetter(text, at[i + 1])) inside.push_back(i);
  }
  if (inside.empty()) return text;
  const std::size_t i = rng.Pick(inside);
  const auto piece = [&](std::size_t k) { return text.substr(at[k], at[k + 1] - at[k]); };
  const std::string before = text.substr(0, at[i]), here = piece(i), next = piece(i + 1),
                    after = text.substr(at[i + 2]);
  switch (rng.Int(0, 3)) {
    case 0:  // left out
      return before + next + after;
    case 1:  // twice
      return before + here + here + next + after;
    case 2:  // exchanged
      return before + next + here + after;
    default:  // another one of the same text
      return before + piece(rng.Pick(inside)) + next + after;
  }
}

std::string Varied(const std::string& text, Language language, Rng& rng) {
  const bool english = language == Language::kEnglish;
  std::string said = rng.Chance(0.4) ? Around(text, language, rng) : text;
  const double marks = rng.Uniform();
  if (marks < 0.2) said = WithoutMarks(said);
  const double letters = rng.Uniform();
  if (english && letters < 0.3) said = Cased(said, letters < 0.12);
  if (rng.Chance(english ? 0.03 : 0.1)) said = FullWidth(said);
  return said;
}

}  // namespace genba::envs
