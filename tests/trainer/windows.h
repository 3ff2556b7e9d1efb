// windows.h - a small table of steps and what is gathered from it, for tests of the window gather. Episodes of 3, 1 and 6 steps;
// the expert is pushed at step 5.
#pragma once
#include <cstdint>
#include <vector>

#include "core/rng.h"
#include "trainer/cuda/window_gather.h"

namespace genba::trainer {

struct WindowSample {
  static constexpr int kSteps = 10, kObs = 5, kAction = 2, kChunk = 4;
  std::vector<float> obs = Random(kSteps * kObs, 1), actions = Random(kSteps * kAction, 2), obs_mean = Random(kObs, 3),
                     obs_scale = Positive(kObs, 4), action_mean = Random(kAction, 5),
                     action_scale = Positive(kAction, 6);
  std::vector<std::int64_t> episode_end{3, 3, 3, 4, 10, 10, 10, 10, 10, 10}, start{9, 0, 3, 4, 5, 6, 2, 4};
  std::vector<std::uint8_t> pushed{0, 0, 0, 0, 0, 1, 0, 0, 0, 0};

  static std::vector<float> Random(int count, std::uint64_t seed) {
    Rng rng(seed, 0, "windows");
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = static_cast<float>(rng.Normal());
    return values;
  }
  static std::vector<float> Positive(int count, std::uint64_t seed) {
    std::vector<float> values = Random(count, seed);
    for (float& value : values) value = value * value + 0.1f;
    return values;
  }
  int num_windows() const { return static_cast<int>(start.size()); }
  WindowTable Table() const {
    return {kSteps,
            kObs,
            kAction,
            obs.data(),
            actions.data(),
            episode_end.data(),
            pushed.data(),
            obs_mean.data(),
            obs_scale.data(),
            action_mean.data(),
            action_scale.data()};
  }
};

// What is gathered here, on the CPU. T: float, or std::uint16_t for bfloat16.
template <class T>
struct Gathered {
  Gathered(const WindowSample& sample, Cast cast)
      : obs(static_cast<std::size_t>(sample.num_windows() * WindowSample::kObs)),
        actions(static_cast<std::size_t>(sample.num_windows() * WindowSample::kChunk * WindowSample::kAction)),
        mask(static_cast<std::size_t>(sample.num_windows() * WindowSample::kChunk)) {
    GatherWindowsHere(sample.Table(), {sample.num_windows(), WindowSample::kChunk, sample.start.data(), cast,
                                       obs.data(), actions.data(), mask.data()});
  }
  std::vector<T> obs, actions;
  std::vector<float> mask;
};

}  // namespace genba::trainer
