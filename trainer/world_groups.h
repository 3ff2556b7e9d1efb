// world_groups.h - the worlds of a run of PPO, in as many groups as there are shards: each plays episodes of its own, and
// each rank has some of the groups. Called by train_ppo; one thread (the worlds have their own); every rank calls the same
// functions in the same order. Law: what a group plays depends on its number, not on the rank that has it.
// Failure: what Comm throws; Error(kBadInput) naming file and key of a checkpoint without its worlds.
#pragma once
#include <memory>
#include <vector>

#include "trainer/rollout.h"
#include "trainer/shards.h"

namespace genba::trainer {

struct WorldGroup {
  Worlds worlds;
  ToldTexts told;
};

class WorldGroups {
 public:
  struct Reading {  // who reads what is told
    const policies::Reader& reader;
    const policies::Weights& weights;
    policies::FeatureSource& features;
  };
  struct Playing {
    envs::VecEnvConfig worlds;  // of all together, as many of each group
    double repeated = 0;        // share of the episodes that failed before
  };
  WorldGroups(const Playing& playing, const CriticView& view, const Reading& reading, const Shards& shards, Comm& comm);

  // This rank's rollouts, in the order of its groups; sums: of the episodes that ended on any rank.
  std::vector<Rollout> Play(int num_steps, const Worlds::Player& player, EpisodeSums& sums);
  const ToldTexts& told(int own) const { return groups_[static_cast<std::size_t>(own)]->told; }

  // worlds.0 … of all ranks, sums.0 …: on every rank; only rank 0's file gets them.
  void Save(policies::TensorFile& file) const;
  void Restore(const policies::TensorFile& file, const std::string& name);

 private:
  int first_world(std::size_t own) const { return (shards_.first + static_cast<int>(own)) * each_; }

  Comm& comm_;
  Shards shards_;
  int each_;  // worlds of a group
  std::vector<std::unique_ptr<WorldGroup>> groups_;
};

}  // namespace genba::trainer
