// instructions.h - files of sentences for `genba eval --instructions`: one JSON object a line,
//   {"text": "…", "order": "pick(one red bolt -> left bin)", "lang": "ja", "expect": "act", "family": "negation"}
// order is what the sentence means (also under its old name "frame"); without one, the sentence is said in any scene and
// must expect something else than "act", or hold {part}: {part}, {bin}, {shape} and {absent} are filled from the scene. lang, expect and family may be missing. Pure; any thread. A bad line costs
// that line, with a warning that names it. Failure: Error(kBadInput) naming the file when no line is left.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/answer.h"
#include "envs/language.h"

namespace genba::trainer {

struct Instruction {
  std::string text, order;  // order: canonical text; empty: any
  std::optional<envs::Language> language;
  Answer expect = Answer::kAct;
  std::string family;
};

inline constexpr std::size_t kLongestInstructions = std::size_t{16} << 20;  // [bytes]

// text: of the file. Lines about another verb than the task's are bad lines too.
std::vector<Instruction> ReadInstructions(const std::string& text, const std::string& file, envs::Verb verb);

}  // namespace genba::trainer
