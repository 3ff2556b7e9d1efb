// grammar.h - what a language's grammar is made of: templates, words with their meaning, and how an object is spoken
// of. The inside of envs/language; constant data, pure functions. One file per language fills a Grammar; say.cc draws
// sentences from it, understand.cc reads them back with the same words. A form or template marked held out is never
// said in Split::kTrain.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "core/rng.h"
#include "envs/language.h"

namespace genba::envs {

struct Form {
  const char* text;
  bool held_out = false;
};
using Forms = std::vector<Form>;

struct CountForm {
  const char* text;
  bool held_out = false;
  bool singular = false;  // "every bolt"
};

// Slots: {obj} the object phrase, {objo} the same with を and maybe an adverbial count (Japanese), {place}, {put} a
// verb, {it} a pronoun that agrees with the object (English).
struct Template {
  const char* id;
  const char* text;
  bool held_out = false;
};

inline constexpr int kAnyShape = kNumShapes;  // index of "part" among the shape forms

// Draws words. In Split::kWords a held-out form is preferred with probability eagerness wherever there is one.
class WordPicker {
 public:
  WordPicker(Rng& rng, Split split, double eagerness) : rng_(rng), split_(split), eagerness_(eagerness) {}
  template <class F>
  const F& Pick(const std::vector<F>& forms) {
    const bool want_held_out = split_ == Split::kWords && rng_.Chance(eagerness_) && Count(forms, true) > 0;
    int left = rng_.Int(0, Count(forms, want_held_out) - 1);
    for (const F& form : forms) {
      if (form.held_out == want_held_out && left-- == 0) {
        used_held_out_ = used_held_out_ || want_held_out;
        return form;
      }
    }
    return forms.front();
  }
  Rng& rng() { return rng_; }
  bool used_held_out() const { return used_held_out_; }

 private:
  template <class F>
  static int Count(const std::vector<F>& forms, bool held_out) {
    int count = 0;
    for (const F& form : forms) count += form.held_out == held_out;
    return count;
  }
  Rng& rng_;
  Split split_;
  double eagerness_;
  bool used_held_out_ = false;
};

// A word or phrase that carries meaning, for reading.
enum class TokenKind { kColour, kShape, kShapes, kPlace, kCount, kExcept, kBin, kAction, kFiller };
struct Token {
  TokenKind kind;
  int value =
      0;  // Colour, Shape (kAnyShape any; kShapes: several of it), PlaceWord, Count, or the verbs an action may mean
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
const Template& DrawTemplate(const std::vector<Template>& templates, bool held_out, Rng& rng);

std::string Replaced(std::string text, const std::string& slot, const std::string& with);
// The literal pieces of a template between its slots.
std::vector<std::string> LiteralPieces(const std::string& text);
void AddForms(std::vector<Phrase>& phrases, const Forms& forms, Token token);

}  // namespace genba::envs
