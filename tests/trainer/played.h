// played.h - random steps of random episodes, for tests of what advantages are made of.
#pragma once
#include <cstdint>
#include <vector>

#include "core/rng.h"
#include "trainer/gae.h"

namespace genba::trainer {

struct Played {
  int steps = 0, worlds = 0;
  std::vector<float> reward, value, next_value;
  std::vector<std::uint8_t> terminated, truncated;
  std::size_t At(int step, int world) const { return static_cast<std::size_t>(step * worlds + world); }
  GaeInput Input(double gamma, double lambda) const {
    return {worlds, reward, value, next_value, terminated, truncated, gamma, lambda};
  }
};

// Episodes of chance lengths that end in either way; next_value is the next step's value but where one ended.
inline Played Random(int steps, int worlds, std::uint64_t seed) {
  Rng rng(seed, 0, "gae");
  const auto size = static_cast<std::size_t>(steps * worlds);
  Played played{steps,
                worlds,
                std::vector<float>(size),
                std::vector<float>(size),
                std::vector<float>(size),
                std::vector<std::uint8_t>(size),
                std::vector<std::uint8_t>(size)};
  for (std::size_t i = 0; i < size; ++i) {
    played.reward[i] = static_cast<float>(rng.Normal());
    played.value[i] = static_cast<float>(rng.Normal());
    played.terminated[i] = rng.Chance(0.1);
    played.truncated[i] = played.terminated[i] == 0 && rng.Chance(0.1);
  }
  for (int step = 0; step < steps; ++step) {
    for (int world = 0; world < worlds; ++world) {
      const std::size_t i = played.At(step, world);
      const bool goes_on = step + 1 < steps && played.terminated[i] == 0 && played.truncated[i] == 0;
      played.next_value[i] = goes_on ? played.value[played.At(step + 1, world)] : static_cast<float>(rng.Normal());
    }
  }
  return played;
}

}  // namespace genba::trainer
