#include "core/interrupt.h"

#include <atomic>
#include <csignal>

namespace genba {
namespace {
// A signal handler can reach nothing but a global; this is the only one.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void OnSignal(int signal) {
  interrupted = true;
  std::signal(signal, SIG_DFL);  // a second Ctrl-C ends the program at once
}
}  // namespace

void CatchInterrupts() {
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
}
bool Interrupted() { return interrupted; }
void RequestInterrupt() { interrupted = true; }
void ClearInterrupt() { interrupted = false; }

}  // namespace genba
