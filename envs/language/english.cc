// English: imperative, polite, declarative, place first, relative clauses, plurals, negation.
#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

using Use::kCalibration, Use::kEvaluation;
using Word::kTaught, Word::kUnseen;

const std::array<Forms, kNumColours> kColourWords{{{{"red"}, {"crimson"}, {"scarlet", kTaught}, {"ruby", kUnseen}},
                                                   {{"blue"}, {"azure"}, {"navy", kTaught}, {"cobalt", kUnseen}},
                                                   {{"green"}, {"emerald"}, {"jade", kTaught}, {"lime", kUnseen}},
                                                   {{"yellow"}, {"golden"}, {"amber", kTaught}, {"lemon", kUnseen}},
                                                   {{"purple"}, {"violet"}, {"lilac", kTaught}, {"mauve", kUnseen}},
                                                   {{"white"}, {"ivory"}, {"snowy", kTaught}, {"chalky", kUnseen}}}};
const std::array<Forms, kNumShapes + 1> kShapeWords{
    {{{"bolt"}, {"screw"}, {"fastener", kTaught}, {"stud", kUnseen}},
     {{"nut"}, {"hex nut"}, {"lock nut", kTaught}, {"wingnut", kUnseen}},
     {{"gear"}, {"cog"}, {"sprocket", kTaught}, {"pinion", kUnseen}},
     {{"part"}, {"piece"}, {"item", kTaught}, {"component", kUnseen}}}};
const std::array<Forms, kNumPlaces> kPlaceWords{
    {{{"left"}, {"left-hand"}, {"leftmost", kTaught}, {"portside", kUnseen}},
     {{"middle"}, {"centre"}, {"central", kTaught}, {"midmost", kUnseen}},
     {{"right"}, {"right-hand"}, {"rightmost", kTaught}, {"starboard", kUnseen}}}};
const Forms kBinWords{{"bin"}, {"box"}, {"container", kTaught}, {"crate", kUnseen}};
// Behind the bin: "the bin on the left".
const std::array<const char*, kNumPlaces> kWheres{"on the left", "in the middle", "on the right"};
constexpr double kPlaceBehind = 0.15;
const Forms kPutVerbs{{"put"}, {"place"}, {"drop"}, {"deposit", kTaught}};
const Forms kGoVerbs{{"move"}, {"go"}, {"travel", kTaught}};
const std::vector<CountForm> kTwo{{"the two"}, {"both"}, {"the pair of", kTaught}};
const std::vector<CountForm> kThree{{"the three"}, {"all three"}, {"the trio of", kTaught}};
// Where there are more than are asked for. Index: Count.
const std::array<std::vector<CountForm>, 3> kSome{
    {{{"one of the"},
      {"a", Word::kTraining, true},
      {"any", Word::kTraining, true},
      {"one", Word::kTraining, true},
      {"any one of the", kTaught}},
     {{"two of the"}, {"any two"}, {"two"}, {"a couple of", kTaught}},
     {{"three of the"}, {"any three"}, {"three"}, {"any three of the", kTaught}}}};
const std::vector<CountForm> kAllCounts{
    {"all the"}, {"all"}, {"every", Word::kTraining, true}, {"each and every", kTaught, true}};
const Forms kExceptWords{{"except"}, {"other than"}, {"apart from", kTaught}};

std::string Noun(const std::string& shape, bool singular) { return shape + (singular ? "" : "s"); }

struct Determiner {
  std::string text;
  bool singular;
};

Determiner DeterminerFor(Count count, WordPicker& words) {
  if (words.spare()) {
    const CountForm& form = words.Pick(kSome.at(static_cast<std::size_t>(count)));
    return {form.text, form.singular};
  }
  if (count == Count::kOne) return {"the", true};
  const CountForm& form = words.Pick(count == Count::kTwo ? kTwo : count == Count::kThree ? kThree : kAllCounts);
  return {form.text, form.singular};
}

// "a emerald nut" is an emerald nut.
std::string WithArticle(const std::string& phrase) {
  const bool vowel = phrase.starts_with("a ") && std::string("aeiou").find(phrase[2]) != std::string::npos;
  return vowel ? "an" + phrase.substr(1) : phrase;
}

