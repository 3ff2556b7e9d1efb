// What is seen without physics: of the fields only what a reader asks about, and nothing that was never written.
#include "envs/observation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "envs/vec_env.h"

namespace genba::envs {
namespace {

// The columns of an observation that say whether a slot holds something and of what kind it is; of others 0.
std::vector<float> KindsIn(const EnvSpec& spec, std::span<const float> obs) {
  std::vector<float> kinds(obs.size(), 0.0f);
  for (const FieldSpec& field :
       ObservationFields()) {  // a task may give a field less identity; it is seen all the same
    if (field.shape.size() != 2) continue;
    std::vector<int> columns = {0};
    columns.insert(columns.end(), field.identity.begin(), field.identity.end());
    for (int slot = 0; slot < field.shape[0]; ++slot) {
      for (const int column : columns) {
        const auto at = static_cast<std::size_t>(spec.obs_offset(field.name) + slot * field.shape[1] + column);
        kinds[at] = obs[at];
      }
    }
  }
  return kinds;
}

TEST(WriteKinds, WritesWhatTheObservationShowsOfKindsAndNothingElse) {
  for (const std::string& task : TaskNames()) {
    VecEnvConfig config;
    config.task = task;
    config.num_worlds = 64;
    config.num_threads = 1;
    VecEnv env(config);
    StepBatch batch(env.spec(), config.num_worlds);
    env.Reset(batch);
    int present = 0;
    for (int world = 0; world < config.num_worlds; ++world) {
      const std::span<const float> obs = batch.obs_view().row(world);
      std::vector<float> kinds(obs.size(), 7.0f);  // what was there before is written over
      WriteKinds(env.cell(world), kinds);
      EXPECT_EQ(kinds, KindsIn(env.spec(), obs)) << task << ", world " << world;
      present += static_cast<int>(std::count(kinds.begin(), kinds.end(), 1.0f));
    }
    EXPECT_GT(present, 3 * config.num_worlds);  // the control: something was seen
  }
}

}  // namespace
}  // namespace genba::envs
