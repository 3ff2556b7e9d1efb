// ranks_here.h - whether this machine can start several ranks; tests of them are skipped, visibly, where it cannot.
#pragma once
#include <cstdlib>

namespace genba {

// Why not; null where it can.
inline const char* NoRanksHere() {
  if (std::system("command -v mpirun.openmpi >/dev/null 2>&1") != 0) return "no mpirun here";
  if (std::system("unshare -n true 2>/dev/null || unshare -r -n true 2>/dev/null") != 0)
    return "no network namespaces here";
  return nullptr;
}

}  // namespace genba
