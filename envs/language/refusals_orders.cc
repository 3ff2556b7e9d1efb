// Orders in the grammar's own templates that cannot be carried out: about what is not there, about the other verb's
// work, and with a word that the cell does not know.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

// ---- orders beside the one of the scene ----

bool MaySay(const ObjectSet& set, Split split) {
  const bool pair = set.has_colour && set.has_shape && !set.negated_colour;
  return split == Split::kPairs || !pair || !IsHeldOutPair(set.colour, set.shape);
}

// Everything that can be named, with a colour or without, of a shape or of any.
std::vector<ObjectSet> KindsToSay(Split split) {
  std::vector<ObjectSet> kinds;
  for (int colour = -kNumColours; colour <= kNumColours; ++colour) {
    for (int shape = 0; shape <= kNumShapes; ++shape) {
      ObjectSet set;
      set.has_colour = colour != 0;
      set.negated_colour = colour < 0;
      if (set.has_colour) set.colour = static_cast<Colour>(std::abs(colour) - 1);
      set.has_shape = shape > 0;
      if (set.has_shape) set.shape = static_cast<Shape>(shape - 1);
      if ((set.has_colour || set.has_shape) && MaySay(set, split)) kinds.push_back(set);
    }
  }
  return kinds;
}

int NumIn(const ObjectSet& set, const std::vector<ScenePart>& parts) {
  return static_cast<int>(
      std::count_if(parts.begin(), parts.end(), [&](const ScenePart& part) { return Matches(set, part); }));
}

// A kind of which as many are there as said.
template <class Fits>
std::optional<ObjectSet> DrawKind(const RefusalDraw& draw, const Fits& fits) {
  std::vector<ObjectSet> kinds;
  for (const ObjectSet& set : KindsToSay(draw.split)) {
    if (fits(NumIn(set, draw.scene.parts))) kinds.push_back(set);
  }
  if (kinds.empty()) return std::nullopt;
  return draw.rng.Pick(kinds);
}

// Said in one breath they cannot be taken for one order.
bool Clash(const ObjectSet& a, const ObjectSet& b) {
  if (a.has_shape != b.has_shape || (a.has_shape && a.shape != b.shape)) return true;
  return a.has_colour && b.has_colour && a.colour != b.colour;
}

PlaceWord DrawPlace(Rng& rng) { return static_cast<PlaceWord>(rng.Int(1, kNumPlaces)); }

// ---- orders that the scene does not allow ----

// A singular verb stands in the template, so it is for one object.
bool IsForOne(const Template& sentence) { return std::string_view(sentence.text).starts_with("{obj} is "); }

const Template& DrawTemplateFor(const Order& order, const RefusalDraw& draw) {
  const std::vector<Template>& templates = TemplatesOf(GrammarOf(draw.language), order.verb);
  while (true) {
    const Template& sentence = DrawTemplate(templates, draw.use(), draw.rng);
    if (order.objects.count == Count::kOne || !IsForOne(sentence)) return sentence;
  }
}

// How an order is said: in a template of the grammar, or in a frame.
struct Saying {
  std::string id, text;
};
Saying DrawSaying(const Order& order, const RefusalDraw& draw) {
  if (draw.wide) return {FramedId(draw.language), DrawFrame(draw.language, order.verb, Speech::kOrder, draw.rng)};
  const Template& sentence = DrawTemplateFor(order, draw);
  return {sentence.id, sentence.text};
}

Refusal SaidAndEnded(const Order& order, const Saying& saying, WordPicker& words, const RefusalDraw& draw) {
  const Template sentence{saying.id.c_str(), saying.text.c_str()};
  const std::string text = GrammarOf(draw.language).say(order, sentence, words);
  return draw.Said(Ended(text, draw.language, draw.rng), saying.id);
}

Refusal SayAsOrder(const Order& order, bool spare, const RefusalDraw& draw) {
  const Saying saying = DrawSaying(order, draw);
  WordPicker words(draw.rng, draw.split, 0.6, spare);
  return SaidAndEnded(order, saying, words, draw);
}

// ---- orders with a word that the cell does not know ----

struct Strange {  // empty: an ordinary word
  std::string colour, thing, place;
};

Order WithRoomFor(const Strange& strange, Order order) {
  if (!strange.colour.empty()) {
    order.objects.has_colour = true;
    order.objects.negated_colour = false;
  }
  if (!strange.thing.empty()) order.objects.has_shape = false;  // counted with つ
  return order;
}

