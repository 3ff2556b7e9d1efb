// genba diff of two runs: what differs is named, bit by bit; what is equal is called so, and nothing else is.
#include "trainer/diff.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <map>

#include "core/atomic_file.h"
#include "envs/vec_env.h"
#include "policies/checkpoint.h"
#include "scratch.h"
#include "tests/datasets/sample.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using policies::TensorData;
using policies::TensorType;

template <class T>
TensorData Tensor(TensorType type, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  return {type, std::move(shape), std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))};
}

// Twelve worlds, so that the order of their names is not that of their numbers.
const std::vector<std::string>& SavedWorlds() {
  static const std::vector<std::string> saved = [] {
    envs::VecEnvConfig config;
    config.task = "reach";
    config.num_worlds = 12;
    config.num_threads = 1;
    envs::VecEnv env(config);
    StepBatch batch(env.spec(), config.num_worlds);
    env.Reset(batch);
    std::vector<std::string> worlds;
    for (int w = 0; w < config.num_worlds; ++w) worlds.push_back(env.SaveWorld(w));
    return worlds;
  }();
  return saved;
}

struct MadeRun {
  std::string config = "[run]\ntask = \"reach\"\n\n[trainer]\nsteps = 20\nseed = 1\nlog_every = 5\n";
  std::string metrics = R"({"Loss/policy":0.5,"Loss/value":1.25,"step":5}
{"Loss/policy":0.25,"Loss/value":1.5,"step":10}
{"Loss/policy":0.125,"Loss/value":1.75,"step":20}
)";
  std::map<std::int64_t, policies::Checkpoint> checkpoints;

  MadeRun() {
    for (const std::int64_t step : {10, 20}) checkpoints[step] = Checkpoint(step);
  }
  static policies::Checkpoint Checkpoint(std::int64_t step) {
    policies::Checkpoint made;
    auto& tensors = made.policy.tensors;
    tensors["f64"] = Tensor<double>(TensorType::kF64, {2, 2}, {0.1, 0.2, 0.3, 0.4});
    tensors["f32"] = Tensor<float>(TensorType::kF32, {3}, {0.1f, 0.2f, 0.3f});
    tensors["f16"] = Tensor<std::uint16_t>(TensorType::kF16, {2}, {0x3C00, 0x4000});
    tensors["bf16"] = Tensor<std::uint16_t>(TensorType::kBF16, {2}, {0x3F80, 0x4000});
    tensors["i64"] = Tensor<std::int64_t>(TensorType::kI64, {2}, {-1, std::int64_t{1} << 60});
    tensors["i32"] = Tensor<std::int32_t>(TensorType::kI32, {2}, {7, -7});
    tensors["u8"] = Tensor<std::uint8_t>(TensorType::kU8, {3}, {1, 2, 3});
    tensors["bool"] = Tensor<std::uint8_t>(TensorType::kBool, {2}, {0, 1});
    made.policy.metadata["manifest"] = R"({"config":{"backbone":"default","width":16},"features_hash":"00"})";
    made.training.tensors["weights"] = Tensor<float>(TensorType::kF32, {4}, {1, 2, 3, static_cast<float>(step)});
    for (std::size_t w = 0; w < SavedWorlds().size(); ++w) {
      const std::string& bytes = SavedWorlds()[w];
      made.training.tensors["worlds." + std::to_string(w)] = {
          TensorType::kU8, {static_cast<std::int64_t>(bytes.size())}, bytes};
      made.training.tensors["sums." + std::to_string(w)] = Tensor<double>(TensorType::kF64, {2}, {1.5, 2});
    }
    made.state = {{"step", step},
                  {"sampler", {{"epoch", 1}, {"cursor", step}}},
                  {"revision", "one"},
                  {"genba", "0.1.0"},
                  {"settings", "trainer.steps = 20\ntrainer.seed = 1\n"}};
    return made;
  }
};

class Diffs : public ScratchTest {
 protected:
  fs::path Write(const std::string& name, const MadeRun& run = {}) const {
    const fs::path folder = folder_ / name;
    fs::create_directories(folder);
    std::ofstream(folder / "config.toml") << run.config;
    std::ofstream(folder / "metrics.jsonl") << run.metrics;
    for (const auto& [step, checkpoint] : run.checkpoints)
      policies::SaveCheckpoint(folder / "checkpoints", step, checkpoint);
    return folder;
  }
  // Of one as it is made, and one that was changed.
  json Against(const std::function<void(MadeRun&)>& change) {
    MadeRun changed;
    change(changed);
    const std::string name = "changed" + std::to_string(++made_);
    if (made_ == 1) Write("plain");
    return Diff(folder_ / "plain", Write(name, changed));
  }
  static std::string Replaced(std::string text, const std::string& find, const std::string& put) {
    const std::size_t at = text.find(find);
    EXPECT_NE(at, std::string::npos) << find;
    return text.replace(at, find.size(), put);
  }
  int made_ = 0;
};

