// Sentences back to orders: longest-match reading with the words of both grammars, then a handful of rules. Whatever
// the rules cannot place for certain is refused; a robot does not act on a guess.
#include <utf8proc.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <memory>

#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

bool IsWordByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; }

// Unicode NFKC: half-width ﾎﾞﾙﾄ is ボルト and full-width ３ is 3. What is not UTF-8 is in no dictionary and stays as it
// is.
std::string Compatible(const std::string& text) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto flags = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped, flags);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(mapped, &std::free);
  if (length < 0) return text;
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)};
}

// NFKC, lower case, no punctuation, single spaces; Japanese marks removed.
std::string Normalised(const std::string& raw) {
  const std::string text = Compatible(raw);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.starts_with("。") || rest.starts_with("、")) {
      i += 2;
      continue;
    }
    const char c = text[i];
    if (c == '.' || c == ',' || c == '?' || c == '!') continue;
    if (c == ' ' || c == '\t' || c == '\n') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += static_cast<char>(static_cast<unsigned char>(c) < 0x80 ? std::tolower(static_cast<unsigned char>(c)) : c);
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

using Dictionary = std::map<std::string, Token>;

void AddAction(Dictionary& dictionary, const std::string& text, int verb) {
  const auto [entry, is_new] = dictionary.try_emplace(text, Token{TokenKind::kAction, verb});
  if (!is_new && entry->second.kind == TokenKind::kAction) entry->second.value |= verb;
}

// A template's own words say that something is to be done, and what: without any of them a text is no instruction.
void AddTemplateWords(const Grammar& grammar, Dictionary& dictionary) {
  for (const auto* templates : {&grammar.pick, &grammar.reach}) {
    const int verb = templates == &grammar.pick ? kSaysPick : kSaysReach;
    for (const Template& sentence : *templates) {
      for (const std::string& piece : LiteralPieces(sentence.text)) {
        const std::string text = Normalised(piece);
        if (text.empty()) continue;
        if (grammar.language == Language::kJapanese) {
          if (text.size() > 3)
            AddAction(dictionary, text, verb);
          else
            dictionary.try_emplace(text, Token{TokenKind::kFiller});
          continue;
        }
        for (std::size_t from = 0; from < text.size();) {
          const std::size_t end = std::min(text.find(' ', from), text.size());
          if (end > from) AddAction(dictionary, text.substr(from, end - from), verb);
          from = end + 1;
        }
      }
    }
  }
}

const Dictionary& Words() {
  static const Dictionary dictionary = [] {
    Dictionary words;
    for (const Grammar* grammar : {&English(), &Japanese()}) {
      for (const Phrase& phrase : grammar->phrases()) words.try_emplace(Normalised(phrase.text), phrase.token);
      AddTemplateWords(*grammar, words);
    }
    return words;
  }();
  return dictionary;
}

std::size_t LongestWord() {
  static const std::size_t longest = [] {
    std::size_t n = 0;
    for (const auto& [word, token] : Words()) n = std::max(n, word.size());
    return n;
  }();
  return longest;
}

// The longest dictionary phrase at `at`; an English one must end where its word ends.
std::optional<std::pair<std::size_t, Token>> Match(const std::string& text, std::size_t at) {
  for (std::size_t length = std::min(LongestWord(), text.size() - at); length > 0; --length) {
    const auto found = Words().find(text.substr(at, length));
    if (found == Words().end()) continue;
    const std::size_t end = at + length;
    if (IsWordByte(text[end - 1]) && end < text.size() && IsWordByte(text[end])) continue;
    return std::pair(length, found->second);
  }
  return std::nullopt;
}

struct FoundWord {
  std::string text;
  Token token;
};

// All of a normalised text, or nothing when a part of it is in no dictionary.
std::optional<std::vector<FoundWord>> FindWords(const std::string& text) {
  std::vector<FoundWord> words;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const auto match = Match(text, at);
    if (!match) return std::nullopt;
    words.push_back({text.substr(at, match->first), match->second});
    at += match->first;
  }
  return words;
}

