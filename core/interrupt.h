// interrupt.h - Ctrl-C and SIGTERM as a flag that long loops look at between steps, so that they stop
// cleanly.
#pragma once

namespace genba {

void CatchInterrupts();   // once, by main
bool Interrupted();       // any thread; async-signal-safe
void RequestInterrupt();  // what the handler does; tests use it
void ClearInterrupt();

}  // namespace genba
