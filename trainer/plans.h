// plans.h - what N worlds still have to play of their plans, under a policy that corrects them as they are played
// (Network::Correct). As it acts: so many actions of a plan, then another. Called by rollout; worlds of different blocks
// from several threads at once. Law: a world's plans depend on its own context and noise only.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/rng.h"
#include "policies/network.h"

namespace genba::trainer {

struct Planner {
  const policies::Network& network;
  const policies::Weights& weights;
  int execute = 1;  // actions of a plan that are played
};

class Plans {
 public:
  Plans(int num_worlds, int action_dim)
      : left_(static_cast<std::size_t>(num_worlds)), action_dim_(static_cast<std::size_t>(action_dim)) {}

  void Forget(int world) { left_[static_cast<std::size_t>(world)].clear(); }
  // context [B, C] of the worlds from first on → the next of each one's plan, in [-1, 1]; who has played his makes
  // another, with noise that is drawn from rng_of(world) if it needs any. [B, A]
  at::Tensor Next(const Planner& planner, int first, const at::Tensor& context, const std::function<Rng(int)>& rng_of);

  // As numbers [k * A] of a world; Restore: whether they can be.
  std::vector<double> Save(int world) const;
  bool Restore(int world, const std::vector<double>& numbers);

 private:
  std::vector<std::vector<float>> left_;  // [N][k * A]
  std::size_t action_dim_;
};

}  // namespace genba::trainer
