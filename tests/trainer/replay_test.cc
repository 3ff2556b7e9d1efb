// Replaying: what was collected comes out again bit for bit, and whatever was changed is named.
#include "trainer/replay.h"

#include <array>
#include <fstream>

#include "collecting.h"
#include "core/error.h"
#include "datasets/schema.h"
#include "trainer/checked.h"
#include "trainer/episode_recorder.h"

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

}  // namespace
}  // namespace genba::trainer
