#include "core/error.h"

#include <cstring>

namespace genba {

Error BadInput(const Refusal& refusal) {
  std::string text = refusal.file;
  if (!refusal.key.empty()) text += (text.empty() ? "" : ": ") + refusal.key;
  if (!refusal.expected.empty()) text += ": expected " + refusal.expected;
  if (!refusal.got.empty()) text += (refusal.expected.empty() ? ": got " : ", got ") + refusal.got;
  return Error(ErrorKind::kBadInput, text);
}

Error SystemError(const std::string& action, const std::string& path, int errno_value) {
  return Error(ErrorKind::kEnvironment, "cannot " + action + " " + path + ": " + std::strerror(errno_value));
}

void CheckFailed(const char* file, int line, const char* condition, const std::string& message) {
  throw std::logic_error(std::string(file) + ":" + std::to_string(line) + ": check failed: " + condition + ": " +
                         message);
}

}  // namespace genba
