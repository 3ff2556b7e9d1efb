#include "trainer/collect.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/progress.h"
#include "datasets/dataset.h"
#include "envs/scene.h"
#include "trainer/episode_recorder.h"

namespace genba::trainer {

namespace {

// Faulted episodes leave gaps in the numbers, so the count alone does not say where to go on.
std::uint64_t NextEpisode(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "manifest.json")) return 0;
  return datasets::Dataset(folder).info().next_episode;
}

envs::VecEnvConfig EnvConfig(const CollectConfig& config, std::uint64_t first) {
  const std::uint64_t left = config.episodes - std::min(first, config.episodes);
  envs::VecEnvConfig env;
  env.task = config.task;
  env.num_worlds = static_cast<int>(
      std::min<std::uint64_t>(static_cast<std::uint64_t>(config.worlds), std::max<std::uint64_t>(1, left)));
  env.num_threads = config.threads;
  env.seed = config.seed;
  env.first_episode = first;
  env.num_episodes = left;
  env.options.language = config.language;
  env.options.disturbances = config.disturbances;
  env.options.negatives = config.negatives;
  env.options.max_wanted = config.max_wanted;
  env.options.to_learn_from = true;
  env.write_mjcf = true;
  return env;
}

// Writes finished episodes on a thread of its own, so that the worlds step on meanwhile. What waits for the disk is
// bounded: Take() waits when it is too much. A failure there comes out of the next call here.
class Committer {
 public:
  Committer(datasets::DatasetWriter& writer, std::size_t most_waiting)
      : writer_(writer), most_waiting_(most_waiting), thread_([this] { Work(); }) {}
  ~Committer() { Stop(); }

  void Take(Recorded recorded) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < most_waiting_ || failure_; });
    if (failure_) std::rethrow_exception(failure_);
    waiting_.push_back(std::move(recorded));
    changed_.notify_all();
  }
  // Everything that was taken is committed.
  void Finish() {
    Stop();
    if (failure_) std::rethrow_exception(failure_);
    writer_.Finish();
  }

 private:
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }
  void Work() {
    try {
      while (WriteNext()) writer_.CommitOlderThan(kCommitEvery);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      changed_.notify_all();
    }
  }
  // False when all is written and no more will come. Returns now and then without work, for the clock.
  bool WriteNext() {
    std::optional<Recorded> next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::seconds(1), [&] { return !waiting_.empty() || stop_; });
      if (waiting_.empty()) return !stop_;
      next.emplace(std::move(waiting_.front()));
      waiting_.pop_front();
      changed_.notify_all();
    }
    const std::uint64_t number = next->episode.index;
    if (next->episode.fault == "none") {
      writer_.Append(Completed(std::move(*next)));
    } else {
      writer_.Skip(number);
    }
    return true;
  }

  datasets::DatasetWriter& writer_;  // the thread's alone between construction and Stop()
  std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Recorded> waiting_;
  bool stop_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

// A fault is told and counted; more than a few of them stop the collection.
void CountFault(const datasets::Episode& episode, std::uint64_t seen, const CollectConfig& config,
                CollectResult& result) {
  ++result.faults;
  LogWarning("episode " + std::to_string(episode.index) + " (seed " + std::to_string(episode.seed) +
             ") ended in a fault at step " + std::to_string(episode.num_steps) + ": " + episode.fault +
             "; it is not kept");
  const double share = static_cast<double>(result.faults) / static_cast<double>(std::max<std::uint64_t>(seen, 100));
  if (share > config.max_fault_share) {
    throw Error(ErrorKind::kFailed,
                std::to_string(result.faults) + " of " + std::to_string(seen) +
                    " episodes ended in a fault (collect.max_fault_share); the last: " + episode.fault);
  }
}

void CountDataset(const std::filesystem::path& folder, CollectResult& result) {
  const datasets::Dataset dataset(folder);
  result.episodes = static_cast<std::uint64_t>(dataset.num_episodes());
  result.steps = static_cast<std::uint64_t>(dataset.num_steps());
  for (int k = 0; k < dataset.num_episodes(); ++k) result.successes += dataset.ReadHeader(k).success;
}

// The settings that change bytes …
void RegisterStored(ConfigTable& table, CollectConfig& config) {
  table.Add("collect.seed", &config.seed, "of scenes, instructions and noise; the same as --seed");
  table.Add("collect.language", &config.language, "language of the instructions", {"en", "ja", "both"});
  table.Add("collect.negatives", &config.negatives, {0, 1},
            "share of instructions that are not to be acted on: prohibitions, what is not there, nonsense");
  table.Add("collect.noise", &config.noise.deviation, {0, 2},
            "deviation of the pushes on the expert's motion, full actions; labels stay clean");
  table.Add("collect.noise_rate", &config.noise.rate, {0, 1}, "pushes begun per quiet step");
  table.Add("collect.episodes_per_shard", &config.episodes_per_shard, {1, 100000}, "episode numbers in a file");
  envs::Register(table, config.disturbances);
  envs::RegisterMaxWanted(table, &config.max_wanted);
}

