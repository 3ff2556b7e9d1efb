// version.h - which Genba this is. Constant.
#pragma once

namespace genba {
const char* Version();   // "0.1.0"
const char* Revision();  // "git describe" at configure time, "-dirty" behind it when the tree was changed
}  // namespace genba
