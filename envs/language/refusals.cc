// Refusals: the families, who makes a sentence of each, and sentences from patterns.
#include "envs/refusals.h"

#include <array>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

constexpr std::array kFamilies{RefusalFamily{"prohibition", Answer::kMustNot, false},
                               RefusalFamily{"stop", Answer::kMustNot, false},
                               RefusalFamily{"absent_object", Answer::kCannot, false},
                               RefusalFamily{"absent_count", Answer::kCannot, false},
                               RefusalFamily{"contradiction", Answer::kCannot, false},
                               RefusalFamily{"two_orders", Answer::kCannot, false},
                               RefusalFamily{"other_task", Answer::kCannot, false},
                               RefusalFamily{"unknown_colour", Answer::kNotUnderstood, false},
                               RefusalFamily{"unknown_thing", Answer::kNotUnderstood, false},
                               RefusalFamily{"unknown_place", Answer::kNotUnderstood, false},
                               RefusalFamily{"made_up_word", Answer::kNotUnderstood, false},
                               RefusalFamily{"question", Answer::kNotUnderstood, false},
                               RefusalFamily{"small_talk", Answer::kNotUnderstood, false},
                               RefusalFamily{"scrambled", Answer::kNotUnderstood, false},
                               RefusalFamily{"cut", Answer::kNotUnderstood, false},
                               RefusalFamily{"wrong_script", Answer::kNotUnderstood, false},
                               RefusalFamily{"noise", Answer::kNotUnderstood, false},
                               RefusalFamily{"report", Answer::kNotUnderstood, false},
                               RefusalFamily{"condition", Answer::kCannot, false},
                               RefusalFamily{"permission", Answer::kMustNot, false},
                               RefusalFamily{"take_back", Answer::kMustNot, false},
                               RefusalFamily{"held_out.delegation", Answer::kNotUnderstood, true},
                               RefusalFamily{"held_out.mention", Answer::kNotUnderstood, true},
                               RefusalFamily{"held_out.musing", Answer::kNotUnderstood, true},
                               RefusalFamily{"held_out.code", Answer::kNotUnderstood, true},
                               RefusalFamily{"held_out.wrong_language", Answer::kNotUnderstood, true}};

constexpr double kWide = 0.5;        // of Wording::kWide
constexpr double kOtherVerb = 0.35;  // of other_task: an order of the grammar's other verb; otherwise foreign work

// ---- drawing ----

// The patterns for the use of a split if there are any, otherwise those for training.
const Pattern& DrawOfSplit(const std::vector<const Pattern*>& patterns, const RefusalDraw& draw) {
  std::array<std::vector<const Pattern*>, 3> by_use;
  for (const Pattern* pattern : patterns) by_use.at(static_cast<std::size_t>(pattern->use)).push_back(pattern);
  const std::vector<const Pattern*>& own = by_use.at(static_cast<std::size_t>(draw.use()));
  return *draw.rng.Pick(own.empty() ? by_use[0] : own);
}

std::string ReplacedAll(std::string text, const std::string& slot, const std::string& with) {
  for (std::size_t at = text.find(slot); at != std::string::npos; at = text.find(slot, at + with.size()))
    text.replace(at, slot.size(), with);
  return text;
}

// {halt}, {who}: every list's slot becomes one of its words, which may have slots of their own.
std::string WithWords(std::string text, const RefusalDraw& draw) {
  for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open)) {
    const std::size_t close = text.find('}', open);
    const std::string name = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
    if (FindList(draw.language, name) != nullptr)
      text.replace(open, close - open + 1, DrawForm(draw, name).text);
    else
      ++open;
  }
  return text;
}

// ---- patterns ----

// A phrase for the middle of a sentence.
std::string PhraseOf(const Order& order, const std::string& slot, const RefusalDraw& draw) {
  return Uncapitalised(SayWith(order, slot, draw));
}

std::optional<std::string> WithAnother(std::string text, const RefusalDraw& draw) {
  if (Has(text, "{obj2}") || Has(text, "{objo2}")) {
    const std::optional<Order> other = AnotherOrder(draw);
    if (!other) return std::nullopt;
    text = Replaced(text, "{obj2}", PhraseOf(*other, "{obj}", draw));
    text = Replaced(text, "{objo2}", PhraseOf(*other, "{objo}", draw));
  }
  if (!Has(text, "{place2}")) return text;
  Order order = draw.scene.order;
  order.place = AnotherPlace(order.place, draw.rng);
  return ReplacedAll(text, "{place2}", PhraseOf(order, "{place}", draw));
}

