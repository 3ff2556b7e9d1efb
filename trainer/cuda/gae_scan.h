// gae_scan.h - generalised advantages on a device: trainer/gae.h's, in the same order and to the same bits. Called by gae_op.h,
// which takes tensors; no torch here. One thread walks back through the steps of one world, so neighbours read neighbouring
// floats; with a few hundred worlds and tens of steps that is a few microseconds of waiting for memory. A scan over the steps
// in parallel would add in another order, to other bits. Asynchronous, on the stream. Failure: the launch's error.
#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>

namespace genba::trainer {

struct GaeArrays {
  int num_steps, num_worlds;       // T, N
  const float* reward;             // [T, N] of the step
  const float* value;              // [T, N] of what the step was taken in
  const float* next_value;         // [T, N] of what it led to
  const std::uint8_t* terminated;  // [T, N] nothing comes after
  const std::uint8_t* truncated;   // [T, N] what would have come after counts, and is not seen
  double gamma, lambda;
  float* advantage;  // [T, N]
  float* returns;    // [T, N]
};
cudaError_t ScanGae(const GaeArrays& arrays, cudaStream_t stream);

}  // namespace genba::trainer
