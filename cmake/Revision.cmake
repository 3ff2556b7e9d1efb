# cmake -D SOURCE=… -D VERSION=… -D OUT=version.cc -P Revision.cmake: writes which Genba is being built.
# "-dirty" stands behind the commit when a tracked file differs from it; without git the revision is "unknown".
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision unknown)
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [[#include "core/version.h"

namespace genba {
const char* Version() { return "@VERSION@"; }
const char* Revision() { return "@revision@"; }
}  // namespace genba
]])
