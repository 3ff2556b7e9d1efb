#include <algorithm>
#include <bit>

#include "trainer/cuda/window_gather.h"

namespace genba::trainer {
namespace {

// To the nearest, ties to even; what is gathered is finite.
std::uint16_t ToBFloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

void Put(float value, Cast cast, void* to, std::int64_t at) {
  if (cast == Cast::kFloat) {
    static_cast<float*>(to)[at] = value;
  } else {
    static_cast<std::uint16_t*>(to)[at] = ToBFloat16(value);
  }
}

void GatherActions(const WindowTable& table, const WindowRows& rows, std::int64_t window) {
  const std::int64_t start = rows.start[window], last = table.episode_end[start] - 1, width = table.action_dim;
  bool foreseen = true;
  for (std::int64_t h = 0; h < rows.chunk; ++h) {
    const std::int64_t step = std::min(start + h, last), row = window * rows.chunk + h;
    for (std::int64_t i = 0; i < width; ++i)
      Put((table.actions[step * width + i] - table.action_mean[i]) / table.action_scale[i], rows.cast, rows.actions,
          row * width + i);
    rows.mask[row] = start + h <= last && foreseen ? 1.0f : 0.0f;
    foreseen = foreseen && table.pushed[step] == 0;
  }
}

}  // namespace

void GatherWindowsHere(const WindowTable& table, const WindowRows& rows) {
  const std::int64_t width = table.obs_dim;
  for (std::int64_t window = 0; window < rows.num_windows; ++window) {
    for (std::int64_t i = 0; i < width; ++i)
      Put((table.obs[rows.start[window] * width + i] - table.obs_mean[i]) / table.obs_scale[i], rows.cast, rows.obs,
          window * width + i);
    GatherActions(table, rows, window);
  }
}

}  // namespace genba::trainer
