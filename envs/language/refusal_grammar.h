// refusal_grammar.h - what sentences that are no orders are made of. The inside of envs/language, beside grammar.h:
// constant data, pure functions, any thread. One file per language fills a RefusalGrammar; refusals.cc draws from it.
// A pattern or word held out for a use is said in its split only, and there no other is where there are some.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "envs/language/frames.h"
#include "envs/language/grammar.h"
#include "envs/refusals.h"

namespace genba::envs {

// Slots: those of Template; {obj2} {objo2} {place2} of another order; {bare} the object without its colour; {c1} {c2}
// two colours before a noun, {n1} {n2} as nouns, {and1} the first joined to another; {colour} {shape} {where} names of
// one part that is meant and of the place; any other name is a WordList's.
struct Pattern {
  const char* text;
  Use use = Use::kTraining;
};
using PatternList = std::vector<Pattern>;

struct FamilyPatterns {
  const char* family;
  PatternList both, pick, reach;  // for tasks of either verb, of one
  bool verbatim = false;          // no sentence: it does not begin with a capital
};

struct WordList {
  const char* name;
  PatternList forms;  // held out for evaluation or not at all
};

struct RefusalGrammar {
  std::vector<FamilyPatterns> families;
  std::vector<WordList> lists;
  std::array<const char*, kNumColours> colours, colour_nouns, colours_and;
  std::array<const char*, kNumShapes> shapes;
  std::array<const char*, kNumPlaces> places;
};
const RefusalGrammar& EnglishRefusals();
const RefusalGrammar& JapaneseRefusals();
const RefusalGrammar& RefusalGrammarOf(Language language);
// Their parts, one file each.
std::vector<WordList> EnglishWordLists(), JapaneseWordLists();
std::vector<WordList> EnglishTalk(), JapaneseTalk();  // of small talk, among those lists
FamilyPatterns EnglishCode(), JapaneseCode();
// The patterns of pieces/*.txt, each to its family; one that has none yet is made.
void AddPatterns(Language language, std::vector<FamilyPatterns>& families);

// Everything one sentence is drawn from.
struct RefusalDraw {
  const RefusalFamily& family;
  const SaidScene& scene;
  Language language;
  Split split;
  Rng& rng;
  bool wide = false;  // this sentence is put together from frames and everyday words, where its family can be
  Use use() const { return UseOf(split); }
  Refusal Said(const std::string& text, const std::string& id) const {
    return {language, text, family.name, id, family.expect, true};
  }
};
using RefusalMaker = std::optional<Refusal> (*)(const RefusalDraw& draw);

// Orders that the scene or the cell does not have (refusals_orders.cc).
std::optional<Refusal> SayAbsentObject(const RefusalDraw& draw);
std::optional<Refusal> SayAbsentCount(const RefusalDraw& draw);
std::optional<Refusal> SayOtherVerb(const RefusalDraw& draw);
std::optional<Refusal> SayUnknownColour(const RefusalDraw& draw);
std::optional<Refusal> SayUnknownThing(const RefusalDraw& draw);
std::optional<Refusal> SayUnknownPlace(const RefusalDraw& draw);
std::optional<Refusal> SayMadeUpWord(const RefusalDraw& draw);
std::optional<Order> AnotherOrder(const RefusalDraw& draw);  // about other parts that are there, one of them
PlaceWord AnotherPlace(PlaceWord place, Rng& rng);

// Said in a frame (frames.h): a prohibition, a question, other work; two deeds in one sentence (refusals_wide.cc).
std::optional<Refusal> SayInFrame(const RefusalDraw& draw, Speech speech);
std::optional<Refusal> SayOtherWork(const RefusalDraw& draw);
std::optional<Refusal> SayHalt(const RefusalDraw& draw);
std::string DrawTwoDeeds(const RefusalDraw& draw);
// A pattern with its slots filled from an order.
std::string SayWith(const Order& order, const std::string& text, const RefusalDraw& draw);
// A pattern about the order of the scene, and about another where it has slots for one; nothing where there is no other.
std::optional<Refusal> SayAbout(const std::string& pattern, const std::string& id, const RefusalDraw& draw);

// Orders that came apart (refusals_broken.cc).
std::optional<Refusal> SayCut(const RefusalDraw& draw);
std::optional<Refusal> SayScrambled(const RefusalDraw& draw);
std::optional<Refusal> SayNoise(const RefusalDraw& draw);
// Orders in tongues that this cell does not speak (refusals_foreign.cc).
std::optional<Refusal> SayWrongScript(const RefusalDraw& draw);
std::optional<Refusal> SayWrongLanguage(const RefusalDraw& draw);

const WordList* FindList(Language language, const std::string& name);  // null: there is none
const Pattern& DrawForm(const RefusalDraw& draw, const std::string& list);
ScenePart OneMeant(const RefusalDraw& draw);  // one of the parts that the order is about

}  // namespace genba::envs
