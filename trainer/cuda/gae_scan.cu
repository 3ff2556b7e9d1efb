#include "trainer/cuda/gae_scan.h"

#include "policies/cuda/launch.h"

namespace genba::trainer {
namespace {

constexpr int kScanThreads = 64;  // few worlds spread over many processors

__global__ void Scan(const GaeArrays a) {
  const int world = blockIdx.x * blockDim.x + threadIdx.x;
  if (world >= a.num_worlds) return;
  float* __restrict__ const to_advantage = a.advantage;  // so that the next steps may be read while these are written
  float* __restrict__ const to_returns = a.returns;
  double later = 0;  // advantage of the step after
  for (int step = a.num_steps - 1; step >= 0; --step) {
    const std::int64_t i = static_cast<std::int64_t>(step) * a.num_worlds + world;
    const bool over = a.terminated[i] != 0, ends = over || a.truncated[i] != 0;
    const double ahead = over ? 0 : static_cast<double>(a.next_value[i]);
    const double delta = static_cast<double>(a.reward[i]) + a.gamma * ahead - static_cast<double>(a.value[i]);
    later = delta + (ends ? 0 : a.gamma * a.lambda * later);
    const float advantage = static_cast<float>(later);
    to_advantage[i] = advantage;
    to_returns[i] = advantage + a.value[i];
  }
}

}  // namespace

cudaError_t ScanGae(const GaeArrays& arrays, cudaStream_t stream) {
  const int blocks = (arrays.num_worlds + kScanThreads - 1) / kScanThreads;
  GENBA_LAUNCH(Scan, blocks, kScanThreads, 0, stream, (arrays));
  return cudaGetLastError();
}

}  // namespace genba::trainer
