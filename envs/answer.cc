#include "envs/answer.h"

#include <vector>

#include "core/error.h"

#include "envs/task.h"

namespace genba::envs {

namespace {

std::string Quoted(const ObjectSet& set) {
  std::string text = "\"";
  if (set.has_colour && !set.negated_colour) text += std::string(Name(set.colour)) + " ";
  text += set.has_shape ? Name(set.shape) : "part";
  if (set.has_colour && set.negated_colour) text += std::string(" except ") + Name(set.colour);
  return text + "\"";
}

std::string Miscounted(const Order& order, std::size_t found) {
  const std::string objects = Quoted(order.objects);
  if (found == 0) return "no part here matches " + objects;
  const bool one = found == 1;
  return std::to_string(found) + (one ? " part here matches " : " parts here match ") + objects +
         ", the instruction is about " +
         (order.objects.count == Count::kOne ? "a single one" : Name(order.objects.count));
}

}  // namespace

void CheckAnswer(const std::string& answer, const std::string& file, const std::string& key) {
  std::string choices;
  for (const char* known : kAnswers) {
    if (answer == known) return;
    choices += (choices.empty() ? "" : " | ") + std::string(known);
  }
  throw BadInput({file, key, choices, answer.substr(0, 60)});
}

const char* Name(Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::kAct:
      return "act";
    case Answer::Kind::kNotUnderstood:
      return "not_understood";
    case Answer::Kind::kCannot:
      return "cannot";
  }
  return "unknown";
}

Answer AnswerOf(const Order& order, const sim::CellSpec& cell, Verb verb) {
  if (order.verb != verb)
    return {Answer::Kind::kNotUnderstood, order,
            std::string("this work is about \"") + Name(verb) + "\" orders, and " + ToText(order) + " is none"};
  EpisodePlan plan;
  plan.parts = VisibleParts(cell);
  if (!WellPosed(order, plan.parts))
    return {Answer::Kind::kCannot, order, Miscounted(order, Referents(order, plan.parts).size())};
  const bool wants_bin = order.place != PlaceWord::kNone;
  if (wants_bin && GoalOf(order, plan, cell).bin < 0)
    return {Answer::Kind::kCannot, order, std::string("there is no ") + Name(order.place) + " bin here"};
  return {Answer::Kind::kAct, order, ""};
}

Answer AnswerOf(const std::string& text, const sim::CellSpec& cell, Verb verb) {
  const std::optional<Order> order = Understand(text);
  if (order) return AnswerOf(*order, cell, verb);
  return {Answer::Kind::kNotUnderstood, std::nullopt,
          text.empty() ? "nothing was said" : "the sentence is outside of what the grammar knows"};
}

std::string Sentence(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::kAct:
      return "";
    case Answer::Kind::kNotUnderstood:
      return "not understood, so not done: " + answer.why;
    case Answer::Kind::kCannot:
      return "cannot be done: " + answer.why;
  }
  return "";
}

}  // namespace genba::envs
