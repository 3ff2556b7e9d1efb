#include "core/trace.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/log.h"

namespace genba {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10;  // that wait to be written
constexpr auto kLongestWait = std::chrono::seconds(1);

int Opened(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) throw SystemError("write", file.string(), errno);
  return descriptor;
}

std::string Quoted(std::string_view text) { return ToText(nlohmann::json(text), -1); }

// Microseconds, as the format has them, to the nanosecond: rounded, a span could end behind the one around it.
std::string Microseconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(time.count() / 1000),
                static_cast<long long>(time.count() % 1000));
  return text;
}

}  // namespace

Trace::Trace(const std::filesystem::path& file, int process, std::string_view process_name)
    : file_(file), process_(process), descriptor_(Opened(file)) {
  GENBA_CHECK(process > 0, "readers take process 0 for the idle one");
  Name("process_name", ThreadNumber(), process_name);
}

Trace::~Trace() {
  if (descriptor_ < 0) return;
  buffer_ += "\n]\n";
  Flush();
  if (descriptor_ >= 0) ::close(descriptor_);
}

// By the order in which they were first seen.
int Trace::ThreadNumber() {
  const int next = static_cast<int>(threads_.size()) + 1;
  const auto [thread, is_new] = threads_.emplace(std::this_thread::get_id(), next);
  if (is_new) Name("thread_name", next, next == 1 ? "main" : "thread " + std::to_string(next));
  return thread->second;
}

// Without a time: Perfetto refuses some.
void Trace::Name(std::string_view what, int thread, std::string_view name) {
  Append("{\"name\":" + Quoted(what) + ",\"ph\":\"M\",\"pid\":" + std::to_string(process_) +
         ",\"tid\":" + std::to_string(thread) + ",\"args\":{\"name\":" + Quoted(name) + "}}");
}

void Trace::Append(std::string_view event) {
  buffer_.append(before_event_).append(event);
  before_event_ = ",\n";
}

void Trace::Add(std::string_view name, Clock::time_point start, Clock::time_point end) {
  const std::scoped_lock lock(mutex_);
  if (descriptor_ < 0) return;
  const int thread = ThreadNumber();
  Append("{\"name\":" + Quoted(name) + ",\"ph\":\"X\",\"ts\":" + Microseconds(start.time_since_epoch()) +
         ",\"dur\":" + Microseconds(end - start) + ",\"pid\":" + std::to_string(process_) +
         ",\"tid\":" + std::to_string(thread) + "}");
  if (buffer_.size() >= kMostBytes || end - last_flush_ >= kLongestWait) Flush();
}

void Trace::Flush() {
  try {
    WriteDescriptor(descriptor_, buffer_, file_.string());
  } catch (const Error& error) {
    LogWarning(std::string(error.what()) + ": the trace ends here");
    ::close(descriptor_);
    descriptor_ = -1;
  }
  buffer_.clear();
  last_flush_ = Clock::now();
}

}  // namespace genba
