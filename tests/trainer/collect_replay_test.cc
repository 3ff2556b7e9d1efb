#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <condition_variable>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "core/error.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "core/rng.h"
#include "datasets/schema.h"
#include "scratch.h"
#include "trainer/checked.h"
#include "trainer/collect.h"
#include "trainer/episode_recorder.h"
#include "trainer/replay.h"

namespace genba::trainer {
namespace {

// Whether the arm or its fingers touch anything.
bool RobotTouches(const mjModel* m, const mjData* d) {
  const auto robot = [&](int geom) {
    for (int body = m->geom_bodyid[geom]; body > 0; body = m->body_parentid[body]) {
      if (std::string(mj_id2name(m, mjOBJ_BODY, body)) == "shoulder") return true;
    }
    return false;
  };
  for (int i = 0; i < d->ncon; ++i) {
    if (robot(d->contact[i].geom[0]) != robot(d->contact[i].geom[1])) return true;
  }
  return false;
}

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
  std::map<std::string, std::string> Files(const std::string& name) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / name))
      files[entry.path().filename().string()] = Sha256File(entry.path());
    return files;
  }
  static std::vector<std::string> Hashes(const std::filesystem::path& folder) {
    std::vector<std::string> hashes;
    const datasets::Dataset dataset(folder);
    for (const auto& shard : dataset.info().shards) hashes.push_back(Sha256File(folder / shard.file));
    return hashes;
  }
};

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
  EXPECT_EQ(Files("whole"), Files("parts")) << stops << " stops";
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

TEST_F(Collecting, EverythingReplaysBitForBit) {
  Collect(Config("data", 2));
  const datasets::Dataset dataset(folder_ / "data");
  for (const int threads : {1, 2}) {
    const ReplayResult result = Replay(dataset, threads);
    EXPECT_EQ(result.episodes, 24u);
    EXPECT_EQ(result.differences, 0u);
  }
  EXPECT_THROW(Replay(dataset, 1, 24), Error);
  EXPECT_EQ(Replay(dataset, 1, 23).episodes, 1u);
}

// The negative control of replay: one bit of each array, each text and each number is found and named.
TEST_F(Collecting, ReplayNamesWhateverDiffers) {
  Collect(Config("data", 2, 3));
  const datasets::Dataset dataset(folder_ / "data");
  const datasets::DatasetInfo info = dataset.info();
  const datasets::Episode good = dataset.Read(1);
  ASSERT_EQ(ReplayEpisode(good, info, "test").difference.step, -1);
  // "refused" when it is not even played.
  const auto found = [&](const datasets::Episode& changed) -> std::string {
    try {
      return ReplayEpisode(changed, info, "test").difference.field;
    } catch (const Error& error) {
      return "refused";
    }
  };
  const auto flip = [](auto& values, std::size_t at) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(&values[at]);
    bytes[0] = static_cast<std::uint8_t>(bytes[0] ^ 1);
  };
  std::vector<std::string> names;
  datasets::VisitArrays(good, info,
                        [&](const datasets::ArrayInfo& array, const auto&) { names.push_back(array.name); });
  for (const std::string& name : names) {
    datasets::Episode changed = good;
    datasets::VisitArrays(changed, info, [&](const datasets::ArrayInfo& array, auto& values) {
      if (name == array.name) flip(values, values.size() / 2);
    });
    // What a policy thought of its answer shows in the hash alone.
    const bool thought = name == "answer_probabilities";
    EXPECT_EQ(found(changed), name == "wanted" ? "refused" : thought ? "step_hashes" : name);
  }
  datasets::Episode changed = good;
  flip(changed.obs, changed.obs.size() / 2);
  EXPECT_EQ(found(changed), "obs");
  changed = good;
  flip(changed.last_obs, 3);
  EXPECT_EQ(found(changed), "obs_last");
  changed = good;
  const std::size_t width = good.actions.size() / static_cast<std::size_t>(good.num_steps);
  flip(changed.actions, 5 * width + 2);
  EXPECT_EQ(ReplayEpisode(changed, info, "test").difference.step, 5);
  for (const char* name :
       {"task", "order", "text", "language", "split", "plan", "cell", "seed", "index", "model_hash"}) {
    changed = good;
    const auto change_text = [&](const char* key, std::string& text) {
      if (std::string(name) == key) text = text.empty() ? "x" : text.substr(1);
    };
    datasets::VisitTexts(changed, change_text);
    datasets::VisitDocuments(changed, change_text);
    datasets::VisitNumbers(changed, [&](const char* key, std::uint64_t& number) {
      if (std::string(name) == key) ++number;
    });
    EXPECT_EQ(found(changed), "refused") << name;
  }
  for (const char* name : {"cause", "fault"}) {
    changed = good;
    datasets::VisitTexts(changed, [&](const char* key, std::string& text) {
      if (std::string(name) == key) text = "other";
    });
    EXPECT_EQ(found(changed), name);
  }
  changed = good;
  changed.success = !changed.success;
  EXPECT_EQ(found(changed), "success");
  changed = good;
  changed.model_xml += " ";
  EXPECT_EQ(found(changed), "model");
}

