#include "trainer/gae.h"

#include "core/error.h"

namespace genba::trainer {

Advantages ComputeGae(const GaeInput& in) {
  const std::size_t size = in.reward.size(), worlds = static_cast<std::size_t>(in.num_worlds);
  GENBA_CHECK(worlds > 0 && size % worlds == 0 && in.value.size() == size && in.next_value.size() == size &&
                  in.terminated.size() == size && in.truncated.size() == size,
              "arrays of T steps and N worlds");
  Advantages out{std::vector<float>(size), std::vector<float>(size)};
  std::vector<double> later(worlds, 0);  // of each world, advantage of the step after
  for (std::size_t row = size; row > 0; row -= worlds) {
    for (std::size_t world = 0; world < worlds; ++world) {
      const std::size_t i = row - worlds + world;
      const double ahead = in.terminated[i] != 0 ? 0 : static_cast<double>(in.next_value[i]);
      const double delta = static_cast<double>(in.reward[i]) + in.gamma * ahead - static_cast<double>(in.value[i]);
      const bool ends = in.terminated[i] != 0 || in.truncated[i] != 0;
      later[world] = delta + (ends ? 0 : in.gamma * in.lambda * later[world]);
      out.advantage[i] = static_cast<float>(later[world]);
      out.returns[i] = out.advantage[i] + in.value[i];
    }
  }
  return out;
}

}  // namespace genba::trainer
