#include "core/version.h"

namespace genba {
const char* Version() { return GENBA_VERSION; }
const char* Revision() { return GENBA_REVISION; }
}  // namespace genba
