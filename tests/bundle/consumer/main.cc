// consumer DATA: plays the first episode of a data set again, in an environment of its own, and compares what it observes.
#include <algorithm>
#include <cstdio>

#include "datasets/dataset.h"
#include "envs/vec_env.h"

int main(int, char** argv) {
  const genba::datasets::Episode stored = genba::datasets::Dataset(argv[1]).Read(0);
  genba::envs::VecEnvConfig config{.task = stored.task, .num_worlds = 1, .seed = stored.seed};
  genba::envs::VecEnv env(config);
  genba::StepBatch batch(env.spec(), 1);
  env.Reset(batch);
  int equal = 0;
  const auto width = static_cast<std::size_t>(env.spec().action_dim());
  for (int step = 0; step < stored.num_steps; ++step) {
    const auto at = static_cast<std::size_t>(step);
    equal += std::equal(batch.obs.begin(), batch.obs.end(), stored.obs.data() + at * batch.obs.size());
    env.Step(genba::View2<const float>(stored.actions.data() + at * width, 1, static_cast<int>(width)), batch);
  }
  std::printf("%d of %d observations equal, success %d\n", equal, stored.num_steps, batch.success[0]);
  return equal == stored.num_steps && batch.success[0] != 0 ? 0 : 1;
}
