#include <math.h>

#include "policies/cuda/launch.h"
#include "policies/cuda/slot_attention.h"

namespace genba::policies {
namespace {

constexpr int kWarps = 4, kLanes = 32;
constexpr std::size_t kSharedBytes = 48 << 10;  // what every block may have without asking

// Floats of a block: keys (a column more, so that lanes meet different banks), values, and of each warp scores and a query.
__host__ __device__ std::size_t SharedFloats(int keys, int head_dim) {
  return static_cast<std::size_t>(keys) * (2 * head_dim + 1) + kWarps * static_cast<std::size_t>(keys + head_dim);
}

__device__ float MaxOfWarp(float x) {
  for (int apart = kLanes / 2; apart > 0; apart /= 2) x = fmaxf(x, __shfl_xor_sync(~0u, x, apart));
  return x;
}

__device__ float SumOfWarp(float x) {
  for (int apart = kLanes / 2; apart > 0; apart /= 2) x += __shfl_xor_sync(~0u, x, apart);
  return x;
}

__device__ float Dot(const float* a, const float* b, int n) {
  float sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Rows of one head, [rows, c], to where they are row_floats apart. The whole block.
__device__ void LoadHead(const AttendedRows& from, int b, int head, int rows, int c, float* to, int row_floats) {
  for (int i = threadIdx.x; i < rows * c; i += blockDim.x) {
    const int row = i / c, column = i % c;
    to[row * row_floats + column] = from.data[b * from.per_batch + row * from.per_row + head * c + column];
  }
}

// Scores of one query become what each key weighs, unnormalised; returns their sum. One warp.
__device__ float Weigh(const float* query, const float* keys, const float* mask, int num_keys, int c, float* weights) {
  const int lane = threadIdx.x % kLanes;
  const float scale = rsqrtf(static_cast<float>(c));
  float most = -INFINITY, sum = 0;
  for (int m = lane; m < num_keys; m += kLanes) {
    weights[m] = Dot(query, keys + m * (c + 1), c) * scale + mask[m];
    most = fmaxf(most, weights[m]);
  }
  most = MaxOfWarp(most);
  for (int m = lane; m < num_keys; m += kLanes) sum += weights[m] = expf(weights[m] - most);
  __syncwarp();
  return SumOfWarp(sum);
}

// A block has one head of one sample, a warp one query at a time.
__global__ void Attention(const SlotAttention a) {
  extern __shared__ float shared[];
  const int head = blockIdx.x, b = blockIdx.y, c = a.head_dim, warp = threadIdx.x / kLanes, lane = threadIdx.x % kLanes;
  float* keys = shared;                                        // [M, c + 1]
  float* values = keys + a.keys * (c + 1);                     // [M, c]
  float* weights = values + a.keys * c + warp * (a.keys + c);  // [M]
  float* query = weights + a.keys;                             // [c]
  LoadHead(a.key, b, head, a.keys, c, keys, c + 1);
  LoadHead(a.value, b, head, a.keys, c, values, c);
  __syncthreads();
  for (int n = warp; n < a.queries; n += kWarps) {
    const float* row = a.query.data + b * a.query.per_batch + n * a.query.per_row + head * c;
    for (int i = lane; i < c; i += kLanes) query[i] = row[i];
    __syncwarp();
    const float sum = Weigh(query, keys, a.mask + static_cast<std::int64_t>(b) * a.keys, a.keys, c, weights);
    float* mixed = a.mixed + (static_cast<std::int64_t>(b) * a.queries + n) * a.heads * c + head * c;
    for (int i = lane; i < c; i += kLanes) {
      float mean = 0;
      for (int m = 0; m < a.keys; ++m) mean += weights[m] * values[m * c + i];
      mixed[i] = mean / sum;
    }
    __syncwarp();
  }
}

}  // namespace

bool FitsSlotAttention(int keys, int head_dim) { return SharedFloats(keys, head_dim) * sizeof(float) <= kSharedBytes; }

cudaError_t AttendSlots(const SlotAttention& attention, cudaStream_t stream) {
  const dim3 grid(attention.heads, attention.batch);
  const std::size_t bytes = SharedFloats(attention.keys, attention.head_dim) * sizeof(float);
  GENBA_LAUNCH(Attention, grid, kWarps * kLanes, bytes, stream, (attention));
  return cudaGetLastError();
}

}  // namespace genba::policies