TEST_F(Diffs, ARunIsEqualToItselfAndToItsCopy) {
  const fs::path run = Write("run");
  for (const json& result : {Diff(run, run), Diff(run, Write("copy"))}) {
    EXPECT_TRUE(result.at("equal").get<bool>()) << result.dump(1);
    EXPECT_TRUE(result.at("first").is_null());
    EXPECT_EQ(result.at("metrics").at("common"), 3);
    ASSERT_EQ(result.at("checkpoints").size(), 2u);
    EXPECT_EQ(result.at("checkpoints")[0].at("policy").at("tensors"), 8);
    EXPECT_EQ(result.at("checkpoints")[0].at("training").at("tensors"), 1) << "worlds are told apart";
    EXPECT_EQ(result.at("checkpoints")[0].at("worlds").at("worlds"), 12);
    EXPECT_TRUE(result.at("episodes").is_null());
  }
}

TEST_F(Diffs, WhatDecidesNothingIsToldApart) {
  const json result = Against([](MadeRun& run) {
    run.config = Replaced(run.config, "log_every = 5", "log_every = 10");
    run.metrics.erase(0, run.metrics.find('\n') + 1);  // of step 5
    for (auto& [step, checkpoint] : run.checkpoints) {
      checkpoint.state["revision"] = "two";
      checkpoint.policy.metadata["manifest"] =
          Replaced(checkpoint.policy.metadata["manifest"], "default", "/elsewhere");
    }
    run.checkpoints.erase(10);  // kept or not
  });
  EXPECT_TRUE(result.at("equal").get<bool>()) << result.at("first");
  EXPECT_EQ(result.at("settings").at("apart")[0].at("key"), "trainer.log_every");
  EXPECT_EQ(result.at("checkpoints")[0].at("state").at("apart").size(), 2u);
  EXPECT_EQ(result.at("metrics").at("common"), 2);
}

TEST_F(Diffs, OneFlippedBitOfATensorIsFoundByNameAndIndex) {
  for (const char* name : {"f64", "f32", "f16", "bf16", "i64", "i32", "u8", "bool"}) {
    const json result = Against([&](MadeRun& run) { run.checkpoints[20].policy.tensors[name].bytes.back() ^= 1; });
    EXPECT_FALSE(result.at("equal").get<bool>());
    const json& first = result.at("first");
    EXPECT_EQ(first.at("step"), 20);
    EXPECT_EQ(first.at("file"), "policy.safetensors");
    EXPECT_EQ(first.at("tensor"), name);
    EXPECT_NE(first.at("a"), first.at("b"));
    EXPECT_TRUE(result.at("checkpoints")[0].at("policy").at("different").empty()) << "step 10 is equal";
    const json& row = result.at("checkpoints")[1].at("policy").at("different").at(0);
    EXPECT_EQ(row.at("different_elements"), 1);
    EXPECT_EQ(first.at("index"), row.at("elements").get<int>() - 1);
  }
}

TEST_F(Diffs, ValuesAndTheirLargestDifferenceAreTold) {
  const json result = Against([](MadeRun& run) {
    run.checkpoints[20].training.tensors["weights"] = Tensor<float>(TensorType::kF32, {4}, {1, 2.5f, 3, 10});
    run.checkpoints[20].policy.tensors["f32"] =
        Tensor<float>(TensorType::kF32, {3}, {0.1f, std::numeric_limits<float>::quiet_NaN(), 0.3f});
    run.checkpoints[20].policy.tensors["i32"] = Tensor<std::int32_t>(TensorType::kI32, {1, 2}, {7, -7});
    run.checkpoints[20].policy.tensors.erase("u8");
  });
  const json& rows = result.at("checkpoints")[1].at("policy").at("different");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].at("b"), "nan (0x7fc00000)");
  EXPECT_TRUE(rows[0].at("largest_difference").is_null()) << "nothing measured is null";
  EXPECT_EQ(rows[1].at("a"), "I32 [2]");
  EXPECT_EQ(rows[1].at("b"), "I32 [1, 2]");
  EXPECT_EQ(rows[2].at("tensor"), "u8");
  EXPECT_TRUE(rows[2].at("b").is_null());
  const json& training = result.at("checkpoints")[1].at("training");
  EXPECT_EQ(training.at("different_elements"), 2);
  EXPECT_EQ(training.at("largest_difference"), 10.0);
  EXPECT_EQ(training.at("largest_relative_difference"), 0.5);
  EXPECT_EQ(training.at("different")[0].at("index"), 1);
  EXPECT_EQ(training.at("different")[0].at("b"), 2.5);
}

