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
#include "datasets/schema.h"
#include "envs/vec_env.h"
#include "trainer/checked.h"
#include "trainer/episode_recorder.h"

namespace genba::trainer {

namespace {

using datasets::Episode;
using datasets::Moment;

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

// Where two arrays part, on a common clock: row r of what is true before a step comes at 2 r, after it at 2 r + 1.
struct Parting {
  std::int64_t when = INT64_MAX;
  std::string field;
  void Note(std::int64_t at, const std::string& name) {
    if (at < when) *this = {at, name};
  }
  int step() const { return static_cast<int>(std::max<std::int64_t>(when, 0) / 2); }
};

// Bits, not values: a NaN equals itself and -0 differs from 0. Returns the first row that differs, -1 when none does.
template <class T>
std::int64_t FirstRow(const std::vector<T>& a, const std::vector<T>& b, std::size_t width) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0) return static_cast<std::int64_t>(i / width);
  }
  return a.size() == b.size() ? -1 : static_cast<std::int64_t>(common / width);
}

void CompareArrays(const Episode& stored, const Episode& played, const datasets::DatasetInfo& info, Parting& parting) {
  const std::int64_t end = 2 * stored.num_steps;
  const auto note = [&](const std::string& name, Moment moment, std::int64_t row) {
    if (row < 0) return;
    parting.Note(moment == Moment::kStart ? 0
                 : moment == Moment::kEnd ? end - 1
                                          : 2 * row + (moment == Moment::kAfter),
                 name);
  };
  const auto width = static_cast<std::size_t>(info.spec.obs_dim());
  // Side by side: the same list of the same members.
  std::vector<const void*> others;
  datasets::VisitArrays(played, info,
                        [&](const datasets::ArrayInfo&, const auto& values) { others.push_back(&values); });
  std::size_t i = 0;
  datasets::VisitArrays(stored, info, [&](const datasets::ArrayInfo& array, const auto& values) {
    const auto& other = *static_cast<const std::decay_t<decltype(values)>*>(others[i++]);
    std::size_t row_size = 1;
    for (std::size_t d = 1; d < array.dims.size(); ++d) row_size *= array.dims[d];
    if (array.moment == Moment::kStart || array.moment == Moment::kEnd)
      row_size = std::max<std::size_t>(1, values.size());
    note(array.name, array.moment, FirstRow(values, other, row_size));
  });
  note("obs", Moment::kBefore, FirstRow(stored.obs, played.obs, width));
  note("obs_last", Moment::kEnd, FirstRow(stored.last_obs, played.last_obs, width));
}

void CompareTexts(const Episode& stored, const Episode& played, bool same_maker, Parting& parting) {
  const std::int64_t end = 2 * stored.num_steps;
  std::vector<std::pair<std::string, std::string>> a, b;
  for (const auto& [list, episode] : {std::pair{&a, &stored}, {&b, &played}}) {
    const auto text = [list = list](const char* name, const std::string& value) { list->emplace_back(name, value); };
    const auto number = [list = list](const char* name, auto value) {
      list->emplace_back(name, std::to_string(value));
    };
    number("num_samples", episode->num_steps);
    number("success", episode->success ? 1 : 0);
    datasets::VisitTexts(*episode, text);
    datasets::VisitDocuments(*episode, text);
    datasets::VisitNumbers(*episode, number);
    if (same_maker) text("model", episode->model_xml);
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].second == b[i].second) continue;
    if (!same_maker && a[i].first == "model_hash") continue;
    const bool outcome =
        a[i].first == "cause" || a[i].first == "fault" || a[i].first == "success" || a[i].first == "num_samples";
    parting.Note(outcome ? end - 1 : 0, a[i].first);
  }
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
  parting = {2 * step, of_another_answer ? "answers" : "actions"};
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
  CompareArrays(stored, played, info, parting);
  CompareTexts(stored, played, same_maker, parting);
  EpisodeReplay result;
  if (parting.when == INT64_MAX) return result;
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
