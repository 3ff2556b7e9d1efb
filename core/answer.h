// answer.h - what is made of an instruction: act on it, or hold still and say why not. The same four words in policies,
// environments, files and tables. Pure; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <string>

namespace genba {

enum class Answer : std::uint8_t {
  kAct,
  kCannot,         // understood, but not possible here: what it names is not there, or it is another kind of work
  kMustNot,        // it forbids something, or says stop
  kNotUnderstood,  // it means nothing that this cell knows
};
inline constexpr std::array kAnswerNames{"act", "cannot", "must_not", "not_understood"};
inline constexpr int kNumAnswers = static_cast<int>(kAnswerNames.size());

const char* Name(Answer answer);
// Error(kBadInput) naming file and key for another word.
Answer AnswerFromName(const std::string& name, const std::string& file, const std::string& key);

}  // namespace genba
