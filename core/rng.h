// rng.h - counter-based random numbers: every draw is a pure function of (seed, episode, purpose, counter).
// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// Called from any thread: an Rng is a small value; copy it to replay its stream. No std::*_distribution (not
// portable).
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace genba {

class Rng {
 public:
  // purpose separates streams of one episode ("scene", "language", "noise", …); episode is the global episode
  // index, so what is drawn does not depend on the world or thread that plays it.
  Rng(std::uint64_t seed, std::uint64_t episode, std::string_view purpose);

  std::uint32_t NextU32();
  std::uint64_t NextU64();
  double Uniform();  // [0, 1), 53 bits
  double Uniform(double low, double high);
  int Int(int low, int high);  // low … high, both included, unbiased
  double Normal();             // mean 0, deviation 1 (Box-Muller)
  bool Chance(double probability) { return Uniform() < probability; }

  template <class Container>
  void Shuffle(Container& items) {
    for (int i = static_cast<int>(items.size()) - 1; i > 0; --i) {
      using std::swap;
      swap(items[static_cast<std::size_t>(i)], items[static_cast<std::size_t>(Int(0, i))]);
    }
  }
  template <class Container>
  const auto& Pick(const Container& items) {
    return items[static_cast<std::size_t>(Int(0, static_cast<int>(items.size()) - 1))];
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;  // words of block_ already handed out
};

}  // namespace genba
