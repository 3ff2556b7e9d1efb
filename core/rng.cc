#include "core/rng.h"

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/hash.h"

namespace genba {
namespace {

// One Philox4x32-10 block.
std::array<std::uint32_t, 4> Philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = 0xD2511F53ull * counter[0];
    const std::uint64_t product1 = 0xCD9E8D57ull * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t episode, std::string_view purpose)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, static_cast<std::uint32_t>(Hash64(purpose)), static_cast<std::uint32_t>(episode),
               static_cast<std::uint32_t>(episode >> 32)} {}

std::uint32_t Rng::NextU32() {
  if (used_ == 4) {
    block_ = Philox(counter_, key_);
    GENBA_CHECK(++counter_[0] != 0, "a random stream is exhausted");
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t Rng::NextU64() {
  const std::uint64_t low = NextU32();
  return low | (static_cast<std::uint64_t>(NextU32()) << 32);
}

double Rng::Uniform() { return static_cast<double>(NextU64() >> 11) * 0x1.0p-53; }

double Rng::Uniform(double low, double high) { return low + (high - low) * Uniform(); }

int Rng::Int(int low, int high) {
  GENBA_CHECK(low <= high, "empty range");
  const std::uint32_t span = static_cast<std::uint32_t>(high - low) + 1u;
  if (span == 0) return static_cast<int>(NextU32());
  // Reject the tail that would favour small values.
  const std::uint32_t limit = UINT32_MAX - (UINT32_MAX % span + 1u) % span;
  std::uint32_t draw = NextU32();
  while (draw > limit) draw = NextU32();
  return low + static_cast<int>(draw % span);
}

double Rng::Normal() {
  const double u = 1.0 - Uniform();  // (0, 1]: the logarithm is finite
  const double v = Uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace genba