std::string WithoutThe(const std::string& phrase) { return phrase.starts_with("the ") ? phrase.substr(4) : phrase; }

std::string SpeakObject(const ObjectSet& set, WordPicker& words) {
  const Determiner determiner = DeterminerFor(set.count, words);
  const bool singular = determiner.singular;
  const std::string noun =
      Noun(words.PickShape(kShapeWords[set.has_shape ? static_cast<std::size_t>(set.shape) : kAnyShape]), singular);
  if (!set.has_colour) return determiner.text + " " + noun;
  const std::string colour = words.PickColour(kColourWords[static_cast<std::size_t>(set.colour)]);
  const std::string are = singular ? "is" : "are";
  if (set.negated_colour) {
    if (words.rng().Chance(0.5)) return determiner.text + " " + noun + " that " + are + " not " + colour;
    const std::string ones = set.count == Count::kOne ? "one" : "ones";
    return determiner.text + " " + noun + " " + words.Pick(kExceptWords).text + " the " + colour + " " + ones;
  }
  if (words.rng().Chance(0.15)) return determiner.text + " " + noun + " that " + are + " " + colour;
  return determiner.text + " " + colour + " " + noun;
}

// "every bolt" is an it too.
bool IsIt(const std::string& object, Count count) {
  return count == Count::kOne || (count == Count::kAll && object.find("every") != std::string::npos);
}

// Slots in agreement with the object, and what they say of one and of several.
struct Agreement {
  const char *slot, *one, *several;
};
constexpr std::array<Agreement, 5> kAgreements{{{"{it}", "it", "them"},
                                                {"{is}", "is", "are"},
                                                {"{has_to}", "has to", "have to"},
                                                {"{needs_to}", "needs to", "need to"},
                                                {"{goes}", "goes", "go"}}};

std::string WithAgreement(std::string text, bool one) {
  for (const Agreement& agreement : kAgreements) {
    while (text.find(agreement.slot) != std::string::npos)
      text = Replaced(text, agreement.slot, one ? agreement.one : agreement.several);
  }
  return text;
}

std::string SpeakPlace(PlaceWord place, WordPicker& words) {
  if (words.rng().Chance(kPlaceBehind))
    return std::string("the ") + words.Pick(kBinWords).text + " " + kWheres[static_cast<std::size_t>(place) - 1];
  const std::string word = words.Pick(kPlaceWords[static_cast<std::size_t>(place) - 1]).text;
  return "the " + word + " " + words.Pick(kBinWords).text;
}

std::string SayEnglish(const Order& order, const Template& sentence, WordPicker& words) {
  const std::string object = WithArticle(SpeakObject(order.objects, words));
  std::string text = WithAgreement(sentence.text, IsIt(object, order.objects.count));
  text = Replaced(text, "{obj}", object);
  text = Replaced(text, "{kind}", WithoutThe(object));
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
      phrases.push_back({Noun(form.text, false), {TokenKind::kShapes, static_cast<int>(s)}});
  }
  for (std::size_t p = 0; p < kPlaceWords.size(); ++p)
    AddForms(phrases, kPlaceWords[p], {TokenKind::kPlace, static_cast<int>(p) + 1});
  AddForms(phrases, kBinWords, {TokenKind::kBin});
  for (const Form& bin : kBinWords) {
    for (std::size_t p = 0; p < kWheres.size(); ++p)
      phrases.push_back({std::string(bin.text) + " " + kWheres[p], {TokenKind::kBinAt, static_cast<int>(p) + 1}});
  }
  AddForms(phrases, kPutVerbs, {TokenKind::kAction, kSaysPick});
  AddForms(phrases, kGoVerbs, {TokenKind::kAction, kSaysPick | kSaysReach});  // "move the bolt to the left bin" too
  auto add_counts = [&](const std::vector<CountForm>& forms, Count count) {
    for (const CountForm& form : forms) {
      const Token token{TokenKind::kCount, static_cast<int>(count)};
      phrases.push_back({form.text, token});
      if (WithoutThe(form.text) != form.text) phrases.push_back({WithoutThe(form.text), token});
    }
  };
  add_counts(kTwo, Count::kTwo);
  add_counts(kThree, Count::kThree);
  add_counts(kAllCounts, Count::kAll);
  for (std::size_t n = 0; n < kSome.size(); ++n) {
    for (const CountForm& form : kSome[n]) {
      if (!form.singular) phrases.push_back({form.text, {TokenKind::kCount, static_cast<int>(n)}});
    }
  }
  AddForms(phrases, kExceptWords, {TokenKind::kExcept});
  AddForms(phrases, {{"that is not"}, {"that are not"}}, {TokenKind::kExcept});
  AddForms(phrases, {{"that is"}, {"that are"}}, {TokenKind::kThatIs});
  AddForms(phrases, {{"the"}, {"a"}, {"an"}}, {TokenKind::kArticle});
  AddForms(phrases, {{"one"}, {"ones"}, {"it"}, {"them"}, {"any"}}, {TokenKind::kFiller});
  AddForms(phrases, {{"has to"}, {"have to"}, {"needs to"}, {"need to"}, {"goes"}}, {TokenKind::kAction, kSaysPick});
  return phrases;
}

