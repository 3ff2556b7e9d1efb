// Sentence patterns made up on the spot: the phrases that matter, in any order, among scraps of training sentences and
// words that mean nothing. What randomised physics is to a controller, these are to whoever has to understand.
#include "core/error.h"
#include "core/utf8.h"
#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

constexpr double kMadeUp = 0.6;  // share of what stands between the phrases; the rest are scraps

// Two open syllables and maybe a consonant. Without j and l no word of the grammar that carries a meaning can come out.
std::string MadeUpEnglish(Rng& rng) {
  static const std::string consonants = "bcdfghkmnprstvwz", vowels = "aeiou";
  const auto one_of = [&](const std::string& letters) {
    return letters[static_cast<std::size_t>(rng.Int(0, static_cast<int>(letters.size()) - 1))];
  };
  std::string word;
  for (int syllable = 0; syllable < 2; ++syllable) {
    word += one_of(consonants);
    word += one_of(vowels);
  }
  if (rng.Chance(0.5)) word += one_of(consonants);
  return word;
}

std::string MadeUpJapanese(Rng& rng) {
  std::string word;
  const int length = rng.Int(1, 3);
  for (int i = 0; i < length; ++i) {
    const double script = rng.Uniform();
    word += Utf8Character(script < 0.6   ? rng.Int(0x3041, 0x3093)
                          : script < 0.8 ? rng.Int(0x30A1, 0x30F3)
                                         : rng.Int(0x4E00, 0x9FA5));  // hiragana, katakana, kanji
  }
  return word;
}

std::string Trimmed(std::string text) {
  for (const std::string mark : {"。", "、"}) text = Replaced(text, mark, "");
  const std::size_t first = text.find_first_not_of(" .,?"), last = text.find_last_not_of(" .,?");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// A word (English) or piece (Japanese) that a training pattern has between its slots.
std::string Scrap(const Grammar& grammar, Verb verb, Rng& rng) {
  const std::vector<Template>& templates = TemplatesOf(grammar, verb);
  std::vector<std::string> pieces;
  for (const std::string& piece : LiteralPieces(DrawTemplate(templates, Use::kTraining, rng).text)) {
    if (const std::string text = Trimmed(piece); !text.empty()) pieces.push_back(text);
  }
  if (pieces.empty()) return "";
  std::string piece = pieces[static_cast<std::size_t>(rng.Int(0, static_cast<int>(pieces.size()) - 1))];
  if (grammar.language == Language::kJapanese) return piece;
  for (std::size_t space = piece.find(' '); space != std::string::npos && rng.Chance(0.5); space = piece.find(' '))
    piece.erase(0, space + 1);
  return piece.substr(0, piece.find(' '));
}

// Set apart from the phrases: Japanese does not show where a word ends, and ぬめ赤いボルト would be about something else.
std::string Between(const Grammar& grammar, Verb verb, int most, Rng& rng) {
  const bool english = grammar.language == Language::kEnglish;
  std::string text;
  for (int left = rng.Int(0, most); left > 0; --left) {
    std::string word = Scrap(grammar, verb, rng);
    if (word.empty() || rng.Chance(kMadeUp)) word = english ? MadeUpEnglish(rng) : MadeUpJapanese(rng) + "、";
    text += (english ? " " : text.empty() ? "、" : "") + word;
  }
  return text + (english ? " " : "");
}

}  // namespace

Utterance SayLoosely(const Order& order, Language language, Split split, Rng& rng, bool spare) {
  GENBA_CHECK(split == Split::kTrain || split == Split::kTaught, "made-up patterns are for training");
  const Grammar& grammar = GrammarOf(language);
  const std::string object = language == Language::kJapanese && rng.Chance(0.5) ? "{objo}" : "{obj}";
  const bool place_first = order.place != PlaceWord::kNone && rng.Chance(0.5);
  std::string pattern = Between(grammar, order.verb, 2, rng);
  pattern += place_first ? "{place}" : object;
  pattern += Between(grammar, order.verb, 2, rng);
  if (order.place != PlaceWord::kNone)
    pattern += (place_first ? object : "{place}") + Between(grammar, order.verb, 2, rng);
  if (pattern.starts_with("、")) pattern = pattern.substr(3);
  pattern = pattern.substr(pattern.find_first_not_of(' '));
  pattern.erase(pattern.find_last_not_of(' ') + 1);
  if (pattern.ends_with("、")) pattern.erase(pattern.size() - 3);
  pattern += language == Language::kEnglish ? "." : "。";
  WordPicker words(rng, split, 0.6, spare);
  const std::string id = std::string(Name(language)) + ".loose";
  return {language, grammar.say(order, Template{id.c_str(), pattern.c_str()}, words), id};
}

}  // namespace genba::envs
