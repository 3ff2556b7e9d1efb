#include "policies/device.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "core/error.h"
#ifdef GENBA_CUDA
#include "policies/cuda/device_count.h"
#endif

namespace genba::policies {
namespace {

// Of "cuda:3", 3.
std::optional<int> CudaNumber(std::string_view name) {
  constexpr std::string_view kPrefix = "cuda:";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const char *first = name.data() + kPrefix.size(), *last = name.data() + name.size();
  int number = -1;
  const auto [end, error] = std::from_chars(first, last, number);
  const bool whole = error == std::errc() && end == last && *first != '-' && number < 64;
  return whole ? std::optional(number) : std::nullopt;
}

#ifdef GENBA_CUDA
constexpr const char* kChoices = "cpu or cuda:0 (or another number)";

void CheckIsThere(int number, const std::string& setting) {
  const CudaDevices devices = FindCudaDevices();
  if (number < devices.count) return;
  throw Error(ErrorKind::kEnvironment,
              setting + ": cuda:" + std::to_string(number) + ": expected a device of that number, this machine has " +
                  (devices.count == 0 ? "none: " + devices.why_none : std::to_string(devices.count)));
}
#else
constexpr const char* kChoices = "cpu (this build has no CUDA; the preset cuda has)";

void CheckIsThere(int number, const std::string& setting) {
  throw BadInput({"settings", setting, kChoices, "cuda:" + std::to_string(number)});
}
#endif

}  // namespace

c10::Device DeviceNamed(const std::string& name, const std::string& setting) {
  if (name == "cpu") return c10::kCPU;
  const std::optional<int> number = CudaNumber(name);
  if (!number) throw BadInput({"settings", setting, kChoices, "'" + name + "'"});
  CheckIsThere(*number, setting);
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(*number));
}

}  // namespace genba::policies
