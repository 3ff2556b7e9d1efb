#include "trainer/collect.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/progress.h"
#include "datasets/dataset.h"
#include "trainer/episode_recorder.h"

namespace genba::trainer {

namespace {

// Faulted episodes leave gaps in the numbers, so the count alone does not say where to go on.
std::uint64_t NextEpisode(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "manifest.json")) return 0;
  const datasets::Dataset dataset(folder);
  return dataset.num_episodes() == 0 ? 0 : dataset.ReadHeader(dataset.num_episodes() - 1).index + 1;
}

envs::VecEnvConfig EnvConfig(const CollectConfig& config, std::uint64_t first) {
  envs::VecEnvConfig env;
  env.task = config.task;
  env.num_worlds = static_cast<int>(
      std::min<std::uint64_t>(static_cast<std::uint64_t>(config.worlds),
                              std::max<std::uint64_t>(1, config.episodes - std::min(first, config.episodes))));
  env.num_threads = config.threads;
  env.seed = config.seed;
  env.first_episode = first;
  env.num_episodes = config.episodes - std::min(first, config.episodes);
  env.options.language = config.language;
  env.options.disturbances = config.disturbances;
  return env;
}

// Counts what is handed out and keeps faulted episodes out of the data.
class Committer {
 public:
  Committer(datasets::DatasetWriter& writer, const CollectConfig& config, CollectResult& result)
      : writer_(writer), config_(config), result_(result) {}

  void operator()(const datasets::Episode& episode) {
    ++seen_;
    result_.new_steps += static_cast<std::uint64_t>(episode.num_steps);
    if (episode.fault == "none") {
      writer_.Append(episode);
      return;
    }
    ++result_.faults;
    LogWarning("episode " + std::to_string(episode.index) + " (seed " + std::to_string(episode.seed) +
               ") ended in a fault at step " + std::to_string(episode.num_steps) + ": " + episode.fault +
               "; it is not kept");
    const double share = static_cast<double>(result_.faults) / static_cast<double>(std::max<std::uint64_t>(seen_, 100));
    if (share > config_.max_fault_share) {
      throw Error(ErrorKind::kFailed,
                  std::to_string(result_.faults) + " of " + std::to_string(seen_) +
                      " episodes ended in a fault (collect.max_fault_share); the last: " + episode.fault);
    }
  }
  std::uint64_t seen() const { return seen_; }

 private:
  datasets::DatasetWriter& writer_;
  const CollectConfig& config_;
  CollectResult& result_;
  std::uint64_t seen_ = 0;
};

void CountDataset(const std::filesystem::path& folder, CollectResult& result) {
  const datasets::Dataset dataset(folder);
  result.episodes = static_cast<std::uint64_t>(dataset.num_episodes());
  result.steps = static_cast<std::uint64_t>(dataset.num_steps());
  for (int k = 0; k < dataset.num_episodes(); ++k) result.successes += dataset.ReadHeader(k).success;
}

}  // namespace

void Register(ConfigTable& table, CollectConfig& config) {
  table.Add("collect.policy", &config.policy, "who acts; the same as --policy");
  table.Add("collect.seed", &config.seed, "of scenes, instructions and noise; the same as --seed");
  table.Add("collect.worlds", &config.worlds, {1, 65536}, "worlds stepped together");
  table.Add("collect.episodes_per_shard", &config.episodes_per_shard, {1, 100000},
            "episodes in a file; a crash loses at most this many");
  table.Add("collect.language", &config.language, "language of the instructions", {"en", "ja", "both"});
  table.Add("collect.noise", &config.noise.deviation, {0, 2},
            "deviation of the pushes on the expert's motion, full actions; labels stay clean");
  table.Add("collect.noise_rate", &config.noise.rate, {0, 1}, "pushes begun per quiet step");
  table.Add("collect.max_fault_share", &config.max_fault_share, {0, 1},
            "stop when more of the episodes than this end in a fault");
  envs::Register(table, config.disturbances);
}

CollectResult Collect(const CollectConfig& config, const std::string& config_toml) {
  if (config.episodes < 1) throw BadInput({"collect", "--episodes", "at least 1", std::to_string(config.episodes)});
  const std::uint64_t first = NextEpisode(config.out);
  envs::VecEnv env(EnvConfig(config, first));
  const std::unique_ptr<Actor> actor = MakeActor(config.policy, env.spec(), config.seed, config.noise, config.places);
  datasets::DatasetWriter writer(config.out, DescribeDataset(env, config_toml), config.episodes_per_shard);
  CollectResult result;
  Committer commit(writer, config, result);
  EpisodeRecorder recorder(env, actor->name(), [&](const datasets::Episode& episode) { commit(episode); });

  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t wanted = env.config().num_episodes;
  {
    Progress progress("collect " + config.task, "episodes", static_cast<std::int64_t>(config.episodes));
    StepBatch batch(env.spec(), env.num_worlds());
    if (wanted > 0) env.Reset(batch);
    std::vector<float> actions;
    while (commit.seen() < wanted && !Interrupted()) {
      actor->Act(env, batch, actions);
      recorder.BeforeStep(env, batch, actions);
      env.Step(View2<const float>(actions.data(), env.num_worlds(), env.spec().action_dim()), batch);
      recorder.AfterStep(env, batch);
      progress.Update(static_cast<std::int64_t>(first + commit.seen()));
    }
    writer.Finish();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CountDataset(config.out, result);
  if (Interrupted())
    throw Error(ErrorKind::kFailed, "interrupted; " + std::to_string(result.episodes) + " episodes are committed in " +
                                        config.out.string() + ", the same command continues");
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
