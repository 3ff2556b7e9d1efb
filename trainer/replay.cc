#include "trainer/replay.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/progress.h"
#include "core/threads.h"
#include "envs/scene.h"
#include "envs/vec_env.h"
#include "trainer/episode_recorder.h"

namespace genba::trainer {

namespace {

// Bits, not values: a NaN equals itself and -0 differs from 0.
template <class T>
bool SameBits(std::span<const T> a, std::span<const T> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

template <class T>
std::span<const T> Row(const std::vector<T>& rows, int row, std::size_t width) {
  return std::span<const T>(rows).subspan(static_cast<std::size_t>(row) * width, width);
}

struct Widths {
  std::size_t physics, action, obs, terms;
};

// The first field of this step that differs after it was played again; empty when none.
std::string CompareStep(const datasets::Episode& e, int step, const Widths& width, const envs::VecEnv& env,
                        const StepBatch& batch) {
  const bool last = step + 1 == e.num_steps;
  std::vector<double> physics(width.physics);
  if (batch.done(0)) {
    env.EndedPhysicsState(0, physics);
  } else {
    env.PhysicsState(0, physics);
  }
  // The stored action and the stored outcome were hashed together when they were recorded: a changed action is told
  // from a changed physics by whether the stored states themselves still follow from each other.
  const auto stored = last ? std::span<const double>(e.final_state) : Row(e.states, step + 1, width.physics);
  if (StepHash(Row(e.actions, step, width.action), stored) != e.step_hashes[static_cast<std::size_t>(step)])
    return "actions or states";
  if (!SameBits<double>(physics, stored)) return "states";
  if (std::memcmp(&batch.reward[0], &e.rewards[static_cast<std::size_t>(step)], sizeof(float)) != 0) return "rewards";
  if (!SameBits<float>(batch.reward_terms, Row(e.reward_terms, step, width.terms))) return "reward_terms";
  if (batch.done(0) != (e.dones[static_cast<std::size_t>(step)] != 0) || batch.done(0) != last) return "dones";
  if (last && (batch.success[0] != 0) != e.success) return "success";
  return "";
}

}  // namespace

Difference ReplayEpisode(const datasets::Episode& e) {
  const auto k = static_cast<std::int64_t>(e.index);
  const envs::EpisodePlan plan = envs::EpisodePlanFromText(e.plan, "stored plan");
  const auto env = envs::MakeReplayEnv(e.task, plan, envs::CellFromJson(plan.randomisation, "stored plan"));
  if (env->model(0)->Hash() != e.model_hash) return {k, 0, "model"};
  StepBatch batch(env->spec(), 1);
  env->Reset(batch);
  if (!SameBits<double>(env->integration_row(0), e.initial_row)) return {k, 0, "initial state"};
  const Widths width{static_cast<std::size_t>(env->physics_size()), static_cast<std::size_t>(env->spec().action_dim()),
                     static_cast<std::size_t>(env->spec().obs_dim()),
                     static_cast<std::size_t>(env->spec().num_reward_terms())};
  for (int step = 0; step < e.num_steps; ++step) {
    CheckInterrupt();
    if (!SameBits<float>(batch.obs, Row(e.obs, step, width.obs))) return {k, step, "obs"};
    env->Step(View2<const float>(Row(e.actions, step, width.action).data(), 1, static_cast<int>(width.action)), batch);
    const std::string field = CompareStep(e, step, width, *env, batch);
    if (!field.empty()) return {k, step, field};
  }
  return {};
}

ReplayResult Replay(const datasets::Dataset& dataset, int num_threads, std::int64_t only) {
  const std::int64_t end = dataset.num_episodes();
  if (only >= end || only < -1)
    throw BadInput({"replay", "--episode", "0 … " + std::to_string(end - 1), std::to_string(only)});
  const std::int64_t first = only >= 0 ? only : 0, last = only >= 0 ? only + 1 : end;
  const unsigned threads =
      static_cast<unsigned>(num_threads > 0 ? num_threads : UsableCores());
  std::mutex mutex;  // over the reader (HDF5 belongs to one thread at a time), the counters and the progress bar
  std::int64_t next = first;
  ReplayResult result;
  std::exception_ptr failure;
  Progress progress("replay", "episodes", last - first);
  auto work = [&] {
    for (;;) {
      datasets::Episode episode;
      std::int64_t k = 0;
      {
        const std::lock_guard lock(mutex);
        if (next >= last || failure) return;
        k = next++;
        try {
          episode = dataset.Read(static_cast<int>(k));
        } catch (...) {
          failure = std::current_exception();
          return;
        }
      }
      Difference difference;
      try {
        difference = ReplayEpisode(episode);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        return;
      }
      const std::lock_guard lock(mutex);
      ++result.episodes;
      result.steps += static_cast<std::uint64_t>(episode.num_steps);
      progress.Update(static_cast<std::int64_t>(result.episodes));
      if (difference.step < 0) continue;
      ++result.differences;
      difference.episode = k;
      if (result.first.episode < 0 || k < result.first.episode) result.first = difference;
    }
  };
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
  return result;
}

nlohmann::json ToJson(const ReplayResult& result) {
  nlohmann::json first = nullptr;
  if (result.differences > 0)
    first = {{"episode", result.first.episode}, {"step", result.first.step}, {"field", result.first.field}};
  return {{"episodes", result.episodes},
          {"steps", result.steps},
          {"differences", result.differences},
          {"first_difference", first}};
}

}  // namespace genba::trainer