// A slot of the order that may be said more than once, but not differently.
class Slot {
 public:
  void Set(int value) {
    contradicted_ = contradicted_ || (value_ >= 0 && value_ != value);
    value_ = value;
  }
  int value() const { return value_; }
  bool filled() const { return value_ >= 0; }
  bool contradicted() const { return contradicted_; }

 private:
  int value_ = -1;
  bool contradicted_ = false;
};

struct Reading {
  Slot colour, shape, place, count;
  bool negated = false, action = false, bin = false, plural = false, misplaced = false;
  int verbs = kSaysPick | kSaysReach;   // what every word so far allows
  TokenKind last = TokenKind::kFiller;  // that is no filler

  void Add(const Token& token) {
    if (token.kind == TokenKind::kFiller) return;
    misplaced = misplaced || !MayFollow(token);
    open_negation_ = token.kind == TokenKind::kExcept && token.value == 0;
    last = token.kind;
    switch (token.kind) {
      case TokenKind::kColour:
        colour.Set(token.value);
        break;
      case TokenKind::kShape:
        shape.Set(token.value);
        break;
      case TokenKind::kShapes:
        shape.Set(token.value);
        plural = true;
        break;
      case TokenKind::kPlace:
        place.Set(token.value);
        break;
      case TokenKind::kCount:
        count.Set(token.value);
        break;
      case TokenKind::kExcept:  // value 0: the colour is a word of its own; otherwise colour + 1
        negated = true;
        if (token.value > 0) colour.Set(token.value - 1);
        break;
      case TokenKind::kBin:
        bin = true;
        break;
      case TokenKind::kAction:
        action = true;
        verbs &= token.value;
        break;
      case TokenKind::kFiller:
        break;
    }
  }
  int verb() const { return place.filled() ? kSaysPick : kSaysReach; }
  bool Sound() const {
    const bool contradicted =
        colour.contradicted() || shape.contradicted() || place.contradicted() || count.contradicted();
    const bool counted = count.filled() && count.value() != static_cast<int>(Count::kOne);
    return !contradicted && !misplaced && !open_negation_ && shape.filled() && action && (verbs & verb()) != 0 &&
           bin == place.filled() && (!plural || counted);
  }

 private:
  // "not" is about a colour and nothing else; a bin is named by its place and has no colour.
  bool MayFollow(const Token& token) const {
    if (open_negation_) return token.kind == TokenKind::kColour;
    if (token.kind == TokenKind::kBin) return last == TokenKind::kPlace;
    if (token.kind == TokenKind::kPlace) return last != TokenKind::kColour;
    return last != TokenKind::kPlace;
  }
  bool open_negation_ = false;
};

}  // namespace

std::vector<std::string> SplitWords(const std::string& text) {
  const std::string normalised = Normalised(text);
  std::vector<std::string> split;
  const auto words = FindWords(normalised);
  if (!words) return {normalised};
  for (const FoundWord& word : *words) split.push_back(word.text);
  return split;
}

std::optional<Order> Understand(const std::string& text) {
  const auto words = FindWords(Normalised(text));
  if (!words) return std::nullopt;
  Reading reading;
  for (const FoundWord& word : *words) reading.Add(word.token);
  if (!reading.Sound()) return std::nullopt;
  Order order;
  order.verb = reading.place.filled() ? Verb::kPick : Verb::kReach;
  order.place = reading.place.filled() ? static_cast<PlaceWord>(reading.place.value()) : PlaceWord::kNone;
  ObjectSet& set = order.objects;
  set.has_colour = reading.colour.filled();
  if (set.has_colour) set.colour = static_cast<Colour>(reading.colour.value());
  set.negated_colour = reading.negated;
  set.has_shape = reading.shape.value() != kAnyShape;
  if (set.has_shape) set.shape = static_cast<Shape>(reading.shape.value());
  set.count = reading.count.filled() ? static_cast<Count>(reading.count.value()) : Count::kOne;
  if (order.verb == Verb::kReach && set.count != Count::kOne) return std::nullopt;
  return order;
}

}  // namespace genba::envs
