// processor.h - which type of processor this is, for those who promise equal bits on one type (design law 1). Constant.
#pragma once
#include <string>

namespace genba {
// "AuthenticAMD family 25 model 1 avx2 fma"; the architecture's name where there is no cpuid.
std::string ProcessorType();
}  // namespace genba
