// Sentences back to orders: longest-match reading with the words of both grammars, then a handful of rules. Whatever
// the rules cannot place for certain is refused; a robot does not act on a guess.
#include <utf8proc.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

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

}  // namespace

bool IsWordByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; }

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
    if (c == '.' || c == ',' || c == '?' || c == '!' || c == ':') continue;
    if (c == ' ' || c == '\t' || c == '\n') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += static_cast<char>(static_cast<unsigned char>(c) < 0x80 ? std::tolower(static_cast<unsigned char>(c)) : c);
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

namespace {

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

using Dictionary = std::map<std::string, Token>;

void AddAction(Dictionary& dictionary, const std::string& text, int verb) {
  const auto [entry, is_new] = dictionary.try_emplace(text, Token{TokenKind::kAction, verb});
  if (!is_new && entry->second.kind == TokenKind::kAction) entry->second.value |= verb;
}

std::vector<std::string> SplitAtSpaces(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(' ', from), text.size());
    if (end > from) words.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return words;
}

// Words of a template that ask or tell as well as order, depending on what stands around them.
bool IsBound(const std::string& word) {
  static const std::set<std::string> bound{"the", "a",    "is",   "are", "do",  "has",  "have",
                                           "me",  "hand", "what", "who", "why", "where"};
  return bound.contains(word);
}

// A piece of an English template is as good as its words, unless one of them is bound: "is the bolt in the bin" is made
// of words of templates too.
void AddEnglishPiece(Dictionary& dictionary, const std::string& text, int verb) {
  const std::vector<std::string> words = SplitAtSpaces(text);
  if (std::any_of(words.begin(), words.end(), IsBound)) return AddAction(dictionary, text, verb);
  for (const std::string& word : words) AddAction(dictionary, word, verb);
}

void AddJapanesePiece(Dictionary& dictionary, const std::string& text, int verb) {
  if (text.size() > 3)
    AddAction(dictionary, text, verb);
  else
    dictionary.try_emplace(text, Token{TokenKind::kFiller});
}

// A template's own words say that something is to be done, and what: without any of them a text is no instruction.
void AddTemplateWords(const Grammar& grammar, Dictionary& dictionary) {
  const auto add = grammar.language == Language::kEnglish ? AddEnglishPiece : AddJapanesePiece;
  for (const auto* templates : {&grammar.pick, &grammar.reach}) {
    const int verb = templates == &grammar.pick ? kSaysPick : kSaysReach;
    for (const Template& sentence : *templates) {
      if (!sentence.of_grammar) continue;
      for (const std::string& piece : LiteralPieces(sentence.text)) {
        if (const std::string text = Trimmed(Normalised(piece)); !text.empty()) add(dictionary, text, verb);
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

struct FoundWord {
  std::size_t begin, end;
  Token token;
};

// The longest dictionary phrase from begin that ends before `before` and not at a dead end; an English one must end
// where its word ends.
std::optional<FoundWord> Match(const std::string& text, std::size_t begin, std::size_t before,
                               const std::vector<bool>& dead_end) {
  for (std::size_t end = std::min(begin + LongestWord(), before - 1); end > begin; --end) {
    if (dead_end[end]) continue;
    const auto found = Words().find(text.substr(begin, end - begin));
    if (found == Words().end()) continue;
    if (IsWordByte(text[end - 1]) && end < text.size() && IsWordByte(text[end])) continue;
    return FoundWord{begin, end, found->second};
  }
  return std::nullopt;
}

// All of a normalised text, or nothing when it is not made of words of the dictionary. Long words first; where the rest
// is none then, shorter ones: には ends a phrase, and に stands before はぐるま.
std::optional<std::vector<FoundWord>> FindWords(const std::string& text) {
  std::vector<FoundWord> words;
  std::vector<bool> dead_end(text.size() + 1);
  std::size_t before = text.size() + 1;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    if (const auto match = Match(text, at, before, dead_end)) {
      words.push_back(*match);
      at = match->end;
      before = text.size() + 1;
      continue;
    }
    if (words.empty()) return std::nullopt;
    at = words.back().begin;
    before = words.back().end;
    dead_end[before] = true;
    words.pop_back();
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
    if (token.kind == TokenKind::kArticle) {
      open_article_ = true;
      return;
    }
    open_article_ = false;
    attribute_ = token.kind == TokenKind::kColour && last != TokenKind::kExcept && last != TokenKind::kThatIs;
    affirmed_ = affirmed_ || (token.kind == TokenKind::kColour && !(last == TokenKind::kExcept && open_negation_));
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
        open_negation_ = token.value == 0;
        if (token.value > 0) colour.Set(token.value - 1);
        break;
      case TokenKind::kBin:
        bin = true;
        break;
      case TokenKind::kBinAt:
        place.Set(token.value);
        bin = true;
        break;
      case TokenKind::kAction:
        action = true;
        verbs &= token.value;
        break;
      case TokenKind::kThatIs:
      case TokenKind::kArticle:
      case TokenKind::kFiller:
        break;
    }
  }
  int verb() const { return place.filled() ? kSaysPick : kSaysReach; }
  bool Sound() const {
    const bool contradicted =
        colour.contradicted() || shape.contradicted() || place.contradicted() || count.contradicted() || BothWays();
    const bool left_open = open_article_ || attribute_ || WantsColour();
    return !contradicted && !misplaced && !left_open && shape.filled() && (action || place.filled()) &&
           (verbs & verb()) != 0 && bin == place.filled() && (!plural || count.filled());
  }

 private:
  // "not" and "that is" are about a colour and nothing else, a colour before a noun is about the next word, an article
  // belongs to a noun; a bin is named by its place and has no colour.
  bool MayFollow(const Token& token) const {
    const bool noun = token.kind == TokenKind::kShape || token.kind == TokenKind::kShapes;
    const bool is_colour = token.kind == TokenKind::kColour;
    if (open_article_ && !noun && !is_colour && token.kind != TokenKind::kPlace && token.kind != TokenKind::kBinAt)
      return false;
    if (WantsColour()) return is_colour || token.kind == TokenKind::kArticle;
    if (attribute_) return noun;
    if (token.kind == TokenKind::kBin) return last == TokenKind::kPlace;
    return last != TokenKind::kPlace;
  }
  bool WantsColour() const { return last == TokenKind::kThatIs || (last == TokenKind::kExcept && open_negation_); }
  bool BothWays() const { return negated && affirmed_; }  // "the red part that is not red"
  bool open_negation_ = false;                            // the last exclusion names no colour of its own
  bool open_article_ = false, attribute_ = false, affirmed_ = false;
};

}  // namespace

std::vector<std::string> SplitWords(const std::string& text) {
  const std::string normalised = Normalised(text);
  std::vector<std::string> split;
  const auto words = FindWords(normalised);
  if (!words) return {normalised};
  for (const FoundWord& word : *words) split.push_back(normalised.substr(word.begin, word.end - word.begin));
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
