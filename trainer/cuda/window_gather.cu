#include "trainer/cuda/window_gather.h"

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include "policies/cuda/launch.h"

namespace genba::trainer {
namespace {

constexpr int kWindowThreads = 128;

__device__ void Put(float value, float* to) { *to = value; }
__device__ void Put(float value, __nv_bfloat16* to) { *to = __float2bfloat16_rn(value); }

__device__ bool Foreseen(const WindowTable& table, std::int64_t start, std::int64_t step) {
  for (std::int64_t before = start; before < step; ++before) {
    if (table.pushed[before] != 0) return false;
  }
  return true;
}

// A block has one window.
template <class T>
__global__ void Gather(const WindowTable table, const WindowRows rows) {
  const std::int64_t window = blockIdx.x, start = rows.start[window], last = table.episode_end[start] - 1;
  for (int i = threadIdx.x; i < table.obs_dim; i += kWindowThreads)
    Put((table.obs[start * table.obs_dim + i] - table.obs_mean[i]) / table.obs_scale[i],
        static_cast<T*>(rows.obs) + window * table.obs_dim + i);
  T* const actions = static_cast<T*>(rows.actions) + window * rows.chunk * table.action_dim;
  for (int k = threadIdx.x; k < rows.chunk * table.action_dim; k += kWindowThreads) {
    const int h = k / table.action_dim, i = k % table.action_dim;
    const std::int64_t step = start + h <= last ? start + h : last;
    Put((table.actions[step * table.action_dim + i] - table.action_mean[i]) / table.action_scale[i], actions + k);
  }
  for (int h = threadIdx.x; h < rows.chunk; h += kWindowThreads)
    rows.mask[window * rows.chunk + h] = start + h <= last && Foreseen(table, start, start + h) ? 1.0f : 0.0f;
}

}  // namespace

int GatherWindows(const WindowTable& table, const WindowRows& rows, CUstream_st* stream) {
  if (rows.cast == Cast::kFloat) {
    GENBA_LAUNCH(Gather<float>, rows.num_windows, kWindowThreads, 0, stream, (table, rows));
  } else {
    GENBA_LAUNCH(Gather<__nv_bfloat16>, rows.num_windows, kWindowThreads, 0, stream, (table, rows));
  }
  return cudaGetLastError();
}

}  // namespace genba::trainer