std::string WithColours(std::string text, const RefusalDraw& draw) {
  const RefusalGrammar& grammar = RefusalGrammarOf(draw.language);
  const auto first = static_cast<std::size_t>(draw.rng.Int(0, kNumColours - 1));
  const auto second = (first + static_cast<std::size_t>(draw.rng.Int(1, kNumColours - 1))) % kNumColours;
  text = ReplacedAll(text, "{c1}", grammar.colours[first]);
  text = ReplacedAll(text, "{c2}", grammar.colours[second]);
  text = ReplacedAll(text, "{n1}", grammar.colour_nouns[first]);
  text = ReplacedAll(text, "{n2}", grammar.colour_nouns[second]);
  return ReplacedAll(text, "{and1}", grammar.colours_and[first]);
}

std::string WithNames(std::string text, const RefusalDraw& draw) {
  const RefusalGrammar& grammar = RefusalGrammarOf(draw.language);
  const ScenePart part = OneMeant(draw);
  const PlaceWord place = draw.scene.order.place;
  text = ReplacedAll(text, "{colour}", grammar.colour_nouns[static_cast<std::size_t>(part.colour)]);
  text = ReplacedAll(text, "{shape}", grammar.shapes[static_cast<std::size_t>(part.shape)]);
  if (place == PlaceWord::kNone) return text;
  return ReplacedAll(text, "{where}", grammar.places[static_cast<std::size_t>(place) - 1]);
}

const FamilyPatterns& PatternsOf(const RefusalDraw& draw) {
  for (const FamilyPatterns& patterns : RefusalGrammarOf(draw.language).families) {
    if (std::string_view(patterns.family) == draw.family.name) return patterns;
  }
  GENBA_CHECK(false, "a family without a maker of its own has patterns in both languages");
}

std::vector<const Pattern*> PatternsFor(const FamilyPatterns& family, Verb verb) {
  std::vector<const Pattern*> patterns;
  for (const PatternList* list : {&family.both, verb == Verb::kPick ? &family.pick : &family.reach}) {
    for (const Pattern& pattern : *list) patterns.push_back(&pattern);
  }
  return patterns;
}

// "en.prohibition.b3", held out "en.prohibition.hb3" or "en.prohibition.kb3": the place in its list.
std::string IdOf(const Pattern& pattern, const FamilyPatterns& family, const RefusalDraw& draw) {
  const std::string id = std::string(Name(draw.language)) + "." + family.family + "." + Mark(pattern.use);
  const std::array<std::pair<const char*, const PatternList*>, 3> lists{
      {{"b", &family.both}, {"p", &family.pick}, {"r", &family.reach}}};
  for (const auto& [letter, list] : lists) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (&(*list)[i] == &pattern) return id + letter + std::to_string(i + 1);
    }
  }
  GENBA_CHECK(false, "a pattern is in one of its family's lists");
}

// What a pattern says about the order of the scene: some of it only, where it says so.
Order OrderFor(const std::string& text, const RefusalDraw& draw) {
  Order order = draw.scene.order;
  if (Has(text, "{bare}")) order.objects.has_colour = order.objects.negated_colour = false;
  if (std::string_view(draw.family.name) == "contradiction") order.objects.count = Count::kOne;  // two fit two bins
  return order;
}

std::optional<Refusal> SayPattern(const RefusalDraw& draw) {
  const FamilyPatterns& family = PatternsOf(draw);
  const Pattern& pattern = DrawOfSplit(PatternsFor(family, draw.scene.order.verb), draw);
  const std::string id = IdOf(pattern, family, draw);
  const std::string text = WithWords(pattern.text, draw);
  return family.verbatim ? draw.Said(WithNames(WithColours(text, draw), draw), id) : SayAbout(text, id, draw);
}

std::optional<Refusal> SayOtherTask(const RefusalDraw& draw) {
  if (!draw.scene.other_tasks && draw.rng.Chance(kOtherVerb)) return SayOtherVerb(draw);
  return draw.wide ? SayOtherWork(draw) : SayPattern(draw);
}

std::optional<Refusal> SayProhibition(const RefusalDraw& draw) {
  return draw.wide ? SayInFrame(draw, Speech::kProhibition) : SayPattern(draw);
}

