// acting.h - who chooses the actions of a VecEnv: the scripted expert (its labels, with optional noise) or a Policy.
// Called by collect, evaluate, bench and the viewer's live mode; one thread.
// Law: what a world does depends on its own episode only, so results do not depend on the number of worlds or threads.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/rng.h"
#include "envs/vec_env.h"
#include "policies/policy.h"

namespace genba::trainer {

// What is added to the expert's motion while its label stays clean, so that data also show how to come back: now and
// then a push in one direction for a few steps, then quiet. (Noise at every step would keep the expert from ever
// aligning.)
struct ExpertNoise {
  double deviation = 0;  // of a push, in full actions
  double rate = 0.04;    // pushes begun per quiet step
};

class Actor {
 public:
  virtual ~Actor() = default;
  virtual std::string name() const = 0;
  virtual std::string identity() const { return name(); }  // policies::Policy::identity
  // For what batch shows now.
  virtual void Act(const envs::VecEnv& env, const StepBatch& batch, Commands& commands) = 0;
  // policies::Policy::Hear
  virtual std::vector<policies::Heard> Hear(View2<const float> obs, std::span<const std::string> texts) {
    (void)obs;
    (void)texts;
    return {};
  }
};

std::unique_ptr<Actor> MakeExpertActor(const ExpertNoise& noise = {});
std::unique_ptr<Actor> MakePolicyActor(std::unique_ptr<policies::Policy> policy);
// "expert", or whatever policies::LoadPolicy knows.
std::unique_ptr<Actor> MakeActor(const std::string& source, const EnvSpec& spec, std::uint64_t seed,
                                 const ExpertNoise& noise = {}, const policies::FeaturePlaces& places = {});

}  // namespace genba::trainer