TEST_F(Diffs, AChangedMetricIsFoundAtItsStep) {
  const json result = Against([](MadeRun& run) {
    run.metrics = Replaced(run.metrics, "1.5", "1.5000000000000002");
    run.checkpoints[10].policy.tensors["f32"].bytes[0] ^= 1;  // what it was computed with comes behind
  });
  const json& first = result.at("first");
  EXPECT_EQ(first.at("step"), 10);
  EXPECT_EQ(first.at("key"), "Loss/value");
  EXPECT_EQ(first.at("file"), "metrics.jsonl");
  EXPECT_EQ(first.at("a").dump(), "1.5");
  EXPECT_EQ(first.at("b").dump(), "1.5000000000000002");
  EXPECT_EQ(result.at("metrics").at("different"), 1);
  const json gone = Against([](MadeRun& run) { run.metrics = Replaced(run.metrics, "\"Loss/policy\":0.5,", ""); });
  EXPECT_EQ(gone.at("first").at("step"), 5);
  EXPECT_EQ(gone.at("first").at("a"), 0.5);
  EXPECT_TRUE(gone.at("first").at("b").is_null());
}

TEST_F(Diffs, AChangedSettingIsNamedThoughNothingElseDiffers) {
  const json result =
      Against([](MadeRun& run) { run.config = Replaced(run.config, "seed = 1", "seed = 2\nwarmup = 3"); });
  EXPECT_FALSE(result.at("equal").get<bool>());
  EXPECT_EQ(result.at("first").at("key"), "trainer.seed");
  EXPECT_EQ(result.at("first").at("a"), "1");
  EXPECT_EQ(result.at("first").at("b"), "2");
  EXPECT_TRUE(result.at("first").at("step").is_null());
  const json& settings = result.at("settings").at("different");
  ASSERT_EQ(settings.size(), 2u);
  EXPECT_EQ(settings[1].at("key"), "trainer.warmup");
  EXPECT_TRUE(settings[1].at("a").is_null());
}

TEST_F(Diffs, StateAndManifestAreComparedByKey) {
  const json state = Against([](MadeRun& run) { run.checkpoints[10].state["sampler"]["cursor"] = 11; });
  EXPECT_EQ(state.at("first").at("key"), "sampler.cursor");
  EXPECT_EQ(state.at("first").at("file"), "state.json");
  EXPECT_EQ(state.at("first").at("step"), 10);
  const json settings = Against([](MadeRun& run) {
    run.checkpoints[20].state["settings"] = "trainer.steps = 20\ntrainer.seed = 3\n";  // config.toml was edited
  });
  EXPECT_EQ(settings.at("first").at("key"), "settings.trainer.seed");
  const json manifest = Against([](MadeRun& run) {
    std::string& text = run.checkpoints[20].policy.metadata["manifest"];
    text = Replaced(text, "\"00\"", "\"01\"");
  });
  EXPECT_EQ(manifest.at("first").at("key"), "manifest.features_hash");
}

TEST_F(Diffs, AWorldIsNamedByItsNumberAndField) {
  const auto changed = [&](const std::string& name, const std::function<void(json&)>& change) {
    return Against([&](MadeRun& run) {
      TensorData& tensor = run.checkpoints[20].training.tensors[name];
      json world = json::from_cbor(tensor.bytes);
      change(world);
      const std::vector<std::uint8_t> cbor = json::to_cbor(world);
      tensor.bytes.assign(cbor.begin(), cbor.end());
      tensor.shape = {static_cast<std::int64_t>(cbor.size())};
      if (name != "worlds.10") run.checkpoints[20].training.tensors["worlds.10"].bytes.back() ^= 1;
    });
  };
  json first = changed("worlds.2", [](json& world) {
                 world["physics"][4] = std::nextafter(world["physics"][4].get<double>(), 9);
               }).at("first");
  EXPECT_EQ(first.at("world"), 2) << "2 comes before 10";
  EXPECT_EQ(first.at("tensor"), "worlds.2");
  EXPECT_EQ(first.at("field"), "physics");
  EXPECT_EQ(first.at("index"), 4);
  EXPECT_EQ(first.at("step"), 20);
  first = changed("worlds.2", [](json& world) { world["next"] = 99, world["physics"][0] = 7.0; }).at("first");
  EXPECT_EQ(first.at("field"), "next") << "what a world is about comes first";
  EXPECT_EQ(first.at("b"), 99);
  first = changed("worlds.2", [](json& world) { world["carried"].get_binary()[5] ^= 1; }).at("first");
  EXPECT_EQ(first.at("field"), "carried");
  EXPECT_EQ(first.at("index"), 5);
  first = changed("worlds.2", [](json& world) { world["plan"]["seed"] = 77; }).at("first");
  EXPECT_EQ(first.at("field"), "plan.seed");
  first = changed("worlds.2", [](json& world) {
            world["physics"][0] = std::numeric_limits<double>::quiet_NaN();
          }).at("first");
  EXPECT_EQ(first.at("b"), "nan (0x7ff8000000000000)");
}

