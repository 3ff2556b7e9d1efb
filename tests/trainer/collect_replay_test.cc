#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "core/error.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "scratch.h"
#include "trainer/collect.h"
#include "trainer/episode_recorder.h"
#include "trainer/replay.h"

namespace genba::trainer {
namespace {

class Collecting : public ScratchTest {
 protected:
  CollectConfig Config(const std::string& name, int threads, std::uint64_t episodes = 24) const {
    CollectConfig config;
    config.task = "reach";
    config.out = folder_ / name;
    config.seed = 7;
    config.episodes = episodes;
    config.threads = threads;
    config.worlds = 7;
    config.episodes_per_shard = 10;
    config.noise.deviation = 0.2;
    return config;
  }
  static std::vector<std::string> Hashes(const std::filesystem::path& folder) {
    std::vector<std::string> hashes;
    const datasets::Dataset dataset(folder);
    for (const auto& shard : dataset.info().shards) hashes.push_back(Sha256File(folder / shard.file));
    return hashes;
  }
};

TEST_F(Collecting, BytesDoNotDependOnThreadsOrWorlds) {
  Collect(Config("a", 1), "");
  Collect(Config("b", 2), "");
  CollectConfig other = Config("c", 3);
  other.worlds = 4;
  Collect(other, "");
  EXPECT_EQ(Hashes(folder_ / "a").size(), 3u);
  EXPECT_EQ(Hashes(folder_ / "a"), Hashes(folder_ / "b"));
  EXPECT_EQ(Hashes(folder_ / "a"), Hashes(folder_ / "c"));
}

TEST_F(Collecting, AShorterCollectionContinuedEqualsOneInOneGo) {
  Collect(Config("whole", 2, 30), "");
  Collect(Config("parts", 2, 10), "");
  Collect(Config("parts", 2, 30), "");
  EXPECT_EQ(Hashes(folder_ / "whole"), Hashes(folder_ / "parts"));
  EXPECT_EQ(Collect(Config("parts", 2, 30), "").episodes, 30u);  // nothing left to do
}

TEST_F(Collecting, AnInterruptKeepsWhatIsThere) {
  RequestInterrupt();
  EXPECT_THROW(Collect(Config("stopped", 1), ""), Error);
  ClearInterrupt();
  EXPECT_EQ(Collect(Config("stopped", 1), "").episodes, 24u);
}

TEST_F(Collecting, EverythingReplaysBitForBit) {
  Collect(Config("data", 2), "");
  const datasets::Dataset dataset(folder_ / "data");
  for (const int threads : {1, 2}) {
    const ReplayResult result = Replay(dataset, threads);
    EXPECT_EQ(result.episodes, 24u);
    EXPECT_EQ(result.differences, 0u);
  }
  EXPECT_THROW(Replay(dataset, 1, 24), Error);
  EXPECT_EQ(Replay(dataset, 1, 23).episodes, 1u);
}

// The negative control of replay, field by field.
TEST_F(Collecting, ReplayNamesTheStepAndFieldThatDiffers) {
  Collect(Config("data", 2, 3), "");
  const datasets::Episode good = datasets::Dataset(folder_ / "data").Read(1);
  ASSERT_EQ(ReplayEpisode(good).step, -1);
  auto differs = [&](auto change) {
    datasets::Episode changed = good;
    change(changed);
    return ReplayEpisode(changed);
  };
  const Difference action =
      differs([](datasets::Episode& e) { e.actions[5 * 7 + 2] = std::nextafter(e.actions[5 * 7 + 2], 2.0f); });
  EXPECT_EQ(action.step, 5);
  EXPECT_EQ(action.field, "actions or states");
  EXPECT_EQ(differs([](datasets::Episode& e) { e.rewards[3] = std::nextafter(e.rewards[3], 100.0f); }).field,
            "rewards");
  const Difference obs =
      differs([](datasets::Episode& e) { e.obs[e.obs.size() / static_cast<std::size_t>(e.num_steps) * 4] += 1e-6f; });
  EXPECT_EQ(obs.step, 4);
  EXPECT_EQ(obs.field, "obs");
  EXPECT_EQ(differs([](datasets::Episode& e) { e.initial_row[3] = std::nextafter(e.initial_row[3], 2.0); }).field,
            "initial state");
  EXPECT_EQ(differs([](datasets::Episode& e) { ++e.model_hash; }).field, "model");
  EXPECT_EQ(differs([](datasets::Episode& e) { e.success = !e.success; }).field, "success");
}

// Bar 3's last clause on a file: one bit of one stored action.
TEST_F(Collecting, OneFlippedBitInAFileIsFound) {
  Collect(Config("data", 2, 10), "");
  const auto file = folder_ / "data" / datasets::Dataset(folder_ / "data").info().shards[0].file;
  const datasets::Episode episode = datasets::Dataset(folder_ / "data").Read(4);
  const float action = episode.actions[6 * 7 + 1];
  std::string bytes;
  {
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  // The action row as it lies in the file, found by its four neighbours.
  const std::string needle(reinterpret_cast<const char*>(&episode.actions[6 * 7]), 5 * sizeof(float));
  const std::size_t at = bytes.find(needle);
  ASSERT_NE(at, std::string::npos) << "actions are stored as they are; first value " << action;
  bytes[at + 4] = static_cast<char>(bytes[at + 4] ^ 1);
  std::filesystem::permissions(file, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
  std::ofstream(file, std::ios::binary) << bytes;
  const ReplayResult result = Replay(datasets::Dataset(folder_ / "data", datasets::Integrity::kReport), 2);
  EXPECT_EQ(result.differences, 1u);
  EXPECT_EQ(result.first.episode, 4);
  EXPECT_EQ(result.first.step, 6);
  EXPECT_THROW(datasets::Dataset(folder_ / "data").Read(4), Error);
}

// Bar 8: an episode that ended in a fault is not in the data.
TEST_F(Collecting, FaultedEpisodesAreNotCommitted) {
  envs::VecEnvConfig config;
  config.task = "reach";
  config.seed = 7;
  config.num_worlds = 4;
  config.num_episodes = 4;
  envs::VecEnv env(config);
  const auto actor = MakeExpertActor();
  std::map<std::uint64_t, std::string> faults;
  EpisodeRecorder recorder(env, "expert",
                           [&](const datasets::Episode& episode) { faults[episode.index] = episode.fault; });
  StepBatch batch(env.spec(), 4);
  env.Reset(batch);
  std::vector<float> actions;
  while (faults.size() < 4) {
    actor->Act(env, batch, actions);
    if (env.step_in_episode(2) == 3 && env.plan(2).episode == 2)
      actions[2 * 7] = std::numeric_limits<float>::quiet_NaN();
    recorder.BeforeStep(env, batch, actions);
    env.Step(View2<const float>(actions.data(), 4, 7), batch);
    recorder.AfterStep(env, batch);
  }
  EXPECT_EQ(faults[2], "bad_control");
  EXPECT_EQ(faults[1], "none");
}

TEST_F(Collecting, BadSettingsAreNamed) {
  CollectConfig config = Config("x", 1);
  config.episodes = 0;
  EXPECT_THROW(Collect(config, ""), Error);
  config = Config("x", 1);
  config.language = "fr";
  EXPECT_THROW(Collect(config, ""), Error);
  config = Config("x", 1);
  config.out = "/proc/nowhere";
  try {
    Collect(config, "");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kEnvironment) << error.what();
  }
}

}  // namespace
}  // namespace genba::trainer