std::optional<Refusal> SayContradiction(const RefusalDraw& draw) {
  if (!draw.wide) return SayPattern(draw);
  return SayAbout(DrawImpossible(draw.language, draw.scene.order.verb, draw.rng), FramedId(draw.language), draw);
}

std::optional<Refusal> SayStop(const RefusalDraw& draw) { return draw.wide ? SayHalt(draw) : SayPattern(draw); }

std::optional<Refusal> SayTwoOrders(const RefusalDraw& draw) {
  return draw.wide ? SayAbout(DrawTwoDeeds(draw), FramedId(draw.language), draw) : SayPattern(draw);
}

std::optional<Refusal> SaySmallTalk(const RefusalDraw& draw) {
  return draw.wide ? SayInFrame(draw, Speech::kRemark) : SayPattern(draw);
}

std::optional<Refusal> SayQuestion(const RefusalDraw& draw) {
  return draw.wide ? SayInFrame(draw, Speech::kQuestion) : SayPattern(draw);
}

RefusalMaker MakerOf(std::string_view family) {
  static constexpr std::array<std::pair<std::string_view, RefusalMaker>, 18> kMakers{
      {{"prohibition", SayProhibition},
       {"question", SayQuestion},
       {"small_talk", SaySmallTalk},
       {"stop", SayStop},
       {"contradiction", SayContradiction},
       {"two_orders", SayTwoOrders},
       {"absent_object", SayAbsentObject},
       {"absent_count", SayAbsentCount},
       {"other_task", SayOtherTask},
       {"unknown_colour", SayUnknownColour},
       {"unknown_thing", SayUnknownThing},
       {"unknown_place", SayUnknownPlace},
       {"made_up_word", SayMadeUpWord},
       {"scrambled", SayScrambled},
       {"cut", SayCut},
       {"wrong_script", SayWrongScript},
       {"noise", SayNoise},
       {"held_out.wrong_language", SayWrongLanguage}}};
  for (const auto& [name, maker] : kMakers) {
    if (name == family) return maker;
  }
  return SayPattern;
}

}  // namespace

std::string SayWith(const Order& order, const std::string& text, const RefusalDraw& draw) {
  WordPicker words(draw.rng, draw.split, 0.6, HasSpare(order, draw.scene.parts));
  return GrammarOf(draw.language).say(order, Template{"", text.c_str()}, words);
}

std::optional<Refusal> SayAbout(const std::string& pattern, const std::string& id, const RefusalDraw& draw) {
  const std::optional<std::string> full = WithAnother(WithNames(WithColours(pattern, draw), draw), draw);
  if (!full) return std::nullopt;
  const std::string said = SayWith(OrderFor(*full, draw), ReplacedAll(*full, "{bare}", "{obj}"), draw);
  return draw.Said(Ended(said, draw.language, draw.rng), id);
}

const RefusalGrammar& RefusalGrammarOf(Language language) {
  return language == Language::kEnglish ? EnglishRefusals() : JapaneseRefusals();
}

const WordList* FindList(Language language, const std::string& name) {
  for (const WordList& list : RefusalGrammarOf(language).lists) {
    if (list.name == name) return &list;
  }
  return nullptr;
}

const Pattern& DrawForm(const RefusalDraw& draw, const std::string& list) {
  const WordList* found = FindList(draw.language, list);
  GENBA_CHECK(found != nullptr, "both languages have the list");
  std::vector<const Pattern*> forms;
  for (const Pattern& form : found->forms) forms.push_back(&form);
  return DrawOfSplit(forms, draw);
}

ScenePart OneMeant(const RefusalDraw& draw) {
  const std::vector<int> meant = Referents(draw.scene.order, draw.scene.parts);
  GENBA_CHECK(!meant.empty(), "the order is well posed in its scene");
  return draw.scene.parts[static_cast<std::size_t>(draw.rng.Pick(meant))];
}

std::span<const RefusalFamily> RefusalFamilies() { return kFamilies; }

std::optional<Refusal> SayRefusal(const RefusalFamily& family, const SaidScene& scene, Language language, Split split,
                                  Rng& rng, Wording wording) {
  RefusalDraw draw{family, scene, language, split, rng};
  draw.wide = wording == Wording::kWide && draw.use() == Use::kTraining && rng.Chance(kWide);
  return MakerOf(family.name)(draw);
}

}  // namespace genba::envs
