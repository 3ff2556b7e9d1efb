// English: imperative, polite, declarative, place first, relative clauses, plurals, negation.
#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

const std::array<Forms, kNumColours> kColourWords{{{{"red"}, {"crimson"}, {"scarlet", true}},
                                                   {{"blue"}, {"azure"}, {"navy", true}},
                                                   {{"green"}, {"emerald"}, {"jade", true}},
                                                   {{"yellow"}, {"golden"}, {"amber", true}},
                                                   {{"purple"}, {"violet"}, {"lilac", true}},
                                                   {{"white"}, {"ivory"}, {"snowy", true}}}};
const std::array<Forms, kNumShapes + 1> kShapeWords{{{{"bolt"}, {"screw"}, {"fastener", true}},
                                                     {{"nut"}, {"hex nut"}, {"lock nut", true}},
                                                     {{"gear"}, {"cog"}, {"sprocket", true}},
                                                     {{"part"}, {"piece"}, {"item", true}}}};
const std::array<Forms, kNumPlaces> kPlaceWords{{{{"left"}, {"left-hand"}, {"leftmost", true}},
                                                 {{"middle"}, {"centre"}, {"central", true}},
                                                 {{"right"}, {"right-hand"}, {"rightmost", true}}}};
const Forms kBinWords{{"bin"}, {"box"}, {"container", true}};
const Forms kPutVerbs{{"put"}, {"place"}, {"drop"}, {"deposit", true}};
const Forms kGoVerbs{{"move"}, {"go"}, {"travel", true}};
const std::vector<CountForm> kTwo{{"the two"}, {"both"}, {"the pair of", true}};
const std::vector<CountForm> kThree{{"the three"}, {"all three"}, {"the trio of", true}};
const std::vector<CountForm> kAllCounts{{"all the"}, {"all"}, {"every", false, true}, {"each and every", true, true}};
const Forms kExceptWords{{"except"}, {"other than"}, {"apart from", true}};

std::string Noun(const Form& shape, bool singular) { return std::string(shape.text) + (singular ? "" : "s"); }

struct Determiner {
  std::string text;
  bool singular;
};

Determiner DeterminerFor(Count count, WordPicker& words) {
  if (count == Count::kOne) return {"the", true};
  const CountForm& form = words.Pick(count == Count::kTwo ? kTwo : count == Count::kThree ? kThree : kAllCounts);
  return {form.text, form.singular};
}

struct Spoken {
  std::string text;
  bool singular;
};

Spoken SpeakObject(const ObjectSet& set, WordPicker& words) {
  const Determiner determiner = DeterminerFor(set.count, words);
  const bool singular = determiner.singular;
  const std::string noun =
      Noun(words.Pick(kShapeWords[set.has_shape ? static_cast<std::size_t>(set.shape) : kAnyShape]), singular);
  if (!set.has_colour) return {determiner.text + " " + noun, singular};
  const std::string colour = words.Pick(kColourWords[static_cast<std::size_t>(set.colour)]).text;
  const std::string are = singular ? "is" : "are";
  if (set.negated_colour) {
    if (words.rng().Chance(0.5)) return {determiner.text + " " + noun + " that " + are + " not " + colour, singular};
    const std::string ones = set.count == Count::kOne ? "one" : "ones";
    return {determiner.text + " " + noun + " " + words.Pick(kExceptWords).text + " the " + colour + " " + ones,
            singular};
  }
  if (words.rng().Chance(0.15)) return {determiner.text + " " + noun + " that " + are + " " + colour, singular};
  return {determiner.text + " " + colour + " " + noun, singular};
}

std::string SpeakPlace(PlaceWord place, WordPicker& words) {
  const std::string word = words.Pick(kPlaceWords[static_cast<std::size_t>(place) - 1]).text;
  return "the " + word + " " + words.Pick(kBinWords).text;
}

