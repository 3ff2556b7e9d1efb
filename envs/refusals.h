// refusals.h - sentences that a robot must not act on, each with the answer it deserves: prohibitions, stops, orders
// about what is not there, unknown words, other work, questions, talk and noise, in English and Japanese.
// Called by the trainer (examples for a learned answer) and by evaluation. Pure functions of their arguments; any
// thread. Failure: nothing where a scene has no such sentence; an unknown family is a programmer's error.
// Law: Understand() takes none of them for an order that can be carried out in their scene (tests/envs/refusals_test.cc).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/answer.h"
#include "core/rng.h"
#include "envs/language.h"
#include "envs/order.h"

namespace genba::envs {

struct RefusalFamily {
  const char* name;
  Answer expect;
  bool held_out;  // never trained on; the name begins with "held_out."
};
std::span<const RefusalFamily> RefusalFamilies();

struct Refusal {
  Language language;
  std::string text;  // UTF-8; noise may be empty or hold a NUL byte
  std::string family;
  std::string
      template_id;  // "en.prohibition.p4", held out ".hp4", for calibration ".kp4"; "en.p4" where the grammar's own template was said
  Answer expect;
  bool about_order = true;  // false: about other work, whatever the scene's order
};

// One sentence of a family about a scene, whose order is raw material and says the verb of the task; nothing when the scene has none (every kind is there, so none is absent).
// Split::kTemplates says the templates held out for it and, where a family has them, held-out words, and no other split
// does; kCalibration says its own templates, or training ones where a family has none; kTaught and kUnseen take their
// synonyms of the grammar, kPairs may name a held-out pair that is absent.
// Wording::kWide, for learning: most of the sentences are put together from frames and everyday words. What is judged
// or calibrated on is said in its own patterns always.
enum class Wording { kPlain, kWide };
std::optional<Refusal> SayRefusal(const RefusalFamily& family, const SaidScene& scene, Language language, Split split,
                                  Rng& rng, Wording wording = Wording::kPlain);

}  // namespace genba::envs