// … and those that do not. Who acts does, but is known by content, not by the name given here.
void RegisterOthers(ConfigTable& table, CollectConfig& config) {
  table.Add("collect.policy", &config.policy, "who acts; the same as --policy");
  table.Add("collect.worlds", &config.worlds, {1, 65536}, "worlds stepped together");
  table.Add("collect.max_fault_share", &config.max_fault_share, {0, 1},
            "stop when more of the episodes than this end in a fault");
}

// Plays until the wanted episodes have been handed out, or an interrupt.
void Play(const CollectConfig& config, envs::VecEnv& env, Actor& actor, const std::string& identity,
          Committer& committer, CollectResult& result) {
  const std::uint64_t wanted = env.config().num_episodes, first = env.config().first_episode;
  std::uint64_t seen = 0;
  EpisodeRecorder recorder(env, identity, [&](Recorded recorded) {
    ++seen;
    result.new_steps += static_cast<std::uint64_t>(recorded.episode.num_steps);
    if (recorded.episode.fault != "none") CountFault(recorded.episode, seen, config, result);
    committer.Take(std::move(recorded));
  });
  Progress progress("collect " + config.task, "episodes", static_cast<std::int64_t>(config.episodes),
                    static_cast<std::int64_t>(first));
  StepBatch batch(env.spec(), env.num_worlds());
  if (wanted > 0) env.Reset(batch);
  Commands commands;
  while (seen < wanted && !Interrupted()) {
    actor.Act(env, batch, commands);
    recorder.BeforeStep(env, batch, commands);
    env.Step(commands, batch);
    recorder.AfterStep(env, batch);
    progress.Update(static_cast<std::int64_t>(first + seen));
  }
}

}  // namespace

void Register(ConfigTable& table, CollectConfig& config) {
  RegisterStored(table, config);
  RegisterOthers(table, config);
}

std::string StoredSettings(const CollectConfig& config) {
  CollectConfig copy = config;
  ConfigTable table;
  RegisterStored(table, copy);
  return table.ToToml();
}

CollectResult Collect(const CollectConfig& config) {
  const std::unique_ptr<Actor> actor =
      MakeActor(config.policy, envs::SpecOf(config.task), config.seed, config.noise, config.places);
  return Collect(config, *actor, actor->identity());
}

CollectResult Collect(const CollectConfig& config, Actor& actor, const std::string& identity) {
  if (config.episodes < 1) throw BadInput({"collect", "--episodes", "at least 1", std::to_string(config.episodes)});
  const std::uint64_t first = NextEpisode(config.out);
  envs::VecEnv env(EnvConfig(config, first));
  datasets::DatasetWriter writer(config.out, DescribeDataset(env, identity, StoredSettings(config)),
                                 config.episodes_per_shard);
  if (writer.next_episode() != first)
    throw Error(ErrorKind::kEnvironment, "another process has written into " + config.out.string() + " meanwhile");
  CollectResult result;
  const auto start = std::chrono::steady_clock::now();
  {
    Committer committer(writer, 2 * static_cast<std::size_t>(config.worlds));
    try {
      Play(config, env, actor, identity, committer, result);
    } catch (...) {
      committer.Finish();  // what was played until then is not lost
      throw;
    }
    const FinishFirst publishing;
    committer.Finish();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CountDataset(config.out, result);
  if (Interrupted()) {
    LogWarning("stopped; " + std::to_string(result.episodes) + " episodes are committed in " + config.out.string() +
               ", the same command continues");
    CheckInterrupt();
  }
  return result;
}

nlohmann::json ToJson(const CollectConfig& config, const CollectResult& result) {
  const datasets::Dataset dataset(config.out);
  nlohmann::json shards = nlohmann::json::array();
  for (const datasets::ShardInfo& shard : dataset.info().shards) {
    shards.push_back({{"file", shard.file}, {"sha256", shard.sha256}, {"episodes", shard.num_episodes}});
  }
  return {{"task", config.task},
          {"episodes", result.episodes},
          {"steps", result.steps},
          {"success_rate", result.episodes == 0 ? nlohmann::json()
                                                : nlohmann::json(static_cast<double>(result.successes) /
                                                                 static_cast<double>(result.episodes))},
          {"faults", result.faults},
          {"seconds", result.seconds},
          {"shards", shards},
          {"manifest_sha256", dataset.manifest_sha256()}};
}

}  // namespace genba::trainer
