// sample.h - a small data set made of counters, for tests of everything that reads one.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"
#include "core/hash.h"
#include "datasets/dataset.h"
#include "tests/refusal.h"

namespace genba::datasets {

inline DatasetInfo SampleInfo() {
  DatasetInfo info;
  info.engine_version = "4.0.1";
  info.builder_version = 1;
  info.processor = "a test's";
  info.revision = "test";
  info.policy = "expert";
  info.spec.task = "sample";
  info.spec.observation = {{"proprio", {3}, "rad", "joints"}, {"parts", {2, 4}, "m", "slots"}};
  info.spec.action = {"action", {2}, "1", "tcp delta", -1, 1};
  info.spec.action_convention = "tcp_delta_v1";
  info.spec.reward_terms = {"reach", "place"};
  info.spec.measures = {{"force", {}, "N", "peak contact force"}};
  info.spec.terminations = {"none", "success"};
  info.spec.horizon = 60;
  info.physics_size = 5;
  info.state_size = 9;
  info.ctrl_size = 2;
  info.config_toml = "[collect]\nseed = 7\n";
  return info;
}

// Episode number index: 4 + index % 3 steps, every value another one; odd ones fail.
inline Episode SampleEpisode(std::uint64_t index) {
  Episode e;
  e.index = index;
  e.seed = 7;
  e.task = "sample";
  e.plan = R"({"draws":[)" + std::to_string(index) + "]}";
  e.cell = R"({"parts":[]})";
  e.order = "reach(bolt)";
  e.text = index % 2 == 0 ? "go to the bolt" : "ボルトへ動いて";
  e.language = index % 2 == 0 ? "en" : "ja";
  e.split = "train";
  e.policy = "expert";
  e.success = index % 2 == 0;
  e.cause = e.success ? "success" : "timeout";
  e.fault = "none";
  e.answer = "act";
  e.model_xml = "<mujoco><!-- scene " + std::to_string(index / 2) + " --></mujoco>";
  e.model_hash = 1000 + index / 2;
  e.num_steps = 4 + static_cast<int>(index % 3);
  double next = 1000.0 * static_cast<double>(index);
  const auto fill = [&](auto& values, int columns) {
    using Value = typename std::decay_t<decltype(values)>::value_type;
    values.resize(static_cast<std::size_t>(columns));
    for (auto& value : values) value = static_cast<Value>(next += 0.5);
  };
  const int t = e.num_steps;
  fill(e.initial_row, 9);
  fill(e.initial_ctrl, 2);
  e.wanted = {1, 0};
  fill(e.ctrl, t * 2);
  fill(e.last_obs, 11);
  fill(e.states, t * 5);
  fill(e.final_state, 5);
  fill(e.actions, t * 2);
  fill(e.expert_actions, t * 2);
  fill(e.answers, t);
  fill(e.answer_probabilities, t);
  fill(e.obs, t * 11);
  fill(e.rewards, t);
  fill(e.reward_terms, t * 2);
  fill(e.measures, t);
  fill(e.events, t);
  fill(e.step_hashes, t);
  e.dones.assign(static_cast<std::size_t>(t), 0);
  e.dones.back() = 1;
  e.terminated = e.success ? e.dones : std::vector<std::uint8_t>(e.dones.size(), 0);
  e.truncated = e.success ? std::vector<std::uint8_t>(e.dones.size(), 0) : e.dones;
  return e;
}

inline void WriteSample(const std::filesystem::path& folder, int num_episodes, int per_shard) {
  DatasetWriter writer(folder, SampleInfo(), per_shard);
  for (int i = 0; i < num_episodes; ++i) writer.Append(SampleEpisode(static_cast<std::uint64_t>(i)));
  writer.Finish();
}

// A manifest changed by one who means it: with a hash that fits.
inline std::string Rehashed(nlohmann::json manifest) {
  manifest.erase("manifest_sha256");
  manifest["manifest_sha256"] = Sha256(manifest.dump(2));
  return manifest.dump(2);
}

// A folder of its own that goes with the test.
class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / ("genba_" + std::to_string(getpid()) + "_" + test->name());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

}  // namespace genba::datasets