std::vector<Template> PickTemplates() {
  return {{"en.p1", "{put} {obj} in {place}."},
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
          {"en.p15", "Can you {put} {obj} in {place}?"},
          {"en.p16", "Will you {put} {obj} into {place}, please?"},
          {"en.p17", "Can you get {obj} into {place} for me?"},
          {"en.p18", "I want {obj} in {place}."},
          {"en.p19", "I want you to {put} {obj} in {place}."},
          {"en.p20", "I'd like {obj} in {place}, please."},
          {"en.p21", "{obj} {has_to} go into {place}."},
          {"en.p22", "{obj} {needs_to} be in {place}."},
          {"en.p23", "{obj} {goes} in {place}."},
          {"en.p24", "Make sure {obj} {goes} into {place}."},
          {"en.p25", "Let's {put} {obj} in {place}."},
          {"en.p26", "It is time to {put} {obj} in {place}."},
          {"en.p27", "Go ahead and {put} {obj} in {place}."},
          {"en.p28", "Transfer {obj} to {place}."},
          {"en.p29", "Bring {obj} to {place}."},
          {"en.p30", "Get {obj} into {place}, please."},
          {"en.p31", "Move {obj} over to {place}."},
          {"en.p32", "Carry {obj} to {place}, please."},
          {"en.p33", "Deliver {obj} to {place}."},
          {"en.p34", "Shift {obj} into {place}."},
          {"en.p35", "{kind} to {place}."},
          {"en.p36", "{kind} into {place}, please."},
          {"en.p37", "{kind}: {place}."},
          {"en.p38", "{place}: {kind}."},
          {"en.p39", "For {place}: {obj}."},
          {"en.p40", "Fetch {obj} and bring {it} to {place}."},
          {"en.p41", "Collect {obj}, carry {it} over and {put} {it} in {place}."},
          {"en.p42", "Lift {obj} and move {it} to {place}."},
          {"en.p43", "First pick up {obj}, then {put} {it} in {place}."},
          {"en.p44", "Start by taking {obj}, and then {put} {it} in {place}."},
          {"en.p45", "Use the gripper to {put} {obj} in {place}."},
          {"en.p46", "Next job: {kind} into {place}."},
          {"en.p47", "Now {put} {obj} in {place}."},
          {"en.p48", "{place} gets {obj}."},
          {"en.p49", "{place} is waiting for {obj}."},
          {"en.p50", "Robot, {put} {obj} into {place}."},
          {"en.p51", "{obj}, please, into {place}."},
          {"en.p52", "The job is simple: {obj} into {place}."},
          {"en.p53", "You can {put} {obj} in {place} now."},
          {"en.p54", "You should {put} {obj} in {place}."},
          {"en.p55", "You must {put} {obj} in {place}."},
          {"en.p56", "Please ensure that {obj} {goes} into {place}."},
          {"en.p57", "{obj} can go in {place} now."},
          {"en.p58", "I need you to get {obj} to {place}."},
          {"en.p59", "Pick {obj}, place in {place}."},
          {"en.p60", "Pick and place: {kind}, {place}."},
          {"en.p61", "{kind} from the table to {place}."},
          {"en.p62", "Destination for {obj}: {place}."},
          {"en.p63", "Take {obj} to {place}."},
          {"en.p64", "Do me a favour and {put} {obj} in {place}."},
          {"en.k1", "Be so good as to {put} {obj} in {place}.", kCalibration},
          {"en.k2", "What I ask for is {obj} in {place}.", kCalibration},
          {"en.k3", "It would please me to see {obj} in {place}.", kCalibration},
          {"en.h1", "Would you mind getting {obj} into {place}?", kEvaluation},
          {"en.h2", "{place} is where {obj} should be.", kEvaluation},
          {"en.h3", "We want {obj} over in {place}.", kEvaluation},
          {"en.h4", "Have the robot {put} {obj} inside {place}.", kEvaluation}};
}