TEST_F(Diffs, AWorldThatCannotBeReadIsComparedAsBytes) {
  const auto with = [&](const std::function<void(std::string&)>& change) {
    return Against([&](MadeRun& run) {
             TensorData& tensor = run.checkpoints[20].training.tensors["worlds.3"];
             change(tensor.bytes);
             tensor.shape = {static_cast<std::int64_t>(tensor.bytes.size())};
           })
        .at("first");
  };
  json first = with([](std::string& bytes) { bytes.pop_back(); });
  EXPECT_EQ(first.at("world"), 3);
  EXPECT_EQ(first.at("field"), "byte");
  EXPECT_EQ(first.at("index"), SavedWorlds()[3].size() - 1);
  EXPECT_TRUE(first.at("b").is_null());
  first = with([](std::string& bytes) { bytes.assign(1 << 20, '\x81'); });  // a million levels deep
  EXPECT_EQ(first.at("field"), "byte");
  EXPECT_EQ(first.at("index"), 0);
  first = Against([](MadeRun& run) {
            run.checkpoints[20].training.tensors["sums.3"] = Tensor<double>(TensorType::kF64, {2}, {1.5, 3});
          }).at("first");
  EXPECT_EQ(first.at("tensor"), "sums.3");
  EXPECT_EQ(first.at("index"), 1);
  EXPECT_EQ(first.at("b"), 3.0);
}

// A run that stopped early equals its elder as far as it goes; equal to it is it not.
TEST_F(Diffs, ALongerRunIsNotEqual) {
  const json result = Against([](MadeRun& run) {
    run.metrics.erase(run.metrics.find("{\"Loss/policy\":0.125"));
    run.checkpoints.erase(20);
  });
  EXPECT_FALSE(result.at("equal").get<bool>());
  EXPECT_EQ(result.at("length").at("a"), 20);
  EXPECT_EQ(result.at("length").at("b"), 10);
  EXPECT_EQ(result.at("first").at("key"), "length");
  EXPECT_EQ(result.at("first").at("step"), 10);
  EXPECT_EQ(result.at("checkpoints_in_one").at("a"), json({20}));
  EXPECT_EQ(result.at("metrics").at("different"), 0);
}

TEST_F(Diffs, WeightsThatWereNotComparedAreNotEqual) {
  const json result = Against([](MadeRun& run) { run.checkpoints.clear(); });
  EXPECT_FALSE(result.at("equal").get<bool>());
  EXPECT_EQ(result.at("first").at("key"), "checkpoints in common");
}

TEST_F(Diffs, ADamagedFileIsRefusedByNameAndKey) {
  const fs::path good = Write("good"), bad = Write("bad");
  const fs::path tensors = bad / "checkpoints/step-00000010/training.safetensors";
  std::string bytes = ReadFile(tensors);
  bytes[bytes.size() / 2] ^= 1;
  fs::permissions(tensors, fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(tensors, std::ios::binary) << bytes;
  for (const auto& [a, b] : {std::pair(good, bad), std::pair(bad, good), std::pair(bad, bad)}) {
    const std::string words = RefusalOf([&, a = a, b = b] { Diff(a, b); });
    EXPECT_NE(words.find(tensors.string() + ": sha256"), std::string::npos) << words;
  }
  EXPECT_TRUE(Diff(good, good).at("equal").get<bool>()) << "the control";
  MadeRun torn;
  torn.metrics += "{\"Loss/pol";
  EXPECT_TRUE(Diff(good, Write("torn", torn)).at("equal").get<bool>()) << "a line that a killed run did not end";
  torn.metrics = Replaced(torn.metrics, "\"step\":10}", "\"step\":5}");
  EXPECT_NE(RefusalOf([&] { Diff(good, Write("twice", torn)); }).find("metrics.jsonl: line 2: step"),
            std::string::npos);
}

TEST_F(Diffs, OnlyTwoOfAKindAreCompared) {
  const fs::path run = Write("run"), data = folder_ / "data";
  datasets::WriteSample(data, 3, 2);
  const std::string words = RefusalOf([&] { Diff(run, data); });
  EXPECT_NE(words.find(run.string() + ", a run"), std::string::npos) << words;
  EXPECT_NE(words.find(data.string() + ", a data set"), std::string::npos) << words;
  fs::create_directories(folder_ / "empty");
  EXPECT_NE(RefusalOf([&] { Diff(folder_ / "empty", folder_ / "nowhere"); }).find("which is not there"),
            std::string::npos);
  EXPECT_TRUE(Diff(data, data).at("equal").get<bool>()) << "the control";
}

}  // namespace
}  // namespace genba::trainer
