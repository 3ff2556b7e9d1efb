// free_memory.h - how much memory this process may still take: asked before much is allocated, because the engine ends
// the process when an allocation fails. Any thread. What cannot be read does not limit.
#pragma once
#include <cstddef>
#include <string>

namespace genba::sim {

struct FreeMemory {
  std::size_t bytes = 0;
  std::string limit;  // what sets it: "the machine's memory", "the control group's limit", "the address space limit"
};
FreeMemory ReadFreeMemory();

// Error(kEnvironment) naming both numbers when bytes are more than is free.
void CheckFreeMemory(const std::string& what, std::size_t bytes);

}  // namespace genba::sim
