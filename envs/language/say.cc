// Orders to sentences: draws a template and words.
#include <algorithm>

#include "core/error.h"
#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

// Four of the 18 pairs, chosen by hand: each colour and each shape still occurs in training, with others.
constexpr std::array<std::pair<Colour, Shape>, 4> kHeldOutPairs{{{Colour::kRed, Shape::kNut},
                                                                 {Colour::kGreen, Shape::kBolt},
                                                                 {Colour::kPurple, Shape::kGear},
                                                                 {Colour::kBlue, Shape::kGear}}};

}  // namespace

const Grammar& GrammarOf(Language language) { return language == Language::kEnglish ? English() : Japanese(); }

const std::vector<Template>& TemplatesOf(const Grammar& grammar, Verb verb) {
  return verb == Verb::kPick ? grammar.pick : grammar.reach;
}

const Template& DrawTemplate(const std::vector<Template>& templates, Use use, Rng& rng) {
  std::vector<const Template*> choices;
  for (const Template& candidate : templates) {
    if (candidate.use == use) choices.push_back(&candidate);
  }
  return *rng.Pick(choices);
}

const char* Name(Language language) { return language == Language::kEnglish ? "en" : "ja"; }

const char* Name(Split split) {
  switch (split) {
    case Split::kTrain:
      return "train";
    case Split::kTemplates:
      return "templates";
    case Split::kTaught:
      return "taught";
    case Split::kPairs:
      return "pairs";
    case Split::kCalibration:
      return "calibration";
    case Split::kUnseen:
      return "unseen";
  }
  return "unknown";
}

Word WordOf(Split split) {
  if (split == Split::kTaught) return Word::kTaught;
  return split == Split::kUnseen ? Word::kUnseen : Word::kTraining;
}

Use UseOf(Split split) {
  if (split == Split::kTemplates) return Use::kEvaluation;
  return split == Split::kCalibration ? Use::kCalibration : Use::kTraining;
}

const char* Mark(Use use) {
  constexpr std::array kMarks{"", "k", "h"};
  return kMarks.at(static_cast<std::size_t>(use));
}

bool IsHeldOutPair(Colour colour, Shape shape) {
  return std::find(kHeldOutPairs.begin(), kHeldOutPairs.end(), std::pair(colour, shape)) != kHeldOutPairs.end();
}

std::string Ended(std::string text, Language language, Rng& rng) {
  constexpr double kNone = 0.1, kForce = 0.04;
  const bool english = language == Language::kEnglish;
  const std::string stop = english ? "." : "。";
  const double how = rng.Uniform();
  if (!text.ends_with(stop) || how >= kNone + kForce) return text;
  text.erase(text.size() - stop.size());
  return how < kNone ? text : text + (english ? "!" : "！");
}

bool Has(const std::string& text, const char* slot) { return text.find(slot) != std::string::npos; }

std::string Uncapitalised(std::string phrase) {
  if (phrase[0] >= 'A' && phrase[0] <= 'Z') phrase[0] = static_cast<char>(phrase[0] - 'A' + 'a');
  return phrase;
}

std::string Replaced(std::string text, const std::string& slot, const std::string& with) {
  const std::size_t at = text.find(slot);
  return at == std::string::npos ? text : text.replace(at, slot.size(), with);
}

std::vector<std::string> LiteralPieces(const std::string& text) {
  std::vector<std::string> pieces;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t open = text.find('{', from);
    if (open != from) pieces.push_back(text.substr(from, open - from));
    if (open == std::string::npos) break;
    from = text.find('}', open) + 1;
  }
  return pieces;
}

void AddForms(std::vector<Phrase>& phrases, const Forms& forms, Token token) {
  for (const Form& form : forms) phrases.push_back({form.text, token});
}

Utterance Say(const Order& order, Language language, Split split, Rng& rng, bool spare) {
  const Grammar& grammar = GrammarOf(language);
  const Template& sentence = DrawTemplate(TemplatesOf(grammar, order.verb), UseOf(split), rng);
  for (const double eagerness : {0.6, 1.0}) {  // the second time every word that can be is the split's own
    WordPicker words(rng, split, eagerness, spare);
    const std::string text = grammar.say(order, sentence, words);
    if (words.used_own()) return {language, Ended(text, language, rng), sentence.id};
  }
  GENBA_CHECK(false, "every object phrase has a word that the split has a form of its own for");
}

std::vector<Utterance> Examples(const Order& order, Language language) {
  std::vector<Utterance> examples;
  const Grammar& grammar = GrammarOf(language);
  for (const Template& sentence : TemplatesOf(grammar, order.verb)) {
    Rng rng(0, examples.size(), "examples");
    WordPicker words(rng, Split::kTrain, 0, false);
    examples.push_back({language, grammar.say(order, sentence, words), sentence.id});
  }
  return examples;
}

std::vector<CorpusLine> Corpus(std::uint64_t seed, int num_lines) {
  std::vector<CorpusLine> lines;
  for (int i = 0; i < num_lines; ++i) {
    Rng rng(seed, static_cast<std::uint64_t>(i), "corpus");
    Order order;
    order.verb = rng.Chance(0.3) ? Verb::kReach : Verb::kPick;
    ObjectSet& set = order.objects;
    set.has_shape = rng.Chance(0.85);
    if (set.has_shape) set.shape = static_cast<Shape>(rng.Int(0, kNumShapes - 1));
    set.has_colour = rng.Chance(0.8);
    do {
      if (set.has_colour) set.colour = static_cast<Colour>(rng.Int(0, kNumColours - 1));
    } while (set.has_colour && set.has_shape && IsHeldOutPair(set.colour, set.shape));
    set.negated_colour = set.has_colour && rng.Chance(0.15);
    if (order.verb == Verb::kPick) {
      set.count = static_cast<Count>(std::max(0, rng.Int(-3, 3)));
      order.place = static_cast<PlaceWord>(rng.Int(1, kNumPlaces));
    }
    const Language language = rng.Chance(0.5) ? Language::kEnglish : Language::kJapanese;
    const bool spare = order.objects.count != Count::kAll && rng.Chance(0.3);
    const Utterance utterance = Say(order, language, rng.Chance(0.5) ? Split::kTrain : Split::kTaught, rng, spare);
    lines.push_back({utterance.text, order, language});
  }
  return lines;
}

}  // namespace genba::envs
