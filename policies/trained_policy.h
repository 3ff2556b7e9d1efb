// trained_policy.h - a network at work: plans a chunk of H actions per world, executes k of them, plans
// again. Results of a world depend on its own observations, text, episode number and the seed only, not on
// the other worlds.
#pragma once
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/rng.h"
#include "policies/checkpoint.h"
#include "policies/network.h"
#include "policies/policy.h"

namespace genba::policies {

class TrainedPolicy final : public Policy {
 public:
  // flat: weights of manifest's network. Error(kBadInput) when features come from another backbone than the
  // policy's.
  TrainedPolicy(std::string name, std::string identity, const Manifest& manifest, const at::Tensor& flat,
                std::unique_ptr<FeatureSource> features, std::uint64_t seed);

  std::string name() const override { return name_; }
  std::string identity() const override { return identity_; }
  void Act(const PolicyInput& input, Commands& commands) override;
  std::span<const float> Plan(int world) const override;
  std::vector<Heard> Hear(View2<const float> obs, std::span<const std::string> texts) override;

 private:
  struct World {
    std::string text;
    std::optional<Rng> noise;           // of the episode
    std::vector<float> plan;            // [H, A]
    int cursor = 0;                     // next action of the plan
    std::optional<GivenAnswer> answer;  // to text; nothing: not yet
  };
  struct Block {       // worlds that are computed together, as kBlock rows
    at::Tensor obs;    // [kBlock, obs_dim]
    EncodedText text;  // of as many
  };
  Block BlockOf(const PolicyInput& input, std::span<const int> worlds);
  void PlanWorlds(const PolicyInput& input, std::span<const int> worlds);
  void CorrectWorlds(const PolicyInput& input, std::span<const int> worlds, const View2<float>& actions);
  const EncodedText& Encoded(const std::string& text);

  std::string name_, identity_;
  PolicyConfig config_;
  AnswerCalibration calibration_;
  int action_dim_;
  std::uint64_t seed_;
  Network network_;
  at::Tensor flat_;
  Weights weights_;
  std::unique_ptr<FeatureSource> features_;
  std::unordered_map<std::string, EncodedText> texts_;
  std::vector<World> worlds_;
};

}  // namespace genba::policies