std::vector<Template> ReachTemplates() {
  return {{"en.r1", "{put} to {obj}."},
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
          {"en.r13", "Can you {put} to {obj}?"},
          {"en.r14", "Will you {put} above {obj}, please?"},
          {"en.r15", "Can you show me {obj}?"},
          {"en.r16", "I want the gripper above {obj}."},
          {"en.r17", "I want you to {put} over to {obj}."},
          {"en.r18", "The gripper has to be over {obj}."},
          {"en.r19", "The arm must go to {obj}."},
          {"en.r20", "Make sure the gripper ends up above {obj}."},
          {"en.r21", "Let's {put} to {obj}."},
          {"en.r22", "It is time to {put} above {obj}."},
          {"en.r23", "Go ahead and {put} to {obj}."},
          {"en.r24", "Move the gripper over {obj}."},
          {"en.r25", "Get the gripper above {obj}, please."},
          {"en.r26", "Shift the arm over to {obj}."},
          {"en.r27", "Steer the gripper to {obj}."},
          {"en.r28", "Over {obj}, please."},
          {"en.r29", "Gripper to {obj}."},
          {"en.r30", "Above {obj} with the gripper."},
          {"en.r31", "Target: {obj}."},
          {"en.r32", "Next target: {kind}."},
          {"en.r33", "Aim for {obj}."},
          {"en.r34", "Find {obj} and hover over {it}."},
          {"en.r35", "Look for {obj}, then {put} above {it}."},
          {"en.r36", "Single out {obj}."},
          {"en.r37", "Indicate {obj}, please."},
          {"en.r38", "Point to {obj}."},
          {"en.r39", "To {obj}, please."},
          {"en.r40", "Take the gripper to {obj}."},
          {"en.r41", "Your job is to hover over {obj}."},
          {"en.r42", "Now {put} to {obj}."},
          {"en.r43", "Robot, {put} to {obj}."},
          {"en.r44", "You should {put} to {obj}."},
          {"en.r45", "{kind}: hover over {it}."},
          {"en.r46", "Do me a favour and {put} to {obj}."},
          {"en.k4", "Be so good as to {put} over to {obj}.", kCalibration},
          {"en.k5", "Line the gripper up with {obj}.", kCalibration},
          {"en.k6", "Close in on {obj}.", kCalibration},
          {"en.h5", "Would you mind approaching {obj}?", kEvaluation},
          {"en.h6", "{obj} is where the gripper should be.", kEvaluation},
          {"en.h7", "We want the hand on top of {obj}.", kEvaluation},
          {"en.h8", "Have the robot reach for {obj}.", kEvaluation}};
}

}  // namespace

const Grammar& English() {
  static const Grammar grammar{Language::kEnglish, WithKeptTemplates(Language::kEnglish, "pick", PickTemplates()),
                               WithKeptTemplates(Language::kEnglish, "reach", ReachTemplates()), SayEnglish,
                               EnglishPhrases};
  return grammar;
}

}  // namespace genba::envs
