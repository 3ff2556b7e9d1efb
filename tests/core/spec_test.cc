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

TEST(StepBatch, IsSizedFromTheSpec) {
  const StepBatch batch(Sample(), 3);
  EXPECT_EQ(batch.obs_view().rows(), 3);
  EXPECT_EQ(batch.obs_view().cols(), 197);
  EXPECT_EQ(batch.reward_terms.size(), 6u);
  EXPECT_EQ(batch.expert_view().cols(), 7);
}

}  // namespace
}  // namespace genba
