// trace.h - what a program did when, as a file that ui.perfetto.dev and chrome://tracing open: named spans of time in Trace
// Event Format, as an array of events. Owned by whom times things (phases.h), handed on as a pointer that is null where no
// trace is wanted. Spans may come from any thread; those of one thread must nest.
// Bounded memory: written every 64 KiB or second, whole events at a time. A run that is killed leaves an array without its
// end, which both readers take. Failure: the constructor throws Error(kEnvironment) naming the file; a write that fails
// later is warned of and ends the trace, never the work that it shows.
#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace genba {

class Trace {
 public:
  using Clock = std::chrono::steady_clock;  // of all processes of a host: their traces lie side by side

  // process: at least 1, which tells the traces of several processes apart, and how readers call it.
  Trace(const std::filesystem::path& file, int process, std::string_view process_name);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Of the calling thread.
  void Add(std::string_view name, Clock::time_point start, Clock::time_point end);

 private:
  int ThreadNumber();
  void Name(std::string_view what, int thread, std::string_view name);
  void Append(std::string_view event);
  void Flush();

  std::filesystem::path file_;
  int process_, descriptor_;  // -1: of a trace that has ended
  std::mutex mutex_;          // of what follows
  std::map<std::thread::id, int> threads_;
  std::string buffer_;
  std::string_view before_event_ = "[\n";
  Clock::time_point last_flush_;  // none yet: the first event is written at once
};

// The time from here to the end of the scope; nothing where there is no trace.
class Span {
 public:
  Span(Trace* trace, std::string_view name)
      : trace_(trace), name_(name), start_(trace ? Trace::Clock::now() : Trace::Clock::time_point()) {}
  ~Span() {
    if (trace_ != nullptr) trace_->Add(name_, start_, Trace::Clock::now());
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

 private:
  Trace* trace_;
  std::string_view name_;
  Trace::Clock::time_point start_;
};

}  // namespace genba
