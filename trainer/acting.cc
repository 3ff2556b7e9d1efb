#include "trainer/acting.h"

#include <algorithm>
#include <array>

namespace genba::trainer {

namespace {

constexpr std::size_t kNoisyColumns = 6;            // motion; not the gripper
constexpr int kShortestPush = 3, kLongestPush = 8;  // steps

class ExpertActor final : public Actor {
 public:
  explicit ExpertActor(const ExpertNoise& noise) : noise_(noise) {}
  std::string name() const override { return "expert"; }

  void Act(const envs::VecEnv& env, const StepBatch& batch, Commands& commands) override {
    commands.Fit(env.num_worlds(), env.spec().action_dim());
    commands.actions = batch.expert_action;
    commands.answers = batch.expert_answer;
    if (noise_.deviation <= 0) return;
    worlds_.resize(static_cast<std::size_t>(env.num_worlds()));
    const auto width = static_cast<std::size_t>(env.spec().action_dim());
    for (int world = 0; world < env.num_worlds(); ++world) {
      const auto w = static_cast<std::size_t>(world);
      if (batch.active[w] != 0)
        AddNoise(env.plan(world), env.step_in_episode(world) == 0, worlds_[w], commands.actions.data() + w * width);
    }
  }

 private:
  struct World {
    std::optional<Rng> rng;
    int steps_left = 0;  // of the push
    std::array<double, kNoisyColumns> push{};
  };

  void AddNoise(const envs::EpisodePlan& plan, bool first_step, World& world, float* action) const {
    if (first_step || !world.rng) world = {Rng(plan.seed, plan.episode, "expert noise"), 0, {}};
    if (world.steps_left == 0) {
      if (!world.rng->Chance(noise_.rate)) return;
      world.steps_left = world.rng->Int(kShortestPush, kLongestPush);
      for (double& column : world.push) column = noise_.deviation * world.rng->Normal();
    }
    --world.steps_left;
    for (std::size_t i = 0; i < kNoisyColumns; ++i)
      action[i] = std::clamp(action[i] + static_cast<float>(world.push[i]), -1.0f, 1.0f);
  }

  ExpertNoise noise_;
  std::vector<World> worlds_;
};

class PolicyActor final : public Actor {
 public:
  explicit PolicyActor(std::unique_ptr<policies::Policy> policy) : policy_(std::move(policy)) {}
  std::string name() const override { return policy_->name(); }
  std::string identity() const override { return policy_->identity(); }
  std::vector<policies::Heard> Hear(View2<const float> obs, std::span<const std::string> texts) override {
    return policy_->Hear(obs, texts);
  }

  void Act(const envs::VecEnv& env, const StepBatch& batch, Commands& commands) override {
    const int n = env.num_worlds(), width = env.spec().action_dim();
    texts_.resize(static_cast<std::size_t>(n));
    first_step_.resize(texts_.size());
    episodes_.resize(texts_.size());
    for (int world = 0; world < n; ++world) {
      const auto w = static_cast<std::size_t>(world);
      texts_[w] = env.plan(world).text;
      first_step_[w] = env.step_in_episode(world) == 0;
      episodes_[w] = env.plan(world).episode;
    }
    commands.Fit(n, width);
    policy_->Act({batch.obs_view(), texts_, first_step_, batch.active, episodes_}, commands);
  }

 private:
  std::unique_ptr<policies::Policy> policy_;
  std::vector<std::string> texts_;
  std::vector<std::uint8_t> first_step_;
  std::vector<std::uint64_t> episodes_;
};

}  // namespace

std::unique_ptr<Actor> MakeExpertActor(const ExpertNoise& noise) { return std::make_unique<ExpertActor>(noise); }
std::unique_ptr<Actor> MakePolicyActor(std::unique_ptr<policies::Policy> policy) {
  return std::make_unique<PolicyActor>(std::move(policy));
}

std::unique_ptr<Actor> MakeActor(const std::string& source, const EnvSpec& spec, std::uint64_t seed,
                                 const ExpertNoise& noise, const policies::FeaturePlaces& places) {
  if (source == "expert") return MakeExpertActor(noise);
  return MakePolicyActor(policies::LoadPolicy(source, spec, seed, places));
}

}  // namespace genba::trainer
