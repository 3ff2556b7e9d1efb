#include "trainer/replay.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/progress.h"
#include "core/threads.h"
#include "envs/vec_env.h"
#include "trainer/checked.h"
#include "trainer/episode_recorder.h"
#include "trainer/parting.h"

namespace genba::trainer {

namespace {

using datasets::Episode;

// The stored actions played again, recorded as they were the first time.
Episode PlayAgain(const Episode& stored, const CheckedEpisode& checked) {
  const auto env = envs::MakeReplayEnv(stored.task, checked.plan, checked.cell);
  StepBatch batch(env->spec(), 1);
  env->Reset(batch);
  Episode played;
  bool ended = false;
  EpisodeRecorder recorder(*env, stored.policy, [&](Recorded recorded) {
    played = Completed(std::move(recorded));
    ended = true;
  });
  const auto width = static_cast<std::size_t>(env->spec().action_dim());
  for (std::size_t step = 0; !ended && step < static_cast<std::size_t>(stored.num_steps); ++step) {
    CheckInterrupt();
    const auto row = stored.actions.begin() + static_cast<std::ptrdiff_t>(step * width);
    const Commands commands{{row, row + static_cast<std::ptrdiff_t>(width)},
                            {static_cast<Answer>(stored.answers[step])},
                            {stored.answer_probabilities[step]}};
    recorder.BeforeStep(*env, batch, commands);
    env->Step(commands, batch);
    recorder.AfterStep(*env, batch);
  }
  return ended ? played : Completed(recorder.Running(0));  // the stored one ended here
}

// The stored action and the stored outcome were hashed together when they were recorded: that tells a changed action
// from a changed outcome.
void BlameAction(const Episode& stored, const Episode& played, const datasets::DatasetInfo& info, Parting& parting) {
  const auto physics = static_cast<std::size_t>(info.physics_size),
             width = static_cast<std::size_t>(info.spec.action_dim());
  const std::int64_t step = (parting.when - 1) / 2;  // whose outcome differs
  if (parting.when < 1 || step >= std::min(stored.num_steps, played.num_steps)) return;
  const auto s = static_cast<std::size_t>(step);
  const auto outcome = [&](const Episode& e) {
    return step + 1 < e.num_steps ? std::span<const double>(e.states).subspan((s + 1) * physics, physics)
                                  : std::span<const double>(e.final_state);
  };
  const auto action = std::span<const float>(stored.actions).subspan(s * width, width);
  const bool same = outcome(stored).size() == outcome(played).size() &&
                    std::memcmp(outcome(stored).data(), outcome(played).data(), outcome(stored).size_bytes()) == 0;
  // Whether the hash is of this answer and one of the two outcomes.
  const auto hashed = [&](int answer) {
    const HashedStep hashed_step{action, static_cast<std::uint8_t>(answer), stored.answer_probabilities[s]};
    return StepHash(hashed_step, outcome(stored)) == stored.step_hashes[s] ||
           StepHash(hashed_step, outcome(played)) == stored.step_hashes[s];
  };
  if (same || hashed(stored.answers[s])) return;
  bool of_another_answer = false;
  for (int answer = 0; answer < kNumAnswers; ++answer) of_another_answer = of_another_answer || hashed(answer);
  parting = {2 * step, of_another_answer ? "answers" : "actions", -1, nullptr, nullptr};
}

double LargestDifference(const Episode& a, const Episode& b) {
  double largest = 0;
  for (std::size_t i = 0; i < std::min(a.states.size(), b.states.size()); ++i)
    largest = std::max(largest, std::abs(a.states[i] - b.states[i]));
  return largest;
}

}  // namespace

EpisodeReplay ReplayEpisode(const Episode& stored, const datasets::DatasetInfo& info, const std::string& file) {
  const CheckedEpisode checked = Checked(stored, info, file);
  const bool same_maker = Rebuild(checked, stored, info, file).drift.empty();
  const Episode played = PlayAgain(stored, checked);
  Parting parting;
  NoteArrays(stored, played, info, parting);
  NoteTexts(stored, played, same_maker, parting);
  EpisodeReplay result;
  if (!parting.parted()) return result;
  BlameAction(stored, played, info, parting);
  result.difference = {static_cast<std::int64_t>(stored.index), parting.step(), parting.field};
  result.largest_state_difference = LargestDifference(stored, played);
  return result;
}

ReplayResult Replay(const datasets::Dataset& dataset, int num_threads, std::int64_t only) {
  CheckSpec(dataset.info(), dataset.folder().string());
  const std::int64_t end = dataset.num_episodes();
  if (end == 0) throw BadInput({dataset.folder().string(), "episodes", "at least one", "none"});
  if (only >= end || only < -1)
    throw BadInput({"replay", "--episode", "0 … " + std::to_string(end - 1), std::to_string(only)});
  const std::int64_t first = only >= 0 ? only : 0, last = only >= 0 ? only + 1 : end;
  const int threads = num_threads > 0 ? num_threads : UsableCores();
  std::mutex mutex;  // over the reader (HDF5 belongs to one thread at a time), the counters and the progress bar
  std::int64_t next = first;
  ReplayResult result;
  result.maker = MakerDifference(dataset.info());
  Difference file;
  std::exception_ptr failure;
  Progress progress("replay", "episodes", last - first);
  const auto play_next = [&] {
    Episode episode;
    std::int64_t k = 0;
    bool intact = true;
    {
      const std::lock_guard lock(mutex);
      if (next >= last || failure) return false;
      k = next++;
      episode = dataset.Read(static_cast<int>(k));
      intact = dataset.Intact(static_cast<int>(k));
    }
    EpisodeReplay replay = ReplayEpisode(episode, dataset.info(), EpisodePlace(dataset, episode));
    const bool only_file = replay.difference.step < 0 && !intact;
    const std::lock_guard lock(mutex);
    ++result.episodes;
    result.steps += static_cast<std::uint64_t>(episode.num_steps);
    progress.Update(static_cast<std::int64_t>(result.episodes));
    // A file that is not the one that was written differs, but where an episode shows it, the episode says it.
    if (only_file && (file.episode < 0 || k < file.episode)) file = {k, 0, "file"};
    if (replay.difference.step < 0) return true;
    ++result.differences;
    replay.difference.episode = k;
    result.largest_state_difference = std::max(result.largest_state_difference, replay.largest_state_difference);
    if (result.first.episode < 0 || k < result.first.episode) result.first = replay.difference;
    return true;
  };
  const auto work = [&] {
    try {
      while (play_next()) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
  if (result.differences == 0 && file.episode >= 0) {
    result.differences = 1;
    result.first = file;
  }
  return result;
}

nlohmann::json ToJson(const ReplayResult& result) {
  nlohmann::json first = nullptr, drift = nullptr;
  if (result.differences > 0)
    first = {{"episode", result.first.episode}, {"step", result.first.step}, {"field", result.first.field}};
  if (!result.maker.empty())
    drift = {{"maker", result.maker}, {"largest_state_difference", result.largest_state_difference}};
  return {{"episodes", result.episodes},
          {"steps", result.steps},
          {"differences", result.differences},
          {"first_difference", first},
          {"drift", drift}};
}

}  // namespace genba::trainer
