#include "envs/language/frames.h"

#include <array>
#include <utility>
#include <vector>

#include "envs/language/frame_pieces.h"

namespace genba::envs {

namespace {

constexpr double kStatement = 0.35;  // share of what is said without a deed
constexpr double kExtra = 0.35;      // share with a word more
constexpr double kLead = 0.15;       // share with something in front
constexpr double kOnTheWorld = 0.3;  // share of remarks that name nothing of the cell
// What makes an order impossible: its place, its part, its whole sentence, or else what is said around it.
constexpr double kByPlace = 0.2, kByKind = 0.2, kWhole = 0.25;
// Other work: whole orders, and what is done to the parts of the cell.
constexpr double kOtherOrders = 0.2, kForeign = 0.5;

std::size_t IndexOf(Verb verb) { return verb == Verb::kPick ? 0 : 1; }

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

std::string BeforeTheMark(const std::string& text, const std::string& more) {
  return text.substr(0, text.size() - 1) + more + text.back();
}

std::string WithExtra(const std::string& text, Language language, Speech speech, Rng& rng) {
  if (!rng.Chance(kExtra)) return text;
  const std::string& extra = rng.Pick(PiecesOf(language).extras[static_cast<std::size_t>(speech)]);
  return language == Language::kJapanese ? extra + text : BeforeTheMark(text, extra);
}

std::string WithLead(const std::string& text, Language language, Rng& rng) {
  const Pieces& leads = PiecesOf(language).leads;
  return leads.empty() || !rng.Chance(kLead) ? text : rng.Pick(leads) + text;
}

std::string SayDeed(const Deed& deed, Language language, Speech speech, Rng& rng) {
  const std::string& manner = rng.Pick(PiecesOf(language).manners[static_cast<std::size_t>(speech)]);
  return WithExtra(WithDeed(manner, deed), language, speech, rng);
}

std::string DrawRemark(Language language, Verb verb, Rng& rng) {
  const auto& remarks = PiecesOf(language).remarks;
  if (rng.Chance(kOnTheWorld)) return rng.Pick(remarks[2]);
  const bool on_bins = verb == Verb::kPick && rng.Chance(0.5);
  return rng.Pick(remarks[on_bins ? 1 : 0]);
}

// Something around an order that leaves no way to carry it out.
std::string AroundIt(const std::string& order, Language language, Verb verb, Rng& rng) {
  const Impossible& impossible = PiecesOf(language).impossible;
  const Pieces &leads = impossible.leads[IndexOf(verb)], &tails = impossible.tails[IndexOf(verb)];
  if (language == Language::kEnglish) return BeforeTheMark(order, rng.Pick(tails));
  const int which = rng.Int(0, static_cast<int>(leads.size() + tails.size()) - 1) - static_cast<int>(leads.size());
  return which < 0 ? rng.Pick(leads) + order : order + tails[static_cast<std::size_t>(which)];
}

}  // namespace

std::string DrawFrame(Language language, Verb verb, Speech speech, Rng& rng) {
  if (speech == Speech::kRemark) return DrawRemark(language, verb, rng);
  const FramePieces& pieces = PiecesOf(language);
  const std::string text = rng.Chance(kStatement)
                               ? rng.Pick(pieces.statements[IndexOf(verb)][static_cast<std::size_t>(speech)])
                               : SayDeed(rng.Pick(pieces.deeds[IndexOf(verb)]), language, speech, rng);
  return speech == Speech::kQuestion ? text : WithLead(text, language, rng);
}

std::string FramedId(Language language) { return std::string(Name(language)) + ".framed"; }

std::string DrawDeed(Language language, Verb verb, Rng& rng) {
  const Deed& deed = rng.Pick(PiecesOf(language).deeds[IndexOf(verb)]);
  return language == Language::kEnglish ? deed.base : deed.te;
}

std::string DrawJoint(Language language, Rng& rng) { return rng.Pick(PiecesOf(language).joined); }

std::string DrawImpossible(Language language, Verb verb, Rng& rng) {
  const Impossible& impossible = PiecesOf(language).impossible;
  const std::string order = DrawFrame(language, verb, Speech::kOrder, rng);
  const double how = rng.Uniform();
  if (how < kByPlace && verb == Verb::kPick) return Replaced(order, "{place}", rng.Pick(impossible.places));
  if (how < kByPlace + kWhole) return WithLead(rng.Pick(impossible.whole[IndexOf(verb)]), language, rng);
  if (how < 1 - kByKind) return AroundIt(order, language, verb, rng);
  const std::string& kind = rng.Pick(impossible.kinds);
  return Replaced(Replaced(order, "{objo}", kind + "を"), "{obj}", kind);
}

std::string DrawOtherWork(Language language, Verb verb, Speech speech, Rng& rng) {
  const FramePieces& pieces = PiecesOf(language);
  if (speech == Speech::kOrder && rng.Chance(kOtherOrders)) return rng.Pick(pieces.other_orders);
  const bool foreign = rng.Chance(kForeign);
  return SayDeed(rng.Pick(foreign ? pieces.foreign_deeds[IndexOf(verb)] : pieces.other_work), language, speech, rng);
}

std::string DrawHalt(Language language, Rng& rng) { return rng.Pick(PiecesOf(language).halts); }

std::string DrawAlarm(Language language, Rng& rng) { return rng.Pick(PiecesOf(language).alarms); }

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

}  // namespace genba::envs
