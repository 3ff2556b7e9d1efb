// window_gather.h - a minibatch of windows taken out of a data set that lies on a device: gathered, normalised
// (policies/normalizer.h) and cast in one pass. What a window is, its padding and its mask, is datasets/sampler.h's. Called by
// window_gather_op.h, which takes tensors; no torch here. GatherWindowsHere is the reference, on the CPU: the same bits.
// Asynchronous, on the stream. Failure: the launch's error; windows that do not exist are a programmer's error.
#pragma once
#include <cstdint>

struct CUstream_st;

namespace genba::trainer {

struct WindowTable {
  std::int64_t num_steps;                   // S, of all episodes
  int obs_dim, action_dim;                  // D, A
  const float* obs;                         // [S, D]
  const float* actions;                     // [S, A] expert labels
  const std::int64_t* episode_end;          // [S] one past the last step of the episode a step is in
  const std::uint8_t* pushed;               // [S] the labels behind it correct what a window before it cannot show
  const float *obs_mean, *obs_scale;        // [D]
  const float *action_mean, *action_scale;  // [A]
};

enum class Cast { kFloat, kBFloat16 };

struct WindowRows {
  int num_windows, chunk;     // B, H
  const std::int64_t* start;  // [B] the step a window begins with
  Cast cast;                  // of obs and actions
  void* obs;                  // [B, D] (value - mean) / scale
  void* actions;              // [B, H, A] the same, padded with the episode's last
  float* mask;                // [B, H] 1: a real step, and one that the first could know of
};

int GatherWindows(const WindowTable& table, const WindowRows& rows, CUstream_st* stream);  // a cudaError_t
void GatherWindowsHere(const WindowTable& table, const WindowRows& rows);

}  // namespace genba::trainer
