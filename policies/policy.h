// policy.h - anything that acts: trained, random, zero. No torch here, so that everybody may include it; in a build
// without LibTorch only the trained ones are refused.
// Act is called once per control step for a batch of worlds, by one thread. PolicyState is per world and
// reset on a new episode.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/spec.h"
#include "core/step_batch.h"
#include "core/view.h"
#include "policies/answering.h"
#include "policies/features.h"

namespace genba::policies {

struct PolicyInput {
  View2<const float> obs;                    // [N, obs_dim]
  std::span<const std::string> texts;        // [N] instruction of each world
  std::span<const std::uint8_t> first_step;  // [N] 1: the world starts an episode; forget what was planned
  std::span<const std::uint8_t> active;      // [N] 0: the row need not be filled
  std::span<const std::uint64_t> episodes;   // [N] global numbers; randomness is keyed by them
};

// What a policy makes of a text in a scene.
struct Heard {
  GivenAnswer answer;
  AnswerProbabilities probabilities{};
  std::vector<float> about;  // [num_slots] probability that the text is about this slot (rank-2 fields in order)
  int quantity = 0;          // how many it asks for: one, two, three, all
};

class Policy {
 public:
  virtual ~Policy() = default;
  virtual std::string name() const = 0;  // "random", "zero", "step-00002000@12 digits of its identity": never a path
  // Everything that decides how it acts, as a hash: weights, shape, scales, backbone. Equal for copies under any path.
  virtual std::string identity() const { return name(); }
  // Fills the rows of active worlds; commands has been Fit: who does not answer acts.
  virtual void Act(const PolicyInput& input, Commands& commands) = 0;
  // Chunk the policy is executing in a world, [H, A] from now on; empty when it has none (viewer's ghosts).
  virtual std::span<const float> Plan(int world) const {
    (void)world;
    return {};
  }
  // What it makes of texts[i] in the scene obs row i, at first hearing; nothing where it does not read.
  virtual std::vector<Heard> Hear(View2<const float> obs, std::span<const std::string> texts) {
    (void)obs;
    (void)texts;
    return {};
  }
};

std::unique_ptr<Policy> MakeRandomPolicy(const EnvSpec& spec, std::uint64_t seed);
std::unique_ptr<Policy> MakeZeroPolicy(const EnvSpec& spec);

// "random", "zero", a run folder, or a checkpoint folder. Error naming the field when its spec differs from
// spec. The expert is not a Policy: VecEnv labels every observation (StepBatch::expert_action).
std::unique_ptr<Policy> LoadPolicy(const std::string& source, const EnvSpec& spec, std::uint64_t seed,
                                   const FeaturePlaces& places = {});

}  // namespace genba::policies
