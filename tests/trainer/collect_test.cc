// Collecting: the same bytes whatever happens on the way, and faults kept out of them.
#include "trainer/collect.h"

#include <chrono>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "collecting.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "core/rng.h"
#include "datasets/dataset.h"

namespace genba::trainer {
namespace {

std::map<std::string, std::string> Files(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files[entry.path().filename().string()] = Sha256File(entry.path());
  return files;
}

std::vector<std::string> Hashes(const std::filesystem::path& folder) {
  std::vector<std::string> hashes;
  const datasets::Dataset dataset(folder);
  for (const auto& shard : dataset.info().shards) hashes.push_back(Sha256File(folder / shard.file));
  return hashes;
}

TEST_F(Collecting, BytesDoNotDependOnThreadsOrWorlds) {
  Collect(Config("a", 1));
  Collect(Config("b", 2));
  CollectConfig other = Config("c", 3);
  other.worlds = 4;
  Collect(other);
  EXPECT_EQ(Hashes(folder_ / "a").size(), 3u);
  EXPECT_EQ(Hashes(folder_ / "a"), Hashes(folder_ / "b"));
  EXPECT_EQ(Hashes(folder_ / "a"), Hashes(folder_ / "c"));
}

TEST_F(Collecting, AShorterCollectionContinuedEqualsOneInOneGo) {
  Collect(Config("whole", 2, 30));
  Collect(Config("parts", 2, 10));
  Collect(Config("parts", 2, 30));
  EXPECT_EQ(Hashes(folder_ / "whole"), Hashes(folder_ / "parts"));
  EXPECT_EQ(Collect(Config("parts", 2, 30)).episodes, 30u);  // nothing left to do
}

// Stops the collection as Ctrl-C would, after `milliseconds`; true when it was done before.
bool CollectFor(const CollectConfig& config, int milliseconds) {
  std::mutex mutex;
  std::condition_variable over;
  bool is_over = false;
  std::thread stopper([&] {
    std::unique_lock lock(mutex);
    if (!over.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return is_over; })) RequestInterrupt();
  });
  bool done = true;
  try {
    Collect(config);
  } catch (const InterruptedError&) {
    done = false;
  }
  {
    const std::lock_guard lock(mutex);
    is_over = true;
    over.notify_all();
  }
  stopper.join();
  ClearInterrupt();
  return done;
}

// Law 1: the same files, whatever happened on the way.
TEST_F(Collecting, StoppedAgainAndAgainWithOtherWorldsItIsTheSameDataSet) {
  const std::uint64_t episodes = 60;
  Collect(Config("whole", 2, episodes));
  Rng rng(5, 0, "stops");
  int stops = 0;
  CollectConfig config = Config("parts", 1, episodes);
  for (bool done = false; !done;) {
    config.worlds = rng.Int(1, 9);
    config.threads = rng.Int(1, 3);
    config.episodes = stops % 3 == 2 ? episodes - 7 : episodes;  // and made longer
    done = CollectFor(config, stops < 20 ? rng.Int(20, 150) : 600000) && config.episodes == episodes;
    ++stops;
  }
  EXPECT_EQ(Files(folder_ / "whole"), Files(folder_ / "parts")) << stops << " stops";
}

TEST_F(Collecting, AnInterruptKeepsWhatIsThere) {
  CollectConfig config = Config("stopped", 1, 100000);
  int kept = 0;
  for (int milliseconds = 200; kept == 0; milliseconds *= 2) {
    ASSERT_FALSE(CollectFor(config, milliseconds));
    kept = datasets::Dataset(config.out).num_episodes();
  }
  ASSERT_FALSE(CollectFor(config, 1));
  EXPECT_GE(datasets::Dataset(config.out).num_episodes(), kept);
}

TEST_F(Collecting, WhoActsIsKnownByContent) {
  Collect(Config("data", 1, 3));
  CollectConfig other = Config("data", 1, 6);
  other.policy = "random";
  try {
    Collect(other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("policy"), std::string::npos) << error.what();
  }
  other = Config("data", 1, 6);
  other.noise.deviation = 0.1;
  EXPECT_THROW(Collect(other), Error);
}

// An expert whose action is not finite, once.
class Stumbling final : public Actor {
 public:
  std::string name() const override { return "stumbling"; }
  void Act(const envs::VecEnv& env, const StepBatch& batch, Commands& commands) override {
    expert_->Act(env, batch, commands);
    for (int world = 0; world < env.num_worlds(); ++world) {
      if (env.plan(world).episode % 5 == 2 && env.step_in_episode(world) == 3)
        commands.actions[static_cast<std::size_t>(world) * 7] = std::numeric_limits<float>::quiet_NaN();
    }
  }

 private:
  std::unique_ptr<Actor> expert_ = MakeExpertActor();
};

// Bar 8: an episode that ended in a fault is not in the data, and moves no other.
TEST_F(Collecting, FaultedEpisodesAreNotCommitted) {
  Stumbling stumbling;
  CollectConfig config = Config("faults", 2, 24);
  config.max_fault_share = 1;
  const CollectResult result = Collect(config, stumbling, "expert");
  EXPECT_EQ(result.faults, 5u);
  EXPECT_EQ(result.episodes, 19u);
  CollectConfig clean_config = Config("clean", 2, 24);
  clean_config.noise.deviation = 0;
  Collect(clean_config);
  const datasets::Dataset with(config.out), without(clean_config.out);
  std::set<std::uint64_t> numbers;
  for (int k = 0; k < with.num_episodes(); ++k) {
    const datasets::Episode episode = with.Read(k);
    numbers.insert(episode.index);
    EXPECT_EQ(episode.fault, "none");
    EXPECT_EQ(episode.states, without.Read(static_cast<int>(episode.index)).states);
  }
  for (const std::uint64_t number : {2u, 7u, 12u, 17u, 22u}) EXPECT_EQ(numbers.count(number), 0u);
  EXPECT_EQ(numbers.size(), 19u);
  ASSERT_EQ(with.info().shards.size(), 3u);
  EXPECT_EQ(with.info().shards[1].file, "shard-00001.h5") << "boundaries are by number";
  config.out = folder_ / "few";
  config.max_fault_share = 0.01;
  EXPECT_THROW(Collect(config, stumbling, "expert"), Error);
}

TEST_F(Collecting, BadSettingsAreNamed) {
  CollectConfig config = Config("x", 1);
  config.episodes = 0;
  EXPECT_THROW(Collect(config), Error);
  config = Config("x", 1);
  config.language = "fr";
  EXPECT_THROW(Collect(config), Error);
  config = Config("x", 1);
  config.out = "/proc/nowhere";
  try {
    Collect(config);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kEnvironment) << error.what();
  }
}

}  // namespace
}  // namespace genba::trainer
