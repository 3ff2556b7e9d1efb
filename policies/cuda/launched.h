// launched.h - what a kernel's launch came to. Used by the adapters of kernels; pure. Failure: Error(kEnvironment).
#pragma once
#include <cuda_runtime_api.h>

#include <string>

#include "core/error.h"

namespace genba::policies {

inline void CheckLaunched(cudaError_t result, const char* kernel) {
  if (result != cudaSuccess)
    throw Error(ErrorKind::kEnvironment, std::string(kernel) + " on the device: " + cudaGetErrorString(result));
}

}  // namespace genba::policies
