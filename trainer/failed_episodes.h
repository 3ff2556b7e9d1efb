// failed_episodes.h - a curriculum without a teacher: some of the episodes that a group of worlds plays are ones that failed
// before, the oldest first, until they succeed (M. Jiang et al., "Prioritized Level Replay", ICML 2021, of which this is the
// simplest kind). Called by Worlds; one thread. Law: what is played again depends on what ended before, and in which
// order, only.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace genba::trainer {

// An episode, and how often it has been played before.
struct Attempt {
  std::uint64_t episode = 0;
  int number = 0;
};

inline constexpr double kMostAttempts = 1e9;

// Whether a number from a file is 0, 1, 2 … most.
bool IsCount(double value, double most);

class FailedEpisodes {
 public:
  // share: of the episodes that are played again, as long as there are any. Two groups of one seed differ by first_episode.
  FailedEpisodes(double share, std::uint64_t seed, std::uint64_t first_episode)
      : share_(share), seed_(seed), first_episode_(first_episode) {}

  void Ended(const Attempt& attempt, bool success);
  // What is played behind the episode that has just begun; nothing: one that nobody has played.
  std::optional<Attempt> Next();

  std::vector<double> Save() const;
  bool Restore(std::span<const double> saved);  // false: not what Save wrote

 private:
  double share_;
  std::uint64_t seed_, first_episode_;
  std::uint64_t draws_ = 0;  // so far
  std::deque<Attempt> failed_;
};

}  // namespace genba::trainer
