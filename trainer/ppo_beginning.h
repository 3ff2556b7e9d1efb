// ppo_beginning.h - what a run of PPO begins with: a policy that is measured out anew and knows nothing, or another
// run's. Called by train_ppo; one thread. Failure: Error(kBadInput) naming file and key.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "policies/features.h"
#include "policies/make_trained.h"
#include "trainer/ppo_config.h"
#include "trainer/run_folder.h"

namespace genba::trainer {

struct Beginning {
  std::unique_ptr<policies::FeatureSource> features;
  policies::Manifest manifest;
  std::optional<policies::ReadPolicy> policy;  // whose weights it begins with
};

// A run that began with another's policy and goes on takes all of it from its own newest checkpoint: the other may be
// gone.
Beginning BeginningOf(const PpoJob& job, const RunFolder& run);
// The backbone that is found has to be the one that file says it was made with.
void CheckBackbone(const policies::Manifest& made_with, const std::string& file, const PpoJob& job,
                   const policies::FeatureSource& found);

}  // namespace genba::trainer
