// device_count.h - whether this machine has a device that CUDA can use, and if not, why. No torch: asks the runtime alone, before
// anything else initialises it. Any thread. Never fails: having none is an answer.
#pragma once
#include <string>

namespace genba::policies {

struct CudaDevices {
  int count = 0;
  std::string why_none;  // in the runtime's words; empty where there are some
};
CudaDevices FindCudaDevices();

}  // namespace genba::policies
