// grammar.h - what a language's grammar is made of: templates, words with their meaning, and how an object is spoken
// of. The inside of envs/language; constant data, pure functions. One file per language fills a Grammar; say.cc draws
// sentences from it, understand.cc reads them back with the same words.
#pragma once
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "envs/language.h"

namespace genba::envs {

// Who may hear a word: everybody, the language corpus but no robot in training, evaluation only.
enum class Word { kTraining, kTaught, kUnseen };
Word WordOf(Split split);
// What a template is for. Each is said in the splits of its use only.
enum class Use { kTraining, kCalibration, kEvaluation };
Use UseOf(Split split);
const char* Mark(Use use);  // in the name of a template: "", "k", "h"

struct Form {
  const char* text;
  Word word = Word::kTraining;
};
using Forms = std::vector<Form>;

struct CountForm {
  const char* text;
  Word word = Word::kTraining;
  bool singular = false;  // "every bolt"
};

// Slots: {obj} the object phrase, {objo} the same with を and maybe an adverbial count (Japanese), {place}, {put} a
// verb. English: {kind} the object phrase without its leading "the"; {it} {is} {has_to} {needs_to} {goes} in agreement
// with the object.
struct Template {
  const char* id;
  const char* text;
  Use use = Use::kTraining;
  bool of_grammar = true;  // Understand() reads it; the sentences of other authors (patterns.cc) it does not
};

inline constexpr int kAnyShape = kNumShapes;  // index of "part" among the shape forms

// Draws words. Where a split has words of its own, one of them is preferred with probability eagerness.
class WordPicker {
 public:
  WordPicker(Rng& rng, Split split, double eagerness, bool spare)
      : rng_(rng), own_(WordOf(split)), eagerness_(eagerness), spare_(spare) {}
  template <class F>
  const F& Pick(const std::vector<F>& forms) {
    const bool take_own = own_ != Word::kTraining && rng_.Chance(eagerness_) && Count(forms, own_) > 0;
    const Word wanted = take_own ? own_ : Word::kTraining;
    int left = rng_.Int(0, Count(forms, wanted) - 1);
    for (const F& form : forms) {
      if (form.word == wanted && left-- == 0) {
        used_own_ = used_own_ || take_own;
        return form;
      }
    }
    return forms.front();
  }
  // Stand-ins for every colour and every shape, where a sentence is about what the grammar does not know ("orange").
  void SayInstead(std::string colour, std::string shape) {
    colour_ = std::move(colour);
    shape_ = std::move(shape);
  }
  std::string PickColour(const Forms& forms) { return colour_.empty() ? Pick(forms).text : colour_; }
  std::string PickShape(const Forms& forms) { return shape_.empty() ? Pick(forms).text : shape_; }
  Rng& rng() { return rng_; }
  bool used_own() const { return used_own_ || own_ == Word::kTraining; }  // if the split has any
  bool spare() const { return spare_; }                                   // more are there than the order asks for

 private:
  template <class F>
  static int Count(const std::vector<F>& forms, Word word) {
    int count = 0;
    for (const F& form : forms) count += form.word == word;
    return count;
  }
  Rng& rng_;
  Word own_;
  double eagerness_;
  bool spare_;
  bool used_own_ = false;
  std::string colour_, shape_;  // empty: the grammar's own
};

// A word or phrase that carries meaning, for reading.
enum class TokenKind {
  kColour,
  kShape,
  kShapes,
  kPlace,
  kCount,
  kExcept,
  kThatIs,
  kArticle,
  kBin,
  kBinAt,
  kAction,
  kFiller
};
struct Token {
  TokenKind kind;
  int value =
      0;  // Colour, Shape (kAnyShape any; kShapes: several of it), PlaceWord (kBinAt too), Count, or the verbs an action may mean
};
inline constexpr int kSaysPick = 1, kSaysReach = 2;  // of kAction: bits
struct Phrase {
  std::string text;
  Token token;
};

struct Grammar {
  Language language;
  std::vector<Template> pick, reach;
  std::string (*say)(const Order& order, const Template& sentence, WordPicker& words);
  std::vector<Phrase> (*phrases)();  // everything sentences are made of besides the templates' own words
};
const Grammar& English();
const Grammar& Japanese();
const Grammar& GrammarOf(Language language);
const std::vector<Template>& TemplatesOf(const Grammar& grammar, Verb verb);
// And those templates that are kept from training, which patterns.cc reads.
std::vector<Template> WithKeptTemplates(Language language, const std::string& verb, std::vector<Template> templates);
const Template& DrawTemplate(const std::vector<Template>& templates, Use use, Rng& rng);

// As people end an order: mostly with a full stop, sometimes without or with more force. Other marks stay.
std::string Ended(std::string text, Language language, Rng& rng);
std::string Replaced(std::string text, const std::string& slot, const std::string& with);
bool Has(const std::string& text, const char* slot);
std::string Uncapitalised(std::string phrase);  // for the middle of an English sentence
// The literal pieces of a template between its slots.
std::vector<std::string> LiteralPieces(const std::string& text);
void AddForms(std::vector<Phrase>& phrases, const Forms& forms, Token token);
// As texts are read: NFKC, lower case, no punctuation, single spaces; Japanese marks removed.
std::string Normalised(const std::string& text);
bool IsWordByte(char c);  // a letter, digit or hyphen of an English word

}  // namespace genba::envs
