// held_out_words.h - the grammar's words that are kept out of training, written independently of envs/language, for the
// tests of what is said in which split.
#pragma once
#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "envs/language/refusal_grammar.h"

namespace genba::envs {

inline bool HasOneOf(const std::vector<std::string>& words, const std::string& text) {
  std::string lower = text;
  for (char& c : lower)
    c = static_cast<char>(static_cast<unsigned char>(c) < 0x80 ? std::tolower(static_cast<unsigned char>(c)) : c);
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return lower.find(word) != std::string::npos; });
}

// Words that are only allowed in Split::kTaught and in the language corpus, as they stand in a sentence.
inline const std::vector<std::string>& TaughtWords() {
  static const std::vector<std::string> words{
      "scarlet",      "navy",     "jade",     "amber",    "lilac",          "snowy",       "fastener",
      "lock nut",     "sprocket", "item",     "leftmost", "central",        "rightmost",   "container",
      "deposit",      "travel",   "pair of",  "trio of",  "each and every", "apart from",  "真紅",
      "ブルー",       "グリーン", "イエロー", "パープル", "ホワイト",       "ビス",        "ロックナット",
      "スプロケット", "ワーク",   "左端",     "センター", "右端",           "トレー",      "一点",
      "二点",         "三点",     "残らず",   "あらゆる", "any one of the", "a couple of", "any three of the",
      "任意の"};
  return words;
}
inline bool HasTaughtWord(const std::string& text) { return HasOneOf(TaughtWords(), text); }

// Words that are only allowed in Split::kUnseen.
inline const std::vector<std::string>& UnseenWords() {
  static const std::vector<std::string> words{
      "ruby",       "cobalt",   "lime",      "lemon", "mauve",  "chalky", "stud",   "wingnut", "pinion", "component",
      "portside",   "midmost",  "starboard", "crate", "緋色",   "紺色",   "若草色", "山吹色",  "すみれ", "ミルク色",
      "スクリュー", "袋ナット", "ピニオン",  "部材",  "左手の", "中ほど", "右手の", "容器"};
  return words;
}
inline bool HasUnseenWord(const std::string& text) { return HasOneOf(UnseenWords(), text); }

// A pattern is said where everything that stands between its slots is, in its order.
inline bool IsSaidIn(const std::string& text, const std::vector<std::string>& pieces) {
  std::size_t from = 0;
  for (const std::string& piece : pieces) {
    const std::size_t at = text.find(piece, from);
    if (at == std::string::npos) return false;
    from = at + piece.size();
  }
  return true;
}

// What stands between the slots of every pattern that is held out from training and long enough to be known again, marks
// at the end left out.
inline std::vector<std::vector<std::string>> HeldOutPatterns(Language language) {
  constexpr std::size_t kKnownAgain = 16;  // [bytes]
  std::vector<std::vector<std::string>> patterns;
  const auto add = [&](const std::string& text) {
    std::vector<std::string> pieces = LiteralPieces(text);
    if (!pieces.empty()) pieces.back().erase(pieces.back().find_last_not_of(".?!") + 1);
    std::size_t size = 0;
    for (const std::string& piece : pieces) size += piece.size();
    if (size >= kKnownAgain) patterns.push_back(pieces);
  };
  for (const Verb verb : {Verb::kPick, Verb::kReach}) {
    for (const Template& sentence : TemplatesOf(GrammarOf(language), verb)) {
      if (sentence.use != Use::kTraining) add(sentence.text);
    }
  }
  for (const FamilyPatterns& family : RefusalGrammarOf(language).families) {
    const bool held_out = std::string(family.family).starts_with("held_out.");
    for (const PatternList* list : {&family.both, &family.pick, &family.reach}) {
      for (const Pattern& pattern : *list) {
        // What is an order but for the {event} that it waits for is known by the words of that list.
        const bool by_slot = std::string(pattern.text).find("{event}") != std::string::npos;
        if (!by_slot && (held_out || pattern.use != Use::kTraining)) add(pattern.text);
      }
    }
  }
  return patterns;
}

}  // namespace genba::envs
