#include "policies/cuda/device_count.h"

#include <cuda_runtime_api.h>

namespace genba::policies {

CudaDevices FindCudaDevices() {
  CudaDevices found;
  const cudaError_t error = cudaGetDeviceCount(&found.count);
  if (error != cudaSuccess) return {0, cudaGetErrorString(error)};
  if (found.count == 0) found.why_none = "the driver lists none";
  return found;
}

}  // namespace genba::policies
