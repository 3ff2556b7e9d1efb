// emulate.h - runs our kernels without a device: include it, then the .cu file as C++. A block is as many threads of the host, with
// barriers where the kernel has them; blocks come one after another. It shows that a kernel computes what it should and waits
// where it must; neither how fast it is, nor what only a device does (its memory, its own roundings of exp and rsqrt).
#pragma once
#include <cuda_runtime_api.h>

#include <barrier>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

namespace genba::emulated {

constexpr unsigned kWarp = 32;

struct Block {
  explicit Block(unsigned threads) : all(threads), lanes(threads) {
    for (unsigned first = 0; first < threads; first += kWarp)
      warps.push_back(std::make_unique<std::barrier<>>(std::min(kWarp, threads - first)));
  }
  std::barrier<> all;
  std::vector<std::unique_ptr<std::barrier<>>> warps;
  std::vector<float> lanes;  // what is exchanged
};
inline thread_local Block* block = nullptr;
inline thread_local uint3 thread_index{}, block_index{};
inline thread_local dim3 block_size{};

template <class Kernel>
void RunBlock(unsigned x, unsigned y, unsigned threads, const Kernel& kernel) {
  Block shared(threads);
  std::vector<std::jthread> running;
  for (unsigned i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      block = &shared, thread_index = {i, 0, 0}, block_index = {x, y, 0}, block_size = dim3(threads);
      kernel();
    });
  }
}

template <class Kernel>
void Run(dim3 grid, unsigned threads, const Kernel& kernel) {
  for (unsigned y = 0; y < grid.y; ++y)
    for (unsigned x = 0; x < grid.x; ++x) RunBlock(x, y, threads, kernel);
}

inline void WaitForWarp() { block->warps[thread_index.x / kWarp]->arrive_and_wait(); }

inline float FromLane(float mine, unsigned lane_bits) {
  block->lanes[thread_index.x] = mine;
  WaitForWarp();
  const float other = block->lanes[thread_index.x ^ lane_bits];
  WaitForWarp();
  return other;
}

}  // namespace genba::emulated

// The names that kernels know.
#define threadIdx genba::emulated::thread_index
#define blockIdx genba::emulated::block_index
#define blockDim genba::emulated::block_size
#define __syncthreads() genba::emulated::block->all.arrive_and_wait()
#define __syncwarp() genba::emulated::WaitForWarp()
#define __shfl_xor_sync(mask, value, bits) genba::emulated::FromLane(value, static_cast<unsigned>(bits))
#define rsqrtf(x) (1.0f / std::sqrt(x))
#define cudaGetLastError() cudaSuccess
#define GENBA_LAUNCH(kernel, grid, block, shared_bytes, stream, arguments) \
  static_cast<void>(stream), static_cast<void>(shared_bytes),              \
      genba::emulated::Run(dim3(grid), block, [&] { kernel arguments; })
