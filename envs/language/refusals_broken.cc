// Orders that came apart on their way - cut off, or with their words thrown together - and noise that never was one.
#include <algorithm>

#include "core/utf8.h"
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

constexpr int kTries = 60;  // a draw that still means something is drawn again

// ---- what a sentence says, and where ----

struct Found {
  std::size_t begin, end;
  TokenKind kind;
};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }

// In English a word ends where its letters end; Japanese does not show it.
bool IsWhole(const std::string& text, std::size_t begin, std::size_t end) {
  const bool starts_inside = begin > 0 && IsLetter(text[begin - 1]) && IsLetter(text[begin]);
  return !starts_inside && !(end < text.size() && IsLetter(text[end]) && IsLetter(text[end - 1]));
}

bool IsSpoken(TokenKind kind) {
  return kind == TokenKind::kColour || kind == TokenKind::kShape || kind == TokenKind::kShapes ||
         kind == TokenKind::kPlace || kind == TokenKind::kBin;
}

const std::vector<Phrase>& PhrasesOf(Language language) {
  static const std::array<std::vector<Phrase>, 2> phrases{English().phrases(), Japanese().phrases()};
  return phrases[static_cast<std::size_t>(language)];
}

const Phrase* LongestAt(const std::string& text, std::size_t at, Language language) {
  const Phrase* longest = nullptr;
  for (const Phrase& phrase : PhrasesOf(language)) {
    const std::size_t length = phrase.text.size();
    if (longest != nullptr && length <= longest->text.size()) continue;
    if (text.compare(at, length, phrase.text) == 0 && IsWhole(text, at, at + length)) longest = &phrase;
  }
  return longest;
}

// The colours, shapes, places and bins in a text.
std::vector<Found> WhatIsSaid(const std::string& text, Language language) {
  std::vector<Found> found;
  for (std::size_t at = 0; at < text.size();) {
    const Phrase* phrase = LongestAt(text, at, language);
    if (phrase != nullptr && IsSpoken(phrase->token.kind))
      found.push_back({at, at + phrase->text.size(), phrase->token.kind});
    at += phrase != nullptr ? phrase->text.size() : 1;
  }
  return found;
}

// Where the last of shape and place is complete: cut before, the text is no order any more.
std::size_t Complete(const std::string& text, Language language) {
  std::size_t shape = 0, place = 0;
  for (const Found& found : WhatIsSaid(text, language)) {
    const bool is_shape = found.kind == TokenKind::kShape || found.kind == TokenKind::kShapes;
    if (is_shape && shape == 0) shape = found.end;
    if (found.kind == TokenKind::kPlace && place == 0) place = found.end;
  }
  return std::max(shape, place);
}

std::string Joined(const std::vector<std::string>& pieces, const std::string& between) {
  std::string text;
  for (const std::string& piece : pieces) text += (text.empty() ? "" : between) + piece;
  return text;
}

Utterance SayTheOrder(const RefusalDraw& draw) {
  const Order& order = draw.scene.order;
  const auto say = draw.wide ? SayFramed : Say;
  return say(order, draw.language, draw.split, draw.rng, HasSpare(order, draw.scene.parts));
}

// ---- cut ----

// A cut sentence of "Stop just above …" would be a stop.
bool IsStop(const std::string& text) { return text.starts_with("Stop"); }

std::string CutAt(const std::string& text, std::size_t at) {
  std::string left(CutUtf8(text, at));
  while (!left.empty() && left.back() == ' ') left.pop_back();
  return left;
}

std::string CutSomewhere(const std::string& text, const RefusalDraw& draw) {
  const auto complete = static_cast<int>(Complete(text, draw.language));
  const int first = std::min(complete, draw.language == Language::kEnglish ? 5 : 3);
  return CutAt(text, static_cast<std::size_t>(draw.rng.Int(first, std::max(first, complete - 1))));
}

std::string TrailOff(Language language, Rng& rng) {
  static const std::array<std::vector<std::string>, 2> ends{
      {{"", "", "", ".", ".", "...", "…", " -"}, {"", "", "", "。", "。", "…", "……", "、"}}};
  return rng.Pick(ends[static_cast<std::size_t>(language)]);
}

// ---- scrambled ----

bool Neighbours(const std::vector<std::string>& words, const std::string& a, const std::string& b) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == a && words[i + 1] == b) return true;
  }
  return false;
}

// No two words stand together as they did.
bool TornApart(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  for (std::size_t i = 0; i + 1 < after.size(); ++i) {
    if (Neighbours(before, after[i], after[i + 1])) return false;
  }
  return true;
}

// A colour before a shape, a place before a bin.
bool HoldsAPhrase(const std::string& text, Language language) {
  const std::vector<Found> said = WhatIsSaid(text, language);
  for (std::size_t i = 0; i + 1 < said.size(); ++i) {
    if (said[i + 1].begin > said[i].end + 1) continue;
    const TokenKind first = said[i].kind, second = said[i + 1].kind;
    if (first == TokenKind::kPlace && second == TokenKind::kBin) return true;
    if (first == TokenKind::kColour && (second == TokenKind::kShape || second == TokenKind::kShapes)) return true;
  }
  return false;
}

bool NamesAShape(const std::string& text, Language language) {
  const std::vector<Found> said = WhatIsSaid(text, language);
  return std::any_of(said.begin(), said.end(), [](const Found& found) { return found.kind == TokenKind::kShape; });
}

std::vector<std::string> SplitAtSpaces(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ' ')
      words.emplace_back();
    else if (c != '.' && c != ',' && c != '?')
      words.back() += c;
  }
  return words;
}

