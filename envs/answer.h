// answer.h - what an instruction means in a scene: the one place that says what is acted on and what is only answered.
// Called by DrawScene (forced orders), the viewer's live mode and evaluation of given sentences. Pure, any thread; no
// failure: every text has an answer. Its inside (grammar and counting) will be replaced by what a policy has learned.
// Law: kAct exactly when the order is well posed in the scene and its place is there; nothing else is played.
#pragma once
#include <array>
#include <optional>
#include <string>

#include "envs/vec_env.h"
#include "sim/cell_builder.h"

namespace genba::envs {

// What should become of an instruction, as data sets and instruction files say it. Error(kBadInput) for another word.
inline constexpr std::array kAnswers{"act", "cannot", "must_not", "not_understood"};
void CheckAnswer(const std::string& answer, const std::string& file, const std::string& key);

struct Answer {
  enum class Kind {
    kAct,
    kNotUnderstood,  // outside the grammar (prohibitions, unknown words, …), or another kind of work than the scene's
    kCannot,         // understood, but what it names is not there, or not as many as it says
  };
  Kind kind = Kind::kNotUnderstood;
  std::optional<Order> order;  // what was understood, also when it cannot be done
  std::string why;             // a clause for people: "no part here matches \"red bolt\""; empty: act
  bool acts() const { return kind == Kind::kAct; }
};
const char* Name(Answer::Kind kind);  // "act", "not_understood", "cannot"

Answer AnswerOf(const std::string& text, const sim::CellSpec& cell, Verb verb);
Answer AnswerOf(const Order& order, const sim::CellSpec& cell, Verb verb);

// For people: "cannot: no part here matches …"; empty for kAct.
std::string Sentence(const Answer& answer);

}  // namespace genba::envs
