// sampler.h - a seeded, resumable order of training windows over a data set held in memory as flat float
// arrays. One thread. The order is a pure function of (seed, epoch); SamplerState is all there is to save.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/view.h"
#include "datasets/dataset.h"

namespace genba::datasets {

struct SamplerConfig {
  int batch_size = 256;  // B
  int chunk = 16;        // H: actions from the step on; the tail of an episode is padded and masked
  std::uint64_t seed = 1;
  bool only_success = true;  // skip failed and faulted episodes
  // The expert is pushed now and then (trainer/acting.h): its labels behind a push that the first step does not show
  // yet contain the correction of that push. They are masked.
  bool mask_unseen_pushes = false;
};

struct SamplerState {  // trivially copyable
  std::uint64_t epoch = 0;
  std::uint64_t cursor = 0;  // windows already taken of this epoch
};

struct WindowBatch {               // B windows
  std::vector<float> obs;          // [B, obs_dim] at the first step
  std::vector<float> actions;      // [B, H, A] expert labels, padded with the last
  std::vector<std::uint8_t> mask;  // [B, H] 1: a real step, and one that the first could know of
  std::vector<int> text;           // [B] index into Sampler::texts()
  std::vector<int> episode;        // [B] which of the sampled episodes
};
void Clear(WindowBatch& batch);  // its memory stays

class Sampler {
 public:
  // Reads all episodes that are sampled once, and shows each to see: what holds, and what else is to be learnt from it.
  Sampler(const Dataset& dataset, const SamplerConfig& config, const std::function<void(const Episode&)>& see = {});
  const std::vector<std::string>& texts() const;  // distinct instructions
  std::int64_t num_windows() const;
  int num_episodes() const { return num_episodes_; }
  std::span<const float> observations() const { return obs_; }  // [num_windows, obs_dim] of every sampled step
  std::span<const float> actions() const { return actions_; }   // [num_windows, A] expert labels
  const SamplerState& state() const;
  void Restore(const SamplerState& state);
  void Next(WindowBatch& batch);
  void Add(int windows, WindowBatch& batch);  // behind those it has

 private:
  void AddWindow(std::size_t start, WindowBatch& batch) const;
  void NotePushes(const Episode& episode);
  std::size_t TakeWindow();

  SamplerConfig config_;
  SamplerState state_;
  int obs_dim_ = 0, action_dim_ = 0;
  std::vector<float> obs_;                 // [S, obs_dim] all steps of all episodes
  std::vector<float> actions_;             // [S, A]
  std::vector<std::int64_t> episode_end_;  // [S] one past the last step of the episode a step is in
  std::vector<std::uint8_t> pushed_;       // [S] the expert did not do what it meant to
  std::vector<int> step_text_;             // [S]
  std::vector<int> step_episode_;          // [S]
  std::vector<std::string> texts_;
  int num_episodes_ = 0;
  std::vector<std::int64_t> order_;  // this epoch's permutation of the windows
  std::uint64_t order_epoch_ = UINT64_MAX;
};

}  // namespace genba::datasets
