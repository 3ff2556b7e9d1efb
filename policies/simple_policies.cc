// The two policies every evaluation is measured against.
#include <algorithm>
#include <vector>

#include "core/rng.h"
#include "policies/policy.h"

namespace genba::policies {
namespace {

class ZeroPolicy final : public Policy {
 public:
  std::string name() const override { return "zero"; }
  void Act(const PolicyInput& input, Commands& commands) override {
    GENBA_CHECK(input.obs.rows() == commands.num_worlds(), "one row of commands per observation row");
    std::fill(commands.actions.begin(), commands.actions.end(), 0.0f);
  }
};

// Each episode has its own stream, so actions do not depend on the world that plays it.
class RandomPolicy final : public Policy {
 public:
  explicit RandomPolicy(std::uint64_t seed) : seed_(seed) {}
  std::string name() const override { return "random"; }
  void Act(const PolicyInput& input, Commands& commands) override {
    GENBA_CHECK(input.obs.rows() == commands.num_worlds(), "one row of commands per observation row");
    const View2<float> actions = commands.action_view();
    while (streams_.size() < static_cast<std::size_t>(actions.rows())) streams_.emplace_back(seed_, 0, "random policy");
    for (int world = 0; world < actions.rows(); ++world) {
      const auto w = static_cast<std::size_t>(world);
      if (input.active[w] == 0) continue;
      if (input.first_step[w] != 0) streams_[w] = Rng(seed_, input.episodes[w], "random policy");
      for (float& value : actions.row(world)) value = static_cast<float>(streams_[w].Uniform(-1, 1));
    }
  }

 private:
  std::uint64_t seed_;
  std::vector<Rng> streams_;
};

}  // namespace

std::unique_ptr<Policy> MakeRandomPolicy(const EnvSpec&, std::uint64_t seed) {
  return std::make_unique<RandomPolicy>(seed);
}
std::unique_ptr<Policy> MakeZeroPolicy(const EnvSpec&) { return std::make_unique<ZeroPolicy>(); }

}  // namespace genba::policies