// Another maker is no reason to refuse: the drift is told, with its size.
TEST_F(Collecting, ReplayOfAnotherMakersDataTellsTheDrift) {
  Collect(Config("data", 1, 2));
  const datasets::Dataset dataset(folder_ / "data");
  datasets::DatasetInfo info = dataset.info();
  datasets::Episode changed = dataset.Read(0);
  changed.model_hash ^= 1;
  for (double& value : changed.states) value += 1e-3;
  EXPECT_THROW(ReplayEpisode(changed, info, "test"), Error);
  ++info.builder_version;
  EXPECT_NE(MakerDifference(info), "");
  const EpisodeReplay replay = ReplayEpisode(changed, info, "test");
  EXPECT_GE(replay.difference.step, 0);
  EXPECT_NEAR(replay.largest_state_difference, 1e-3, 1e-6);
}

TEST_F(Collecting, ADataSetOfAnotherSpecificationIsNotPlayed) {
  Collect(Config("data", 1, 2));
  const datasets::Dataset dataset(folder_ / "data");
  datasets::DatasetInfo info = dataset.info();
  ++info.spec.horizon;
  EXPECT_THROW(CheckSpec(info, "test"), Error);
  EXPECT_THROW(ReplayEpisode(dataset.Read(0), info, "test"), Error);
}

// What is stored is enough for others: MuJoCo alone, from the stored text and controls, interpolated as documented,
// follows the recorded states until the robot first touches something, arm and parts to 1e-5.
TEST_F(Collecting, MuJoCoAloneFollowsTheRecordedStates) {
  CollectConfig config = Config("data", 1, 3);
  config.task = "pick_bin";
  Collect(config);
  const datasets::Dataset dataset(config.out);
  const datasets::DatasetInfo& info = dataset.info();
  for (int k = 0; k < dataset.num_episodes(); ++k) {
    const datasets::Episode e = dataset.Read(k);
    std::array<char, 500> error{};
    mjSpec* spec = mj_parseXMLString(e.model_xml.c_str(), nullptr, error.data(), static_cast<int>(error.size()));
    ASSERT_NE(spec, nullptr) << error.data();
    mjModel* m = mj_compile(spec, nullptr);
    ASSERT_NE(m, nullptr);
    mjData* d = mj_makeData(m);
    const auto width = static_cast<std::size_t>(info.physics_size), nu = static_cast<std::size_t>(info.ctrl_size);
    ASSERT_EQ(width, static_cast<std::size_t>(1 + m->nq + m->nv));
    std::copy_n(e.states.data() + 1, m->nq, d->qpos);
    std::copy_n(e.states.data() + 1 + m->nq, m->nv, d->qvel);
    int free_steps = 0;
    std::vector<double> speed(nu, 0.0);  // of the controls, per control step
    for (std::size_t step = 0; step + 1 < static_cast<std::size_t>(e.num_steps); ++step) {
      const double* from = step == 0 ? e.initial_ctrl.data() : &e.ctrl[(step - 1) * nu];
      bool touched = false;
      const auto after = [&](std::size_t j, double s) {
        const double change = e.ctrl[step * nu + j] - from[j], next = 2 * change - speed[j];
        return j + 1 == nu ? from[j] + s * change : from[j] + s * (speed[j] + s * (next - speed[j]) / 2);
      };
      for (int i = 0; i < info.spec.substeps; ++i) {
        for (std::size_t j = 0; j < nu; ++j) d->ctrl[j] = after(j, static_cast<double>(i + 1) / info.spec.substeps);
        mj_step(m, d);
        touched = touched || RobotTouches(m, d);
      }
      for (std::size_t j = 0; j < nu; ++j) speed[j] = 2 * (e.ctrl[step * nu + j] - from[j]) - speed[j];
      if (touched) break;
      const double* recorded = &e.states[(step + 1) * width + 1];
      for (int joint = 0; joint < m->njnt; ++joint) {
        const bool part = m->jnt_type[joint] == mjJNT_FREE;
        for (int i = m->jnt_qposadr[joint], end = i + (part ? 3 : 1); i < end; ++i)
          ASSERT_NEAR(d->qpos[i], recorded[i], 1e-5) << "step " << step << " qpos " << i;
      }
      ++free_steps;
    }
    EXPECT_GT(free_steps, 8);
    mj_deleteData(d);
    mj_deleteModel(m);
    mj_deleteSpec(spec);
  }
}

// Bar 3's last clause on a file: one bit of one stored action.
TEST_F(Collecting, OneFlippedBitInAFileIsFound) {
  Collect(Config("data", 2, 10));
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

// Whatever an instruction may be, a NUL byte included, is recorded and replayed.
TEST_F(Collecting, WhatIsNotToBeActedOnIsRecordedAndReplayed) {
  CollectConfig config = Config("refused", 2, 120);
  config.negatives = 1;
  const CollectResult result = Collect(config);
  EXPECT_EQ(result.episodes, 120u);
  EXPECT_EQ(result.successes, 120u);
  const datasets::Dataset dataset(folder_ / "refused");
  EXPECT_EQ(Replay(dataset, 2).differences, 0u);
  EXPECT_TRUE(VerifyScenes(dataset).empty());
  for (int k = 0; k < dataset.num_episodes(); ++k) {
    const datasets::Episode episode = dataset.Read(k);
    EXPECT_EQ(episode.cause, "declined");
    EXPECT_NE(episode.answer, "act");
  }
  EXPECT_EQ(AsAttribute(std::string("a\0b\t\x7F", 5)), "a␀b␉␡");
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
