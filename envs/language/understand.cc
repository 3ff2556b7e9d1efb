// Sentences back to frames: longest-match reading with the words of both grammars, then a handful of rules.
#include <algorithm>
#include <cctype>
#include <map>

#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

bool IsWordByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; }

// Lower case, no punctuation, single spaces; Japanese marks removed.
std::string Normalised(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.starts_with("。") || rest.starts_with("、") || rest.starts_with("　")) {
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

// A template's own words say that something is to be done: without any of them a text is no instruction.
void AddTemplateWords(const Grammar& grammar, Dictionary& dictionary) {
  for (const auto* templates : {&grammar.pick, &grammar.reach}) {
    for (const Template& sentence : *templates) {
      for (const std::string& piece : LiteralPieces(sentence.text)) {
        const std::string text = Normalised(piece);
        if (text.empty()) continue;
        if (grammar.language == Language::kJapanese) {
          dictionary.try_emplace(text, Token{text.size() > 3 ? TokenKind::kAction : TokenKind::kFiller});
          continue;
        }
        for (std::size_t from = 0; from < text.size();) {
          const std::size_t end = std::min(text.find(' ', from), text.size());
          if (end > from) dictionary.try_emplace(text.substr(from, end - from), Token{TokenKind::kAction});
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

std::optional<std::vector<Token>> Tokens(const std::string& text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const auto match = Match(text, at);
    if (!match) return std::nullopt;
    tokens.push_back(match->second);
    at += match->first;
  }
  return tokens;
}

// A slot of the frame that may be said more than once, but not differently.
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
  bool negated = false, action = false, bin = false;

  void Add(const Token& token) {
    switch (token.kind) {
      case TokenKind::kColour: colour.Set(token.value); break;
      case TokenKind::kShape: shape.Set(token.value); break;
      case TokenKind::kPlace: place.Set(token.value); break;
      case TokenKind::kCount: count.Set(token.value); break;
      case TokenKind::kExcept:  // value 0: the colour is a word of its own; otherwise colour + 1
        negated = true;
        if (token.value > 0) colour.Set(token.value - 1);
        break;
      case TokenKind::kBin: bin = true; break;
      case TokenKind::kAction: action = true; break;
      case TokenKind::kFiller: break;
    }
  }
  bool Sound() const {
    const bool contradicted = colour.contradicted() || shape.contradicted() || place.contradicted() || count.contradicted();
    return !contradicted && shape.filled() && action && bin == place.filled() && (!negated || colour.filled());
  }
};

}  // namespace

std::optional<Frame> Understand(const std::string& text) {
  const auto tokens = Tokens(Normalised(text));
  if (!tokens) return std::nullopt;
  Reading reading;
  for (const Token& token : *tokens) reading.Add(token);
  if (!reading.Sound()) return std::nullopt;
  Frame frame;
  frame.verb = reading.place.filled() ? Verb::kPick : Verb::kReach;
  frame.place = reading.place.filled() ? static_cast<PlaceWord>(reading.place.value()) : PlaceWord::kNone;
  ObjectSet& set = frame.objects;
  set.has_colour = reading.colour.filled();
  if (set.has_colour) set.colour = static_cast<Colour>(reading.colour.value());
  set.negated_colour = reading.negated;
  set.has_shape = reading.shape.value() != kAnyShape;
  if (set.has_shape) set.shape = static_cast<Shape>(reading.shape.value());
  set.count = reading.count.filled() ? static_cast<Count>(reading.count.value()) : Count::kOne;
  if (frame.verb == Verb::kReach && set.count != Count::kOne) return std::nullopt;
  return frame;
}

}  // namespace genba::envs
