#include "sim/engine_log.h"

#include <mujoco/mujoco.h>

#include <cstdlib>
#include <mutex>
#include <string>

#include "core/log.h"

namespace genba::sim {

namespace {

// Warnings are counted per world and become faults there: nothing to print. An error must not return (the engine has no
// way on), and an exception must not cross its C frames.
void Handle(const mjLogMessage* message) {
  if (message->level != mjLOG_ERROR) return;
  LogError(std::string("MuJoCo: ") + message->subject);
  std::abort();
}

}  // namespace

void QuietEngine() {
  static std::once_flag once;
  std::call_once(once, [] { mju_setLogHandler(Handle); });
}

}  // namespace genba::sim
