// language.h - orders to sentences and back, English and Japanese.
// Pure functions of their arguments; any thread. The grammar is data in envs/language/*.cc.
// Laws: Understand(Say(order)) == order for every order, template of the grammar, word choice and language (the inverse
// check), and no other order for the templates that other authors wrote for calibration and evaluation; texts are
// deterministic in (seed, episode).
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/rng.h"
#include "envs/order.h"

namespace genba::envs {

enum class Language { kEnglish, kJapanese };
const char* Name(Language language);  // "en", "ja"

// What is kept out of training and asked only in evaluation. Disjoint by construction.
enum class Split {
  kTrain,        // training templates, words and attribute pairs
  kTemplates,    // templates held out for evaluation, training words
  kTaught,       // training templates, synonyms never told to a robot, but met in the language corpus
  kPairs,        // held-out (colour, shape) pairs as the target; training templates and words
  kCalibration,  // templates held out for setting thresholds, training words; shared with no other split
  kUnseen,       // training templates, synonyms that stand nowhere else, the language corpus included
};
inline constexpr std::array kSplits{Split::kTrain, Split::kTemplates,   Split::kTaught,
                                    Split::kPairs, Split::kCalibration, Split::kUnseen};
const char* Name(Split split);  // "train", "templates", "taught", "pairs", "calibration", "unseen"

bool IsHeldOutPair(Colour colour, Shape shape);  // about 20 % of the 18 pairs

struct Utterance {
  Language language;
  std::string text;  // UTF-8, one sentence
  std::string template_id;
};

// One sentence for order. split chooses which templates and words may be used (kPairs uses the training
// ones). spare: there are more than it asks for ("one of the red bolts" instead of "the red bolt").
Utterance Say(const Order& order, Language language, Split split, Rng& rng, bool spare = false);
// The phrases of a training sentence (kTrain, kTaught) in any order, among scraps of other training sentences and words
// that mean nothing: made-up patterns, so that a model learns to hold on to the phrases. Not in the grammar: Understand
// refuses it.
Utterance SayLoosely(const Order& order, Language language, Split split, Rng& rng, bool spare = false);
// A training sentence put together from what is done and how it is said (envs/language/frames.h): "would it be possible to
// …", …ていただけると助かります. Many more patterns than the grammar's, so Understand refuses most of them.
Utterance SayFramed(const Order& order, Language language, Split split, Rng& rng, bool spare = false);
// Pieces of sentences, for a language model to learn words from.
enum class PhrasePart { kObject, kPlace };
std::string SayPhrase(const Order& order, PhrasePart part, Language language, Split split, Rng& rng);
// "The scarlet fastener means the red bolt.": both are phrases of the language.
std::string SayMeans(const std::string& phrase, const std::string& plain, Language language, Rng& rng);
// A thing, a colour or a place of everyday life in both languages; the cell has none of them.
struct EverydayWord {
  std::string english, japanese;
};
const std::string& Said(const EverydayWord& word, Language language);
EverydayWord DrawEverydayWord(Rng& rng);
EverydayWord DrawWordOfForbidding(Rng& rng);
EverydayWord DrawWordOfAsking(Rng& rng);
// A verb and what it means in other words.
struct ExplainedWord {
  EverydayWord word, meaning;
};
ExplainedWord DrawVerb(Rng& rng);

// What a sentence is about.
struct SaidScene {
  const Order& order;  // well posed in the scene
  const std::vector<ScenePart>& parts;
  bool other_tasks = false;  // orders of the grammar's other verb can be carried out here, too
};
// A sentence with its slots filled in its language from a scene: {part} and {bin} are what order is about, {shape} is a
// shape that is there, {absent} a kind of part that is not. Nothing where the scene has none of it.
std::optional<std::string> Filled(const std::string& text, const SaidScene& scene, Language language, Rng& rng);
// A sentence as people say and type it: with capitals or none, full-width, without marks, with something before or after.
std::string Varied(const std::string& text, Language language, Rng& rng);
// With one letter exchanged for another of its kind: hiragana for hiragana, a consonant for a consonant.
std::string WithAnotherLetter(const std::string& text, Rng& rng);
// One slip of the finger: a letter inside a word left out, doubled, exchanged with the next or replaced.
std::string WithSlip(const std::string& text, Rng& rng);
// Every template once with its first words (for listing, tests and documentation).
std::vector<Utterance> Examples(const Order& order, Language language);

// The one order a sentence of the grammar means, in any split; nothing for text outside the grammar.
std::optional<Order> Understand(const std::string& text);

// The words of a sentence of the grammar, in order, without punctuation and capitals: Japanese does not show where they
// end. What the grammar does not know stays in one piece.
std::vector<std::string> SplitWords(const std::string& text);

// Sentences to train a language model on: random orders, no held-out pair, both languages, training templates, training
// and taught words (a language model has met the words of a language before a robot is told to use them). Pure in (seed, line).
struct CorpusLine {
  std::string text;
  Order order;
  Language language;
};
std::vector<CorpusLine> Corpus(std::uint64_t seed, int num_lines);

}  // namespace genba::envs
