// Refusals put together from frames: a prohibition, a question or other work, said as orders are said.
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

constexpr double kAboutOtherWork = 0.15;  // of prohibitions and questions
constexpr double kShouted = 0.3;          // of halts

}  // namespace

std::optional<Refusal> SayInFrame(const RefusalDraw& draw, Speech speech) {
  const bool other = speech != Speech::kRemark && draw.rng.Chance(kAboutOtherWork);
  const Order& order = draw.scene.order;
  const std::string pattern = other ? DrawOtherWork(draw.language, order.verb, speech, draw.rng)
                                    : DrawFrame(draw.language, order.verb, speech, draw.rng);
  const std::string text = SayWith(order, pattern, draw);
  Refusal refusal = draw.Said(Ended(text, draw.language, draw.rng), FramedId(draw.language));
  refusal.about_order = !other;
  return refusal;
}

std::optional<Refusal> SayOtherWork(const RefusalDraw& draw) {
  const std::string pattern = DrawOtherWork(draw.language, draw.scene.order.verb, Speech::kOrder, draw.rng);
  return SayAbout(pattern, FramedId(draw.language), draw);
}

// A word that halts in the family's own patterns, and a shout behind some.
std::optional<Refusal> SayHalt(const RefusalDraw& draw) {
  std::string text = DrawHalt(draw.language, draw.rng);
  if (draw.rng.Chance(kShouted)) {
    const bool english = draw.language == Language::kEnglish;
    text += (english ? ", " : "、") + DrawAlarm(draw.language, draw.rng) + (english ? "!" : "！");
  } else {
    text = DrawForm(draw, "hail").text + text + DrawForm(draw, "halt_tail").text;
  }
  return SayAbout(text, FramedId(draw.language), draw);
}

// The second deed is about another part and place, and has no {it}, which is of the first.
std::string DrawTwoDeeds(const RefusalDraw& draw) {
  const Verb verb = draw.scene.order.verb;
  std::string second = "{it}";
  while (Has(second, "{it}")) second = DrawDeed(draw.language, verb, draw.rng);
  for (const char* slot : {"{obj", "{objo", "{place"})
    second = Replaced(second, std::string(slot) + "}", std::string(slot) + "2}");
  const std::string joint = DrawJoint(draw.language, draw.rng);
  return Replaced(Replaced(joint, "{a}", DrawDeed(draw.language, verb, draw.rng)), "{b}", second);
}

}  // namespace genba::envs
