// frames.h - sentences put together from what is done and how it is said: "put {obj} in {place}" with "could you please
// …", "make sure not to …", "who told you to …". A few hundred pieces give tens of thousands of patterns, in which an
// order, a prohibition, a question and a remark differ by the words that make them so and by nothing else. For learning only: what is
// judged is said in the grammar's own templates and the families' own patterns. Pure; any thread.
// Law: no piece of a template held out for calibration or evaluation is in them (tests/envs/frames_test.cc).
#pragma once
#include <string>
#include <vector>

#include "envs/language/grammar.h"

namespace genba::envs {

enum class Speech { kOrder, kProhibition, kQuestion, kRemark };

// A pattern about the cell's own work, with the slots of Template. An order names part and place; what is no order may
// be about one of them.
std::string DrawFrame(Language language, Verb verb, Speech speech, Rng& rng);
std::string FramedId(Language language);  // "en.framed"
// What is done, as two orders are joined: "put {obj} in {place}", {objo}{place}に入れて. And what joins them: {a} {b}.
std::string DrawDeed(Language language, Verb verb, Rng& rng);
std::string DrawJoint(Language language, Rng& rng);
// An order that nobody can carry out: "put {obj} in {place} without touching it"; slots of a Pattern.
std::string DrawImpossible(Language language, Verb verb, Rng& rng);
// A sentence about other work, with the parts of the cell or without: "could you close the window?"
std::string DrawOtherWork(Language language, Verb verb, Speech speech, Rng& rng);
std::string DrawHalt(Language language, Rng& rng);   // "slam on the brakes"
std::string DrawAlarm(Language language, Rng& rng);  // what is shouted with it: "smoke in the cell"

// What everyday life calls things; the cell has none of them.
const std::vector<EverydayWord>& EverydayThings();
const std::vector<EverydayWord>& EverydayColours();  // before a noun: "maroon", えび茶色の
const std::vector<EverydayWord>& EverydayPlaces();   // with their article: "the balcony", ベランダ

}  // namespace genba::envs
