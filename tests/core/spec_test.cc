#include "core/spec.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/step_batch.h"

namespace genba {
namespace {

EnvSpec Sample() {
  EnvSpec spec;
  spec.task = "sample";
  spec.observation = {{"proprio", {5}, "rad", "joints"}, {"parts", {8, 24}, "m", "slots"}};
  spec.action = {"action", {7}, "1", "tcp delta", -1, 1};
  spec.action_convention = "tcp_delta_v1";
  spec.reward_terms = {"reach", "place"};
  spec.terminations = {"none", "success"};
  spec.horizon = 60;
  return spec;
}

TEST(EnvSpec, SizesAndOffsetsFollowTheFields) {
  const EnvSpec spec = Sample();
  EXPECT_EQ(spec.obs_dim(), 5 + 8 * 24);
  EXPECT_EQ(spec.obs_offset("parts"), 5);
  EXPECT_EQ(spec.control_hz(), 20);
  EXPECT_THROW(spec.obs_offset("nothing"), Error);
}

TEST(EnvSpec, JsonRoundTripIsIdentity) {
  const auto json = ToJson(Sample());
  EXPECT_EQ(ToJson(EnvSpecFromJson(json, "test")), json);
}

TEST(EnvSpec, WhatIsWrongIsNamed) {
  const auto refusal = [](const nlohmann::json& json) {
    try {
      EnvSpecFromJson(json, "policy.json");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const nlohmann::json good = ToJson(Sample());
  EXPECT_EQ(refusal(good), "");
  for (const auto& [key, value] : good.items()) {
    nlohmann::json missing = good, other = good;
    missing.erase(key);
    other[key] = nlohmann::json::object();
    EXPECT_NE(refusal(missing).find(key), std::string::npos) << key;
    EXPECT_NE(refusal(other).find(key == "action" ? "name" : key), std::string::npos) << key;
  }
  nlohmann::json bad = good;
  bad["observation"][1]["shape"] = {8, 2.7};
  EXPECT_EQ(refusal(bad), "policy.json: observation[1]: shape[1]: expected a whole number in [1, 1024], got 2.7");
  bad["observation"][1]["shape"] = {1024, 1024, 1024, 1024};
  EXPECT_NE(refusal(bad).find("parts.shape"), std::string::npos);
  bad["observation"][1]["shape"] = {4294967298};
  EXPECT_NE(refusal(bad).find("shape[0]"), std::string::npos);
}

TEST(EnvSpec, FirstDifferenceNamesTheField) {
  EnvSpec other = Sample();
  EXPECT_EQ(FirstDifference(Sample(), other), "");
  other.observation[1].shape = {8, 22};
  EXPECT_EQ(FirstDifference(Sample(), other), "observation.parts.shape: [8,24] against [8,22]");
}

TEST(EnvSpec, AUnionIsOfAllTasksWhateverTheirOrder) {
  EnvSpec places = Sample(), none = Sample();
  places.task = "puts";
  places.observation[1].identity = {7, 5};
  places.reward_terms = {"place"};
  places.measures = {{"force", {1}, "N", ""}};
  places.horizon = 400;
  const EnvSpec all = UnionOf({none, places}), other_way = UnionOf({places, none});
  EXPECT_EQ(all.task, "puts+sample");
  EXPECT_EQ(other_way.task, all.task);
  EXPECT_EQ(TasksOf(all), (std::vector<std::string>{"puts", "sample"}));
  for (const EnvSpec& spec : {all, other_way}) {
    EXPECT_EQ(spec.observation[1].identity, (std::vector<int>{5, 7}));
    EXPECT_TRUE(spec.observation[1].optional) << "orders of one task name none";
    EXPECT_FALSE(spec.observation[0].optional);
    EXPECT_EQ(spec.horizon, 400);
    EXPECT_EQ(spec.measures.size(), 1u);
    EXPECT_EQ(spec.reward_terms.size(), 2u);
    EXPECT_EQ(ToJson(EnvSpecFromJson(ToJson(spec), "test")), ToJson(spec));
  }
  EXPECT_EQ(ToJson(UnionOf({places, places})), ToJson(places)) << "of one task it is that task's";
  EXPECT_EQ(ToJson(UnionOf({all, places})), ToJson(all));
  EXPECT_FALSE(ToJson(places).dump().find("optional") != std::string::npos);
}

TEST(EnvSpec, APolicyOfSeveralTasksFitsEachOfThem) {
  EnvSpec other = Sample(), third = Sample();
  other.task = "other";
  third.task = "third";
  const EnvSpec policy = UnionOf({Sample(), other});
  EXPECT_EQ(FirstDifferenceFrom(policy, Sample()), "");
  EXPECT_EQ(FirstDifferenceFrom(policy, other), "");
  EXPECT_EQ(FirstDifferenceFrom(policy, third), "task: \"other+sample\" against \"third\"");
  other.observation[1].shape = {8, 22};
  EXPECT_EQ(FirstDifferenceFrom(policy, other), "observation.parts.shape: [8,24] against [8,22]");
}

TEST(StepBatch, IsSizedFromTheSpec) {
  const StepBatch batch(Sample(), 3);
  EXPECT_EQ(batch.obs_view().rows(), 3);
  EXPECT_EQ(batch.obs_view().cols(), 197);
  EXPECT_EQ(batch.reward_terms.size(), 6u);
  EXPECT_EQ(batch.expert_view().cols(), 7);
}

}  // namespace
}  // namespace genba
