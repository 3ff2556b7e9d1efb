#include "sim/free_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>

#include "core/error.h"

namespace genba::sim {

namespace {

// The number that follows word in a file of words and numbers; "" takes the file's first number.
std::optional<std::size_t> NumberIn(const std::string& path, const std::string& word = "") {
  std::ifstream file(path);
  std::string at;
  if (!word.empty()) {
    while (file >> at && at != word) {
    }
  }
  std::size_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

std::size_t Less(std::size_t a, std::size_t b) { return a > b ? a - b : 0; }

// Pages of files count as used, but are given up when memory is short.
std::optional<std::size_t> FreeInGroup(const std::string& limit, const std::string& used, const std::string& stat) {
  const auto most = NumberIn(limit), now = NumberIn(used);
  if (!most || !now) return std::nullopt;
  const std::size_t files = NumberIn(stat, "inactive_file").value_or(0) + NumberIn(stat, "active_file").value_or(0);
  return Less(*most, Less(*now, files));
}

// The path behind "0::" is the group's own in version 2; inside a container it is the root.
std::string GroupFolder() {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("0::", 0) == 0) return "/sys/fs/cgroup" + line.substr(3);
  }
  return "/sys/fs/cgroup";
}

std::optional<std::size_t> FreeAddresses() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  const std::size_t pages = NumberIn("/proc/self/statm").value_or(0);
  return Less(static_cast<std::size_t>(limit.rlim_cur), pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
}

std::string Megabytes(std::size_t bytes) { return std::to_string(bytes / 1000000) + " MB"; }

}  // namespace

FreeMemory ReadFreeMemory() {
  FreeMemory least{SIZE_MAX, "nothing"};
  const auto consider = [&](std::optional<std::size_t> bytes, const char* limit) {
    if (bytes && *bytes < least.bytes) least = {*bytes, limit};
  };
  const auto available = NumberIn("/proc/meminfo", "MemAvailable:");
  if (available) consider(*available * 1024, "the machine's memory");
  const std::string group = GroupFolder(), old = "/sys/fs/cgroup/memory/memory.";
  for (const std::string& folder : {group, std::string("/sys/fs/cgroup")})
    consider(FreeInGroup(folder + "/memory.max", folder + "/memory.current", folder + "/memory.stat"),
             "the control group's limit");
  consider(FreeInGroup(old + "limit_in_bytes", old + "usage_in_bytes", old + "stat"), "the control group's limit");
  consider(FreeAddresses(), "the address space limit");
  return least;
}

void CheckFreeMemory(const std::string& what, std::size_t bytes) {
  const FreeMemory free = ReadFreeMemory();
  if (bytes <= free.bytes) return;
  throw Error(ErrorKind::kEnvironment, "memory: " + what + " need " + Megabytes(bytes) + ", " + Megabytes(free.bytes) +
                                           " are free under " + free.limit);
}

}  // namespace genba::sim
