// answer.h - what an instruction means in a scene: the one place that says what is acted on and what is only answered.
// Called by DrawScene (forced orders), the viewer's live mode and evaluation of given sentences. Pure, any thread; no
// failure: every text has an answer. Its inside (grammar and counting) will be replaced by what a policy has learned.
// Law: kAct exactly when the order is well posed in the scene and its place is there; nothing else is played.
#pragma once
#include <optional>
#include <string>

#include "core/answer.h"
#include "envs/vec_env.h"
#include "sim/cell_builder.h"

namespace genba::envs {

// What comes of it.
struct Verdict {
  Answer answer = Answer::kNotUnderstood;  // never kMustNot: prohibitions are outside of the grammar
  std::optional<Order> order;              // what was understood, also when it cannot be done
  std::string why;                         // a clause for people: "no part here matches \"red bolt\""; empty: act
  bool acts() const { return answer == Answer::kAct; }
};

Verdict VerdictOn(const std::string& text, const sim::CellSpec& cell, Verb verb);
Verdict VerdictOn(const Order& order, const sim::CellSpec& cell, Verb verb);

// For people: "cannot: no part here matches …"; empty for kAct.
std::string Sentence(const Verdict& verdict);

}  // namespace genba::envs
