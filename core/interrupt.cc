#include "core/interrupt.h"

#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace genba {
namespace {

// A signal handler can reach nothing but globals; these are the only ones.
std::atomic<int> interrupt_signal{0};
std::atomic<int> writes_under_way{0};
static_assert(std::atomic<int>::is_always_lock_free);

constexpr suseconds_t kGrace = 1'800'000, kRetry = 50'000;  // [us]

void AlarmAfter(suseconds_t microseconds) {
  const itimerval once{{0, 0}, {microseconds / 1'000'000, microseconds % 1'000'000}};
  ::setitimer(ITIMER_REAL, &once, nullptr);
}

void OnAlarm(int /*signal*/) {
  if (writes_under_way > 0) return AlarmAfter(kRetry);
  ::_exit(128 + interrupt_signal);
}

bool IsIgnored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void OnSignal(int signal) {
  interrupt_signal = signal;
  for (const int other : {SIGINT, SIGTERM}) {
    if (!IsIgnored(other)) std::signal(other, SIG_DFL);
  }
  std::signal(SIGALRM, OnAlarm);
  AlarmAfter(kGrace);
}

}  // namespace

InterruptedError::InterruptedError(int signal)
    : Error(static_cast<ErrorKind>(128 + signal), signal == SIGTERM ? "stopped by SIGTERM" : "interrupted") {}

void CatchInterrupts() {
  for (const int signal : {SIGINT, SIGTERM}) {
    if (!IsIgnored(signal)) std::signal(signal, OnSignal);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

int InterruptSignal() { return interrupt_signal; }
bool Interrupted() { return interrupt_signal != 0; }

void CheckInterrupt() {
  if (Interrupted()) throw InterruptedError(interrupt_signal);
}

void RequestInterrupt(int signal) { interrupt_signal = signal; }
void ClearInterrupt() { interrupt_signal = 0; }

FinishFirst::FinishFirst() { ++writes_under_way; }
FinishFirst::~FinishFirst() { --writes_under_way; }

}  // namespace genba
