#include "envs/answer.h"

#include <vector>

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

std::string Miscounted(const Order& order, int found) {
  const std::string objects = Quoted(order.objects);
  if (found == 0) return "no part here matches " + objects;
  const bool one = found == 1;
  return "only " + std::to_string(found) + (one ? " part here matches " : " parts here match ") + objects +
         ", the instruction is about " + Name(order.objects.count);
}

}  // namespace

Verdict VerdictOn(const Order& order, const sim::CellSpec& cell, Verb verb) {
  if (order.verb != verb)
    return {Answer::kCannot, order,
            std::string("this work is about \"") + Name(verb) + "\" orders, and " + ToText(order) + " is none"};
  EpisodePlan plan;
  plan.parts = VisibleParts(cell);
  if (!WellPosed(order, plan.parts))
    return {Answer::kCannot, order, Miscounted(order, NumReferents(order, plan.parts))};
  const bool wants_bin = order.place != PlaceWord::kNone;
  if (wants_bin && GoalOf(order, plan, cell).bin < 0)
    return {Answer::kCannot, order, std::string("there is no ") + Name(order.place) + " bin here"};
  return {Answer::kAct, order, ""};
}

Verdict VerdictOn(const std::string& text, const sim::CellSpec& cell, Verb verb) {
  const std::optional<Order> order = Understand(text);
  if (order) return VerdictOn(*order, cell, verb);
  return {Answer::kNotUnderstood, std::nullopt,
          text.empty() ? "nothing was said" : "the sentence is outside of what the grammar knows"};
}

std::string Sentence(const Verdict& verdict) {
  if (verdict.acts()) return "";
  const bool understood = verdict.answer != Answer::kNotUnderstood;
  return (understood ? "cannot be done: " : "not understood, so not done: ") + verdict.why;
}

}  // namespace genba::envs
