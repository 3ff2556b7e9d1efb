// held_out_words.h - the grammar's words that are kept out of training, written independently of envs/language, for the
// tests of what is said in which split.
#pragma once
#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

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

}  // namespace genba::envs
