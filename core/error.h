// error.h - what every part throws when the world outside is wrong.
// Error: bad input, a failed job or a broken environment; the program prints what() and exits with
// exit_code(). GENBA_CHECK: a programmer's error; always on; throws std::logic_error so that tests can see
// it. Physics trouble is neither: it is a fault code on the world it happened in (sim/fault.h).
#pragma once
#include <stdexcept>
#include <string>

namespace genba {

enum class ErrorKind {
  kFailed = 1,       // the work itself failed: a replay mismatch, a bar not reached
  kBadInput = 2,     // the user's arguments or files
  kEnvironment = 3,  // disk, memory, GPU, another rank
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }
  int exit_code() const { return static_cast<int>(kind_); }

 private:
  ErrorKind kind_;
};

// The four things a refusal names. Empty parts are left out of the sentence:
// "data/pick/shard-00000.h5: schema_version: expected 1, got 7".
struct Refusal {
  std::string file;      // or the place: "--set", "task"
  std::string key;       // field or option inside it
  std::string expected;  // range, type or list of choices
  std::string got;
};
Error BadInput(const Refusal& refusal);

// An operating system call failed on path: names the action, the path and strerror(errno_value).
Error SystemError(const std::string& action, const std::string& path, int errno_value);

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, const std::string& message);

}  // namespace genba

#define GENBA_CHECK(condition, message)                                                \
  do {                                                                                 \
    if (!(condition)) ::genba::CheckFailed(__FILE__, __LINE__, #condition, (message)); \
  } while (false)
