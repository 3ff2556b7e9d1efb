// env_harness.h - plays whole episodes for tests.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "core/hash.h"
#include "envs/vec_env.h"

namespace genba::envs {

struct Outcome {
  int episodes = 0;
  int successes = 0;
  std::map<std::string, int> causes;
  std::map<std::uint64_t, std::uint64_t> hashes;  // episode → hash of everything it showed, until it ended
};

using ActionEdit = std::function<void(const VecEnv&, int world, std::span<float> action)>;

// The expert's actions, changed by edit, until num_episodes have ended.
inline Outcome PlayEpisodes(VecEnv& env, int num_episodes, const ActionEdit& edit = {}) {
  StepBatch batch(env.spec(), env.num_worlds());
  env.Reset(batch);
  Outcome outcome;
  std::map<std::uint64_t, std::uint64_t> running;
  std::vector<float> actions;
  while (outcome.episodes < num_episodes) {
    actions.assign(batch.expert_action.begin(), batch.expert_action.end());
    const View2<float> view(std::span<float>(actions), env.num_worlds(), env.spec().action_dim());
    std::vector<std::uint64_t> episode_of;
    for (int w = 0; w < env.num_worlds(); ++w) {
      episode_of.push_back(env.plan(w).episode);
      if (edit) edit(env, w, view.row(w));
    }
    env.Step(view, batch);
    bool any = false;
    for (int w = 0; w < env.num_worlds(); ++w) {
      const auto i = static_cast<std::size_t>(w);
      if (batch.active[i] == 0) continue;
      any = true;
      const auto dim = static_cast<std::size_t>(env.spec().obs_dim());
      const float* obs = (batch.done(w) ? batch.final_obs.data() : batch.obs.data()) + i * dim;
      std::uint64_t& hash = running.try_emplace(episode_of[i], kHash64Start).first->second;
      hash = Hash64(std::span<const float>(obs, dim), hash);
      hash = Hash64(std::span<const float>(&batch.reward[i], 1), hash);
      if (!batch.done(w)) continue;
      ++outcome.episodes;
      outcome.successes += batch.success[i];
      ++outcome.causes[env.spec().terminations[batch.cause[i]]];
      outcome.hashes[episode_of[i]] = hash;
    }
    if (!any) break;
  }
  return outcome;
}

}  // namespace genba::envs
