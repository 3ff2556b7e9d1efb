// demonstrations.h - what behaviour cloning learns from: one data set or several, each known by its content, with its share
// of every batch, its episodes chosen and checked. Whoever acted in them, the labels are the expert's: episodes of a
// policy beside those of the expert are DAgger (Ross et al. 2011). Owned by the learner; one thread. No torch.
// Failure: Error(kBadInput) naming the data set and what does not fit.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "datasets/mixture.h"
#include "envs/task.h"
#include "trainer/bc_config.h"

namespace genba::trainer {

class Demonstrations {
 public:
  explicit Demonstrations(const TrainJob& job);
  const EnvSpec& spec() const { return spec_; }                           // of the tasks of all
  const std::vector<envs::EpisodePlan>& plans() const { return plans_; }  // of each sampled episode
  const datasets::Mixture& windows() const { return windows_; }
  datasets::Mixture& windows() { return windows_; }
  // Of the next batch, for people: "epoch 2, windows 512 … 767 of its order".
  std::string NextRows() const;

  void Save(nlohmann::json& state) const;
  void CheckSame(const nlohmann::json& state, const std::string& file) const;  // the data sets, by content
  void Restore(const nlohmann::json& state, const std::string& file);

 private:
  std::string Hashes() const;
  std::vector<std::string> folders_;
  std::vector<datasets::Dataset> datasets_;
  EnvSpec spec_;
  std::vector<envs::EpisodePlan> plans_;
  datasets::Mixture windows_;
};

}  // namespace genba::trainer
