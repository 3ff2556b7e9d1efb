// version.h - which Genba this is. Constant; cmake/Revision.cmake writes the definitions at every build.
#pragma once

namespace genba {
const char* Version();   // "0.1.0"
const char* Revision();  // "git describe" of the tree that was built, "-dirty" behind it when it was changed
}  // namespace genba
