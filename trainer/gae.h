// gae.h - generalised advantage estimation (J. Schulman et al., "High-dimensional continuous control using generalized
// advantage estimation", ICLR 2016). Called by PPO. Pure; any thread; no torch.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace genba::trainer {

// T steps of N worlds, a row per step.
struct GaeInput {
  int num_worlds = 0;                        // N
  std::span<const float> reward;             // [T, N] of the step
  std::span<const float> value;              // [T, N] of what the step was taken in
  std::span<const float> next_value;         // [T, N] of what it led to; at an episode's end, of its last observation
  std::span<const std::uint8_t> terminated;  // [T, N] the task ended: nothing comes after
  std::span<const std::uint8_t> truncated;   // [T, N] out of time: what would have come after counts, and is not seen
  double gamma = 0.99, lambda = 0.95;
};

struct Advantages {
  std::vector<float> advantage;  // [T, N]
  std::vector<float> returns;    // [T, N] advantage + value: what the value should have been
};
Advantages ComputeGae(const GaeInput& input);

}  // namespace genba::trainer