// In a reach order the place is where the object is, or what is pointed at.
std::string WithPlace(const std::string& text, const std::string& place, const RefusalDraw& draw) {
  if (draw.scene.order.verb == Verb::kPick) return Replaced(text, "{place}", place);
  const bool instead = draw.rng.Chance(0.4);
  if (draw.language == Language::kEnglish) {
    const std::string of_kind = Replaced(text, "{kind}", instead ? place : "{kind} next to " + place);
    return Replaced(of_kind, "{obj}", instead ? place : "{obj} next to " + place);
  }
  const std::string before = instead ? place : place + "にある{obj}";
  return Replaced(Replaced(text, "{objo}", instead ? place + "を" : place + "にある{objo}"), "{obj}", before);
}

Refusal SayStrangely(const Strange& strange, const RefusalDraw& draw) {
  const Order order = WithRoomFor(strange, draw.scene.order);
  Saying saying = DrawSaying(order, draw);
  if (!strange.place.empty()) saying.text = WithPlace(saying.text, strange.place, draw);
  WordPicker words(draw.rng, draw.split, 0.6, HasSpare(draw.scene.order, draw.scene.parts));
  words.SayInstead(strange.colour, strange.thing);
  return SaidAndEnded(order, saying, words, draw);
}

// Sounds that could be a word and are none: three syllables, for with two of them words come out.
std::string Invented(const std::vector<std::string>& starts, const std::vector<std::string>& ends, Rng& rng) {
  std::string word = rng.Pick(starts);
  word += rng.Pick(starts);
  return word + rng.Pick(ends);
}

std::string InventedEnglish(Rng& rng) {
  static const std::vector<std::string> starts{"ba",  "bli", "do",  "fe",  "gru", "hi", "ko", "mu", "no", "pla",
                                               "qui", "ro",  "sta", "tri", "vo",  "wu", "xe", "yo", "za", "zo"};
  static const std::vector<std::string> ends{"ck", "b", "g", "l", "m", "nd", "rp", "t", "ver", "xel", "dle", "wig"};
  return Invented(starts, ends, rng);
}

std::string InventedJapanese(Rng& rng) {
  static const std::vector<std::string> starts{"ガ",   "キャ", "ゴ", "ザ",   "ジェ", "ズ", "チョ", "デュ", "ヌ", "ネ",
                                               "ビョ", "ペ",   "ポ", "ミョ", "メ",   "モ", "ユ",   "ヨ",   "ル", "レ"};
  static const std::vector<std::string> ends{"ラ",   "リン", "ンバ", "ット", "ーム",
                                             "ギー", "ヌス", "ポン", "ゾ",   "ッペ"};
  return Invented(starts, ends, rng);
}

// A word of everyday life with some of its letters changed: it looks like a word.
std::string Misremembered(const RefusalDraw& draw, const std::vector<EverydayWord>& words) {
  std::string word = Said(draw.rng.Pick(words), draw.language);
  const int changes = draw.rng.Int(2, 3);
  for (int i = 0; i < changes; ++i) word = WithAnotherLetter(word, draw.rng);
  return word;
}

std::string MadeUpColour(const RefusalDraw& draw) {
  if (draw.wide) return Misremembered(draw, EverydayColours());
  if (draw.language == Language::kEnglish) return InventedEnglish(draw.rng) + (draw.rng.Chance(0.3) ? "-coloured" : "");
  static const std::vector<std::string> endings{"色の", "の", "っぽい", "な"};
  return InventedJapanese(draw.rng) + draw.rng.Pick(endings);
}

std::string MadeUpThing(const RefusalDraw& draw) {
  if (draw.wide) return Misremembered(draw, EverydayThings());
  return draw.language == Language::kEnglish ? InventedEnglish(draw.rng) : InventedJapanese(draw.rng);
}

std::string MadeUpPlace(const RefusalDraw& draw) {
  if (draw.wide) return Misremembered(draw, EverydayPlaces());
  const bool bin = draw.rng.Chance(0.6);
  if (draw.language == Language::kEnglish) return "the " + InventedEnglish(draw.rng) + (bin ? " bin" : "");
  return InventedJapanese(draw.rng) + (bin ? "の箱" : "");
}

}  // namespace

PlaceWord AnotherPlace(PlaceWord place, Rng& rng) {
  const int offset = rng.Int(1, kNumPlaces - 1);
  return static_cast<PlaceWord>((static_cast<int>(place) - 1 + offset) % kNumPlaces + 1);
}

std::optional<Order> AnotherOrder(const RefusalDraw& draw) {
  const Order& order = draw.scene.order;
  std::vector<ObjectSet> kinds;
  for (const ObjectSet& set : KindsToSay(draw.split)) {
    if (!set.negated_colour && NumIn(set, draw.scene.parts) > 0 && Clash(set, order.objects)) kinds.push_back(set);
  }
  if (kinds.empty()) return std::nullopt;
  const PlaceWord place = order.verb == Verb::kReach ? PlaceWord::kNone : DrawPlace(draw.rng);
  return Order{order.verb, draw.rng.Pick(kinds), place};
}

