#include "envs/language/frames.h"

#include <array>
#include <utility>
#include <vector>

#include "envs/language/frame_pieces.h"

namespace genba::envs {

namespace {

constexpr double kStatement = 0.2;  // share of what is said without a deed
constexpr double kExtra = 0.35;     // share with a word more

const FramePieces& PiecesOf(Language language) {
  return language == Language::kEnglish ? EnglishFrames() : JapaneseFrames();
}

// 入れて becomes 入れた, 運んで 運んだ.
std::string PastOf(const std::string& te) {
  const std::string end = te.ends_with("で") ? "だ" : "た";
  return te.substr(0, te.size() - end.size()) + end;
}

std::string WithDeed(std::string text, const Deed& deed) {
  const std::array<std::pair<const char*, std::string>, 6> forms{{{"{base}", deed.base},
                                                                  {"{gerund}", deed.gerund},
                                                                  {"{te}", deed.te},
                                                                  {"{nai}", deed.nai},
                                                                  {"{masu}", deed.masu},
                                                                  {"{imp}", deed.imperative}}};
  for (const auto& [slot, form] : forms) text = Replaced(text, slot, form);
  return Has(text, "{ta}") ? Replaced(text, "{ta}", PastOf(deed.te)) : text;
}

std::string WithExtra(const std::string& text, Language language, Speech speech, Rng& rng) {
  if (!rng.Chance(kExtra)) return text;
  const std::string extra = rng.Pick(PiecesOf(language).extras[static_cast<std::size_t>(speech)]).text;
  if (language == Language::kJapanese) return extra + text;
  return text.substr(0, text.size() - 1) + extra + text.back();
}

std::string SayDeed(const Deed& deed, Language language, Speech speech, Rng& rng) {
  const std::string manner = rng.Pick(PiecesOf(language).manners[static_cast<std::size_t>(speech)]).text;
  return WithExtra(WithDeed(manner, deed), language, speech, rng);
}

std::string DrawRemark(const FramePieces& pieces, Verb verb, Rng& rng) {
  const bool on_bins = verb == Verb::kPick && rng.Chance(0.5);
  return rng.Pick(pieces.remarks[on_bins ? 1 : 0]).text;
}

}  // namespace

std::string DrawFrame(Language language, Verb verb, Speech speech, Rng& rng) {
  const FramePieces& pieces = PiecesOf(language);
  if (speech == Speech::kRemark) return DrawRemark(pieces, verb, rng);
  const std::size_t of_verb = verb == Verb::kPick ? 0 : 1;
  if (speech != Speech::kQuestion && rng.Chance(kStatement))
    return rng.Pick(pieces.statements[of_verb][static_cast<std::size_t>(speech)]).text;
  return SayDeed(rng.Pick(pieces.deeds[of_verb]), language, speech, rng);
}

std::string FramedId(Language language) { return std::string(Name(language)) + ".framed"; }

std::string DrawOtherWork(Language language, Speech speech, Rng& rng) {
  return SayDeed(rng.Pick(PiecesOf(language).other_work), language, speech, rng);
}

Utterance SayFramed(const Order& order, Language language, Split split, Rng& rng, bool spare) {
  const std::string pattern = DrawFrame(language, order.verb, Speech::kOrder, rng);
  const std::string id = FramedId(language);
  WordPicker words(rng, split, 0.6, spare);
  return {language, GrammarOf(language).say(order, Template{id.c_str(), pattern.c_str()}, words), id};
}

std::string SayPhrase(const Order& order, PhrasePart part, Language language, Split split, Rng& rng) {
  WordPicker words(rng, split, 0.6, false);
  return GrammarOf(language).say(order, Template{"phrase", part == PhrasePart::kPlace ? "{place}" : "{obj}"}, words);
}

std::string SayMeans(const std::string& phrase, const std::string& plain, Language language, Rng& rng) {
  static const std::array<std::vector<std::string>, 2> patterns{
      {{"{a} means {b}.", "{a} is {b}.", "{a} is another name for {b}.", "{a}, in other words {b}.", "{a} = {b}"},
       {"{a}は{b}のことです。", "{a}とは{b}。", "{a}は{b}の別名です。", "{a}、つまり{b}。", "{a} = {b}"}}};
  const std::string pattern = rng.Pick(patterns[static_cast<std::size_t>(language)]);
  return Replaced(Replaced(pattern, "{a}", phrase), "{b}", Uncapitalised(plain));
}

EverydayWord DrawEverydayWord(Rng& rng) {
  const std::array<const std::vector<EverydayWord>*, 3> lists{&EverydayThings(), &EverydayColours(), &EverydayPlaces()};
  return rng.Pick(*lists[static_cast<std::size_t>(rng.Int(0, 2))]);
}

EverydayWord DrawWordOfForbidding(Rng& rng) { return rng.Pick(WordsOfForbidding()); }

const char* Said(const EverydayWord& word, Language language) {
  return language == Language::kEnglish ? word.english : word.japanese;
}

}  // namespace genba::envs
