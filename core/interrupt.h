// interrupt.h - Ctrl-C and SIGTERM as a flag that long loops look at between steps: CheckInterrupt() throws, the
// commands unwind, main exits with 130 or 143. Work that cannot look (a library call, an open pipe) is ended 1.8 s
// after the signal; that costs nothing that was published, because publishing is atomic, and a write under way is
// waited for.
#pragma once
#include "core/error.h"

namespace genba {

// exit_code() is 128 + the signal: 130 or 143.
class InterruptedError : public Error {
 public:
  explicit InterruptedError(int signal);
};

// Once, by main. Signals that were ignored when the program started (nohup, background jobs of scripts) stay ignored; a
// second signal ends the program at once. SIGPIPE and SIGXFSZ are ignored, so that the write that meets them fails.
void CatchInterrupts();

int InterruptSignal();                  // SIGINT, SIGTERM, or 0
bool Interrupted();                     // any thread
void CheckInterrupt();                  // any thread; throws InterruptedError
void RequestInterrupt(int signal = 2);  // as if SIGINT had come; async-signal-safe; tests use it
void ClearInterrupt();

// While one lives the program is not ended by force (a second signal still does).
class FinishFirst {
 public:
  FinishFirst();
  ~FinishFirst();
  FinishFirst(const FinishFirst&) = delete;
  FinishFirst& operator=(const FinishFirst&) = delete;
};

}  // namespace genba
