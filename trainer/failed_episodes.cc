#include "trainer/failed_episodes.h"

#include <cmath>

#include "core/rng.h"

namespace genba::trainer {

namespace {

constexpr std::size_t kMostFailed = 1024;  // more say nothing that these do not, and are of a policy long gone

constexpr double kExact = 9007199254740992;  // 2^53: up to here a double counts

}  // namespace

bool IsCount(double value, double most) { return value >= 0 && value <= most && value == std::floor(value); }

void FailedEpisodes::Ended(const Attempt& attempt, bool success) {
  if (success || share_ <= 0) return;
  if (failed_.size() == kMostFailed) failed_.pop_front();
  failed_.push_back({attempt.episode, attempt.number + 1});
}

std::optional<Attempt> FailedEpisodes::Next() {
  if (share_ <= 0) return {};
  const double drawn = Rng(seed_, first_episode_ + draws_++, "play again").Uniform(0, 1);
  if (failed_.empty() || drawn >= share_) return {};
  const Attempt next = failed_.front();
  failed_.pop_front();
  return next;
}

// Numbers of episodes are far below 2^53.
std::vector<double> FailedEpisodes::Save() const {
  std::vector<double> saved{static_cast<double>(draws_)};
  for (const Attempt& attempt : failed_) {
    saved.push_back(static_cast<double>(attempt.episode));
    saved.push_back(attempt.number);
  }
  return saved;
}

bool FailedEpisodes::Restore(std::span<const double> saved) {
  if (saved.size() % 2 != 1 || !IsCount(saved[0], kExact)) return false;
  for (std::size_t i = 1; i < saved.size(); i += 2) {
    if (!IsCount(saved[i], kExact) || !IsCount(saved[i + 1], kMostAttempts)) return false;
  }
  draws_ = static_cast<std::uint64_t>(saved[0]);
  failed_.clear();
  for (std::size_t i = 1; i < saved.size(); i += 2)
    failed_.push_back({static_cast<std::uint64_t>(saved[i]), static_cast<int>(saved[i + 1])});
  return true;
}

}  // namespace genba::trainer