std::string SayEnglish(const Order& order, const Template& sentence, WordPicker& words) {
  const Spoken object = SpeakObject(order.objects, words);
  std::string text = Replaced(sentence.text, "{obj}", object.text);
  text = Replaced(text, "{it}", object.singular ? "it" : "them");
  if (text.find("{put}") != std::string::npos)
    text = Replaced(text, "{put}", words.Pick(order.verb == Verb::kPick ? kPutVerbs : kGoVerbs).text);
  if (order.place != PlaceWord::kNone) text = Replaced(text, "{place}", SpeakPlace(order.place, words));
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::vector<Phrase> EnglishPhrases() {
  std::vector<Phrase> phrases;
  for (std::size_t c = 0; c < kColourWords.size(); ++c)
    AddForms(phrases, kColourWords[c], {TokenKind::kColour, static_cast<int>(c)});
  for (std::size_t s = 0; s < kShapeWords.size(); ++s) {
    AddForms(phrases, kShapeWords[s], {TokenKind::kShape, static_cast<int>(s)});
    for (const Form& form : kShapeWords[s])
      phrases.push_back({Noun(form, false), {TokenKind::kShapes, static_cast<int>(s)}});
  }
  for (std::size_t p = 0; p < kPlaceWords.size(); ++p)
    AddForms(phrases, kPlaceWords[p], {TokenKind::kPlace, static_cast<int>(p) + 1});
  AddForms(phrases, kBinWords, {TokenKind::kBin});
  AddForms(phrases, kPutVerbs, {TokenKind::kAction, kSaysPick});
  AddForms(phrases, kGoVerbs, {TokenKind::kAction, kSaysPick | kSaysReach});  // "move the bolt to the left bin" too
  auto add_counts = [&](const std::vector<CountForm>& forms, Count count) {
    for (const CountForm& form : forms) phrases.push_back({form.text, {TokenKind::kCount, static_cast<int>(count)}});
  };
  add_counts(kTwo, Count::kTwo);
  add_counts(kThree, Count::kThree);
  add_counts(kAllCounts, Count::kAll);
  AddForms(phrases, kExceptWords, {TokenKind::kExcept});
  AddForms(phrases, {{"not"}}, {TokenKind::kExcept});
  AddForms(phrases, {{"the"}, {"that"}, {"is"}, {"are"}, {"one"}, {"ones"}, {"it"}, {"them"}}, {TokenKind::kFiller});
  return phrases;
}

}  // namespace

const Grammar& English() {
  static const Grammar grammar{Language::kEnglish,
                               {{"en.p1", "{put} {obj} in {place}."},
                                {"en.p2", "Please {put} {obj} into {place}."},
                                {"en.p3", "Could you {put} {obj} in {place}?"},
                                {"en.p4", "I would like you to {put} {obj} in {place}."},
                                {"en.p5", "In {place}, {put} {obj}."},
                                {"en.p6", "Take {obj} and {put} {it} in {place}."},
                                {"en.p7", "Pick up {obj}, then {put} {it} into {place}."},
                                {"en.p8", "{obj} should go in {place}."},
                                {"en.p9", "{obj} must end up in {place}."},
                                {"en.p10", "Grab {obj} for me and {put} {it} in {place}."},
                                {"en.p11", "I need {obj} in {place}."},
                                {"en.p12", "Into {place} with {obj}, please."},
                                {"en.p13", "{put} {obj} in {place}, thank you."},
                                {"en.p14", "Your job is to {put} {obj} into {place}."},
                                {"en.h1", "Would you mind getting {obj} into {place}?", true},
                                {"en.h2", "{place} is where {obj} should be.", true},
                                {"en.h3", "We want {obj} over in {place}.", true},
                                {"en.h4", "Have the robot {put} {obj} inside {place}.", true}},
                               {{"en.r1", "{put} to {obj}."},
                                {"en.r2", "Please {put} above {obj}."},
                                {"en.r3", "Could you {put} over to {obj}?"},
                                {"en.r4", "I would like you to {put} above {obj}."},
                                {"en.r5", "Position the gripper over {obj}."},
                                {"en.r6", "Hover over {obj}."},
                                {"en.r7", "Bring the gripper to {obj}."},
                                {"en.r8", "Point at {obj} from above, please."},
                                {"en.r9", "The gripper should be above {obj}."},
                                {"en.r10", "Stop just above {obj}."},
                                {"en.r11", "I need the gripper over {obj}."},
                                {"en.r12", "Show me {obj}."},
                                {"en.h5", "Would you mind approaching {obj}?", true},
                                {"en.h6", "{obj} is where the gripper should be.", true},
                                {"en.h7", "We want the hand on top of {obj}.", true},
                                {"en.h8", "Have the robot reach for {obj}.", true}},
                               SayEnglish,
                               EnglishPhrases};
  return grammar;
}

}  // namespace genba::envs
