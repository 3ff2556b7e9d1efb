// The dictionary is heard, not told: phrases of training objects and places are drawn and cut into words, so that a word
// is in it exactly if training orders say it.
#include "envs/keywords.h"

#include <algorithm>
#include <map>
#include <optional>

#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

constexpr int kNumCounts = static_cast<int>(Count::kAll) + 1;
constexpr int kHearings = 12;  // of every order, half of them where there are more than it asks for

using Dictionary = std::map<std::string, std::vector<Keyword>>;

// What a phrase is worth to a spotter; nothing for those that only join others.
std::vector<Keyword> KeywordsOf(const Token& token) {
  switch (token.kind) {
    case TokenKind::kColour:
      return {{KeywordKind::kColour, token.value}};
    case TokenKind::kShape:
    case TokenKind::kShapes:
      return {{KeywordKind::kShape, token.value == kAnyShape ? kAnyPart : token.value}};
    case TokenKind::kPlace:
    case TokenKind::kBinAt:
      return {{KeywordKind::kPlace, token.value}};
    case TokenKind::kCount:
      return {{KeywordKind::kCount, token.value}};
    case TokenKind::kExcept:
      if (token.value == 0) return {{KeywordKind::kExcept}};
      return {{KeywordKind::kExcept}, {KeywordKind::kColour, token.value - 1}};
    default:
      return {};
  }
}

Dictionary EveryPhrase(const Grammar& grammar) {
  Dictionary phrases;
  for (const Phrase& phrase : grammar.phrases()) phrases.try_emplace(Normalised(phrase.text), KeywordsOf(phrase.token));
  return phrases;
}

// Every set of parts; the places in turn.
std::vector<Order> OrdersToHear() {
  std::vector<Order> orders;
  for (int colour = 0; colour <= 2 * kNumColours; ++colour) {  // plain, excluded, none
    for (int rest = 0; rest < (kNumShapes + 1) * kNumCounts; ++rest) {
      const int shape = rest / kNumCounts;
      Order order{Verb::kPick, {}, static_cast<PlaceWord>(1 + static_cast<int>(orders.size()) % kNumPlaces)};
      order.objects = {
          colour < 2 * kNumColours, static_cast<Colour>(colour % kNumColours), colour / kNumColours == 1,
          shape < kNumShapes,       static_cast<Shape>(shape % kNumShapes),    static_cast<Count>(rest % kNumCounts)};
      orders.push_back(order);
    }
  }
  return orders;
}

void Hear(const Grammar& grammar, const Order& order, bool spare, Rng& rng, Dictionary& heard) {
  static const Dictionary english = EveryPhrase(English()), japanese = EveryPhrase(Japanese());
  const Dictionary& known = grammar.language == Language::kEnglish ? english : japanese;
  WordPicker words(rng, Split::kTrain, 0, spare);
  for (const char* pattern : {"{obj} {place}", "{objo} {place}"}) {
    for (const std::string& word : SplitWords(grammar.say(order, {"", pattern}, words))) {
      const auto phrase = known.find(word);
      if (phrase != known.end() && !phrase->second.empty()) heard.insert(*phrase);
    }
  }
}

const Dictionary& TrainingWords() {
  static const Dictionary words = [] {
    Dictionary heard;
    Rng rng(0, 0, "keywords");
    for (const Grammar* grammar : {&English(), &Japanese()}) {
      for (const Order& order : OrdersToHear()) {
        for (int i = 0; i < kHearings; ++i)
          Hear(*grammar, order, i % 2 == 1 && order.objects.count != Count::kAll, rng, heard);
      }
    }
    return heard;
  }();
  return words;
}

std::size_t LongestWord() {
  static const std::size_t longest = [] {
    std::size_t n = 0;
    for (const auto& [word, keywords] : TrainingWords()) n = std::max(n, word.size());
    return n;
  }();
  return longest;
}

// Inside an English word.
bool IsInside(const std::string& text, std::size_t at) {
  return at > 0 && at < text.size() && IsWordByte(text[at - 1]) && IsWordByte(text[at]);
}

const Dictionary::value_type* LongestAt(const std::string& text, std::size_t begin) {
  if (IsInside(text, begin)) return nullptr;
  for (std::size_t end = std::min(begin + LongestWord(), text.size()); end > begin; --end) {
    const auto found = TrainingWords().find(text.substr(begin, end - begin));
    if (found != TrainingWords().end() && !IsInside(text, end)) return &*found;
  }
  return nullptr;
}

}  // namespace

SpottedText SpotKeywords(const std::string& text) {
  const std::string read = Normalised(text);
  SpottedText spotted{{}, " "};
  for (std::size_t at = 0; at < read.size();) {
    const auto* found = LongestAt(read, at);
    spotted.rest += found == nullptr ? read[at] : ' ';
    at += found == nullptr ? 1 : found->first.size();
    if (found != nullptr) spotted.keywords.insert(spotted.keywords.end(), found->second.begin(), found->second.end());
  }
  spotted.rest += ' ';
  return spotted;
}

}  // namespace genba::envs