std::optional<Refusal> SayAbsentObject(const RefusalDraw& draw) {
  const std::optional<ObjectSet> kind = DrawKind(draw, [](int there) { return there == 0; });
  if (!kind) return std::nullopt;
  Order order = draw.scene.order;
  const Count count = draw.rng.Chance(0.5) ? order.objects.count : Count::kOne;
  order.objects = *kind;
  order.objects.count = count;
  return SayAsOrder(order, count != Count::kAll && draw.rng.Chance(0.3), draw);
}

std::optional<Refusal> SayAbsentCount(const RefusalDraw& draw) {
  const std::optional<ObjectSet> kind = DrawKind(draw, [](int there) { return there == 1 || there == 2; });
  if (!kind) return std::nullopt;
  Order order = draw.scene.order;
  const bool two = NumIn(*kind, draw.scene.parts) == 1 && draw.rng.Chance(0.5);
  order.objects = *kind;
  order.objects.count = two ? Count::kTwo : Count::kThree;
  return SayAsOrder(order, draw.rng.Chance(0.5), draw);
}

std::optional<Refusal> SayOtherVerb(const RefusalDraw& draw) {
  Order order = draw.scene.order;
  const bool reach = order.verb == Verb::kReach;
  order.verb = reach ? Verb::kPick : Verb::kReach;
  order.place = reach ? DrawPlace(draw.rng) : PlaceWord::kNone;
  if (!reach) order.objects.count = Count::kOne;
  return SayAsOrder(order, HasSpare(order, draw.scene.parts), draw);
}

// Of the family's list, or of everyday life.
std::string UnknownWord(const RefusalDraw& draw, const char* list, const std::vector<EverydayWord>& everyday) {
  return draw.wide ? Said(draw.rng.Pick(everyday), draw.language) : DrawForm(draw, list).text;
}

std::optional<Refusal> SayUnknownColour(const RefusalDraw& draw) {
  return SayStrangely({.colour = UnknownWord(draw, "unknown_colour", EverydayColours()), .thing = "", .place = ""},
                      draw);
}
std::optional<Refusal> SayUnknownThing(const RefusalDraw& draw) {
  return SayStrangely({.colour = "", .thing = UnknownWord(draw, "unknown_thing", EverydayThings()), .place = ""}, draw);
}

// A place of which only half is known here: where it is, of something else; or a bin, known by another thing.
std::string HalfKnownPlace(const RefusalDraw& draw) {
  static const std::array<std::array<const char*, 3>, 2> bins{{{"bin", "box", "tray"}, {"箱", "トレイ", "ケース"}}};
  const RefusalGrammar& grammar = RefusalGrammarOf(draw.language);
  const bool english = draw.language == Language::kEnglish;
  const double how = draw.rng.Uniform();
  std::string before, what = draw.rng.Pick(bins[english ? 0 : 1]);
  if (how < 0.3) {
    before = draw.rng.Pick(grammar.colours);
  } else if (how < 0.4) {
    before = Said(draw.rng.Pick(EverydayColours()), draw.language);
  } else {
    before = std::string(draw.rng.Pick(grammar.places)) + (english ? "" : "の");
    what = Said(draw.rng.Pick(draw.rng.Chance(0.5) ? EverydayPlaces() : EverydayThings()), draw.language);
    if (what.starts_with("the ")) what.erase(0, 4);
  }
  return english ? "the " + before + " " + what : before + what;
}

constexpr double kHalfKnown = 0.5;  // of places, where a sentence is put together

bool IsKeptForEvaluation(const std::string& form, const std::string& list, Language language) {
  const WordList* words = FindList(language, list);
  GENBA_CHECK(words != nullptr, "both languages have the list");
  return std::any_of(words->forms.begin(), words->forms.end(),
                     [&](const Pattern& pattern) { return pattern.text == form && pattern.use == Use::kEvaluation; });
}

std::optional<Refusal> SayUnknownPlace(const RefusalDraw& draw) {
  std::string place = UnknownWord(draw, "unknown_place", EverydayPlaces());
  if (draw.wide && draw.rng.Chance(kHalfKnown)) {
    place = HalfKnownPlace(draw);
    while (IsKeptForEvaluation(place, "unknown_place", draw.language)) place = HalfKnownPlace(draw);
  }
  return SayStrangely({.colour = "", .thing = "", .place = place}, draw);
}

std::optional<Refusal> SayMadeUpWord(const RefusalDraw& draw) {
  Strange strange;
  const int which = draw.rng.Int(0, 2);
  if (which == 0) strange.colour = MadeUpColour(draw);
  if (which == 1) strange.thing = MadeUpThing(draw);
  if (which == 2) strange.place = MadeUpPlace(draw);
  return SayStrangely(strange, draw);
}

}  // namespace genba::envs
