#include "core/answer.h"

#include "core/error.h"

namespace genba {

const char* Name(Answer answer) { return kAnswerNames.at(static_cast<std::size_t>(answer)); }

Answer AnswerFromName(const std::string& name, const std::string& file, const std::string& key) {
  std::string choices;
  for (std::size_t i = 0; i < kAnswerNames.size(); ++i) {
    if (name == kAnswerNames[i]) return static_cast<Answer>(i);
    choices += (choices.empty() ? "" : " | ") + std::string(kAnswerNames[i]);
  }
  throw BadInput({file, key, choices, name.substr(0, 60)});
}

}  // namespace genba
