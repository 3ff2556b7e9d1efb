#include "core/processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <unistd.h>

#include <array>

namespace genba {

#if defined(__x86_64__)
std::string ProcessorType() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  __get_cpuid(0, &a, &b, &c, &d);
  std::string type;
  for (const unsigned word : {b, d, c}) type.append(reinterpret_cast<const char*>(&word), sizeof word);
  __get_cpuid(1, &a, &b, &c, &d);
  const unsigned base = (a >> 8) & 15;
  const unsigned family = base == 15 ? base + ((a >> 20) & 255) : base;
  const unsigned model = ((a >> 4) & 15) + (base == 6 || base == 15 ? ((a >> 16) & 15) << 4 : 0);
  type += " family " + std::to_string(family) + " model " + std::to_string(model);
  if (__builtin_cpu_supports("avx2")) type += " avx2";
  if (__builtin_cpu_supports("fma")) type += " fma";
  if (__builtin_cpu_supports("avx512f")) type += " avx512f";
  return type;
}
#elif defined(__aarch64__)
std::string ProcessorType() { return "aarch64"; }
#else
std::string ProcessorType() { return "unknown"; }
#endif

std::string HostName(const std::string& unknown) {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : unknown;
}

}  // namespace genba
