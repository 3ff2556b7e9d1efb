// processor.h - which type of processor this is, for those who promise equal bits on one type (design law 1), and what its
// machine is called. Constant.
#pragma once
#include <string>

namespace genba {
// "AuthenticAMD family 25 model 1 avx2 fma"; the architecture's name where there is no cpuid.
std::string ProcessorType();
// Of the host; unknown where it has none.
std::string HostName(const std::string& unknown = "");
}  // namespace genba
