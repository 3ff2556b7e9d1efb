// A small environment's spec, random scenes in it, and a language model made of random numbers, for the tests
// of policies and trainer. Words get fixed random vectors, so texts with a different word have different
// features.
#pragma once
#include <cmath>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/spec.h"
#include "policies/features.h"
#include "policies/normalizer.h"
#include "policies/policy_config.h"

namespace genba::policies {

inline EnvSpec ToySpec() {
  EnvSpec spec;
  spec.task = "toy";
  spec.robots = {"toy_arm"};
  spec.observation = {{"proprio", {5}, "m", "", -10, 10, {}},
                      {"parts", {4, 6}, "1, m, m, m, 1, 1", "", -10, 10, {4, 5}},
                      {"places", {3, 5}, "1, m, m, m, m", "", -10, 10, {}}};
  spec.action = {"action", {3}, "1", "", -1, 1};
  spec.action_convention = "toy_v1";
  spec.reward_terms = {"reach"};
  spec.terminations = {"none", "success"};
  spec.horizon = 10;
  return spec;
}

// A scene: proprio at random, three of four parts present, two of three places. Part columns 4 and 5 say red
// and blue.
inline std::vector<float> ToyScene(Rng& rng) {
  std::vector<float> obs(static_cast<std::size_t>(ToySpec().obs_dim()));
  const auto normal = [&rng] { return static_cast<float>(rng.Normal() * 0.3); };
  for (std::size_t i = 0; i < 5; ++i) obs[i] = normal();
  const int absent_part = rng.Int(0, 3), absent_place = rng.Int(0, 2);
  int colour = 0;
  for (int k = 0; k < 4; ++k) {
    float* slot = obs.data() + 5 + k * 6;
    if (k == absent_part) continue;
    slot[0] = 1;
    for (int c = 1; c < 4; ++c) slot[c] = normal();
    if (colour < 2) slot[4 + colour] = 1;  // one red, one blue, one plain
    ++colour;
  }
  for (int k = 0; k < 3; ++k) {
    float* slot = obs.data() + 29 + k * 5;
    if (k == absent_place) continue;
    slot[0] = 1;
    for (int c = 1; c < 5; ++c) slot[c] = normal();
  }
  return obs;
}

class ToyFeatures final : public FeatureSource {
 public:
  explicit ToyFeatures(std::uint64_t seed = 1) : seed_(seed), hash_("toy" + std::to_string(seed)) {}
  const std::string& hash() const override { return hash_; }
  TextShape shape() const override { return {12, 8}; }  // the last ones are not what a word is
  int max_tokens() const override { return 8; }
  const Features& Get(const std::string& text) override {
    const auto [entry, fresh] = cache_.try_emplace(text);
    if (!fresh) return entry->second;
    ++runs_;
    Features& features = entry->second;
    features.dim = dim();
    std::istringstream words("<s> " + text);
    for (std::string word; words >> word; ++features.num_tokens) {
      Rng rng(seed_, 0, "word " + word);
      for (int i = 0; i < dim(); ++i) features.values.push_back(static_cast<float>(rng.Normal()));
    }
    return features;
  }
  int num_model_runs() const override { return runs_; }

 private:
  std::uint64_t seed_;
  std::string hash_;
  std::map<std::string, Features> cache_;
  int runs_ = 0;
};

inline PolicyConfig ToyConfig(const std::string& head) {
  PolicyConfig config;
  config.head = head;
  config.chunk = 4;
  config.execute = 2;
  config.width = 16;
  config.trunk_width = 32;
  config.trunk_blocks = 1;
  config.attention_heads = 2;
  return config;
}

inline Normalizer UnitNormalizer(const EnvSpec& spec) {
  Normalizer normalizer;
  normalizer.obs_mean.assign(static_cast<std::size_t>(spec.obs_dim()), 0.0f);
  normalizer.obs_scale.assign(static_cast<std::size_t>(spec.obs_dim()), 1.0f);
  normalizer.action_mean.assign(static_cast<std::size_t>(spec.action_dim()), 0.0f);
  normalizer.action_scale.assign(static_cast<std::size_t>(spec.action_dim()), 1.0f);
  return normalizer;
}

}  // namespace genba::policies