// All letters thrown together; the spaces stay.
std::string LettersShuffled(const std::string& text, Rng& rng) {
  std::vector<std::string> all = Characters(text), letters;
  for (const std::string& character : all) {
    if (character != " ") letters.push_back(character);
  }
  rng.Shuffle(letters);
  for (std::string& character : all) {
    if (character == " ") continue;
    character = letters.back();
    letters.pop_back();
  }
  return Joined(all, "");
}

std::optional<std::string> ScrambleLetters(const std::string& text, const RefusalDraw& draw) {
  const std::vector<std::string> words = draw.language == Language::kEnglish ? SplitAtSpaces(text) : SplitWords(text);
  const std::string said = LettersShuffled(Joined(words, draw.language == Language::kEnglish ? " " : ""), draw.rng);
  if (NamesAShape(said, draw.language) || Understand(said)) return std::nullopt;
  return said;
}

std::optional<std::string> ScrambleWords(const std::string& text, const RefusalDraw& draw) {
  const bool english = draw.language == Language::kEnglish;
  const std::vector<std::string> before = english ? SplitAtSpaces(text) : SplitWords(text);
  std::vector<std::string> after = before;
  draw.rng.Shuffle(after);
  const std::string said = Joined(after, english ? " " : "");
  if (!TornApart(before, after) || HoldsAPhrase(said, draw.language) || Understand(said)) return std::nullopt;
  return said;
}

// Words or letters. The few words of a reach order hold together too well in any order, so they are not shuffled.
bool MayShuffleWords(const RefusalDraw& draw) {
  const Order& order = draw.scene.order;
  const bool few = order.verb == Verb::kReach && (draw.language == Language::kJapanese || !order.objects.has_colour);
  return !few && draw.rng.Chance(draw.language == Language::kEnglish ? 0.85 : 0.5);
}

// ---- noise ----

std::string Repeated(const std::vector<std::string>& of, int least, int most, Rng& rng) {
  std::string text;
  for (int left = rng.Int(least, most); left > 0; --left) text += rng.Pick(of);
  return text;
}

struct NoiseKind {
  std::vector<std::string> of;
  int least, most;
  Use use = Use::kTraining;
};

const std::vector<NoiseKind>& NoiseKinds(Language language) {
  static const std::vector<std::string> letters = Characters("abcdefghijklmnopqrstuvwxyz");
  static const std::vector<std::string> kana =
      Characters("あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん");
  static const std::vector<std::string> mash = Characters("asdfghjkl;qwertyuiopzxcvbnm,");
  static const std::vector<std::string> kana_mash = Characters("っｊｋｌｆｄｓあああさだふぃｇｈ");
  static const auto with_nul = [](std::vector<std::string> of) {
    of.emplace_back(1, '\0');
    return of;
  };
  static const auto kinds = [](const std::vector<std::string>& of, const std::vector<std::string>& mashed) {
    return std::vector<NoiseKind>{{{""}, 0, 0},
                                  {{" ", " ", "\t", "　"}, 1, 8},
                                  {Characters("0123456789"), 1, 12},
                                  {Characters(".,!?-:;()/…。、！？"), 1, 10},
                                  {{"🙂", "🤖", "👍", "🔩", "⚙️", "❓", "🎉", "🔴", "🟦", "💡"}, 1, 6},
                                  {of, 2, 12},
                                  {mashed, 4, 18},
                                  {with_nul(of), 3, 10},
                                  {Characters("0123456789abcdef"), 16, 32, Use::kEvaluation},
                                  {Characters("┌─┐│└┘░▒▓█"), 3, 20, Use::kCalibration},
                                  {Characters("0123456789:.-/ "), 6, 16, Use::kEvaluation}};
  };
  static const std::vector<NoiseKind> english = kinds(letters, mash), japanese = kinds(kana, kana_mash);
  return language == Language::kEnglish ? english : japanese;
}

}  // namespace

std::optional<Refusal> SayCut(const RefusalDraw& draw) {
  for (int i = 0; i < kTries; ++i) {
    const Utterance whole = SayTheOrder(draw);
    if (IsStop(whole.text)) continue;
    const std::string text = CutSomewhere(whole.text, draw) + TrailOff(draw.language, draw.rng);
    if (!Understand(text)) return draw.Said(text, whole.template_id);
  }
  return std::nullopt;
}

std::optional<Refusal> SayScrambled(const RefusalDraw& draw) {
  const bool words = MayShuffleWords(draw);
  const std::string stop = draw.language == Language::kEnglish ? "." : "。";
  for (int i = 0; i < kTries; ++i) {
    const Utterance whole = SayTheOrder(draw);
    const bool shuffle_words = words && i < kTries / 2;  // some have too few words to hide their meaning
    const std::optional<std::string> said = (shuffle_words ? ScrambleWords : ScrambleLetters)(whole.text, draw);
    if (said) return draw.Said(*said + (draw.rng.Chance(0.6) ? stop : ""), whole.template_id);
  }
  return std::nullopt;
}

std::optional<Refusal> SayNoise(const RefusalDraw& draw) {
  const std::vector<NoiseKind>& kinds = NoiseKinds(draw.language);
  const auto of_split = [&](const NoiseKind& kind) { return kind.use == draw.use(); };
  int left = draw.rng.Int(0, static_cast<int>(std::count_if(kinds.begin(), kinds.end(), of_split)) - 1);
  std::size_t at = 0;
  while (!of_split(kinds[at]) || left-- > 0) ++at;
  const std::string text = Repeated(kinds[at].of, kinds[at].least, kinds[at].most, draw.rng);
  const std::string id =
      std::string(Name(draw.language)) + ".noise." + (draw.use() == Use::kTraining ? "p" : Mark(draw.use()));
  return draw.Said(text, id + std::to_string(at + 1));
}

}  // namespace genba::envs
