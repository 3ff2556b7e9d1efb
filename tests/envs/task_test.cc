// Tasks played in whole episodes: experts that succeed, and cheats that must not count.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "env_harness.h"
#include "envs/task.h"

namespace genba::envs {
namespace {

VecEnvConfig Config(const std::string& task, std::uint64_t seed, int episodes) {
  VecEnvConfig config;
  config.task = task;
  config.seed = seed;
  config.num_worlds = 16;
  config.num_episodes = static_cast<std::uint64_t>(episodes);
  return config;
}

TEST(Expert, ReachesAndPicks) {
  VecEnv reach(Config("reach", 5, 64));
  EXPECT_GE(PlayEpisodes(reach, 64).successes, 64);
  VecEnv pick(Config("pick_bin", 5, 64));
  EXPECT_GE(PlayEpisodes(pick, 64).successes, 62);
}

// Bar 4: the expert's success over 500 seeds.
TEST(Expert, SuccessOver500Seeds) {
  VecEnv reach(Config("reach", 1, 500));
  EXPECT_GE(PlayEpisodes(reach, 500).successes, 495);
  VecEnv pick(Config("pick_bin", 1, 500));
  Outcome outcome = PlayEpisodes(pick, 500);
  EXPECT_GE(outcome.successes, 485);
  EXPECT_EQ(outcome.causes["thrown"], 0);  // nothing that it lets go brushes a finger and counts as flung
}

TEST(Expert, SurvivesNoiseOnItsActions) {
  VecEnv pick(Config("pick_bin", 6, 32));
  std::map<std::uint64_t, Rng> noise;
  const Outcome outcome = PlayEpisodes(pick, 32, [&](const VecEnv& env, int world, std::span<float> action) {
    Rng& rng = noise.try_emplace(env.plan(world).episode, 6, env.plan(world).episode, "noise").first->second;
    for (std::size_t i = 0; i < 3; ++i) action[i] += static_cast<float>(0.2 * rng.Normal());
  });
  EXPECT_GE(outcome.successes, 28);
}

// Cheats in real physics: doing nothing, and nonsense.
TEST(Cheat, RandomAndIdleNeverSucceed) {
  for (const double scale : {0.0, 1.0}) {
    VecEnv pick(Config("pick_bin", 3, 16));
    std::map<std::uint64_t, Rng> noise;
    const Outcome outcome = PlayEpisodes(pick, 16, [&](const VecEnv& env, int world, std::span<float> action) {
      Rng& rng = noise.try_emplace(env.plan(world).episode, 6, env.plan(world).episode, "noise").first->second;
      for (float& a : action) a = static_cast<float>(scale * rng.Uniform(-1, 1));
    });
    EXPECT_EQ(outcome.successes, 0);
  }
}

// A script that grasps and carries as the expert does and then lets go its own way: the part hangs over the middle of
// its bin at `height` over where it will lie, or passes there at `speed`.
struct Cheat {
  double height = 0.05;  // [m]
  double speed = 0;      // [m/s]
};
int PlayCheat(const Cheat& cheat, int episodes, std::map<std::string, int>& causes) {
  VecEnvConfig config = Config("pick_bin", 21, episodes);
  config.num_worlds = episodes;
  VecEnv env(config);
  StepBatch batch(env.spec(), episodes);
  env.Reset(batch);
  const auto width = static_cast<std::size_t>(env.spec().action_dim());
  const auto dim = static_cast<std::size_t>(env.spec().obs_dim());
  const auto places = static_cast<std::size_t>(env.spec().obs_offset("places"));
  enum Phase { kExpert, kGo, kRun, kGone };
  std::vector<Phase> phase(static_cast<std::size_t>(episodes), kExpert);
  int successes = 0, ended = 0;
  std::vector<std::uint8_t> over(phase.size(), 0);
  while (ended < episodes) {
    std::vector<float> actions = batch.expert_action;
    for (std::size_t w = 0; w < phase.size(); ++w) {
      if (over[w] != 0) continue;
      const float* obs = batch.obs.data() + w * dim;
      float* action = actions.data() + w * width;
      const Goal goal =
          GoalOf(env.plan(static_cast<int>(w)).order, env.plan(static_cast<int>(w)), env.cell(static_cast<int>(w)));
      const float* to_bin = obs + places + static_cast<std::size_t>(goal.bin) * kPlaceSize + 4;  // from the TCP
      const bool holds = obs[kProprioSize - 1] > 0.5f;
      if (phase[w] == kExpert && holds && obs[2] > 0.10f && std::hypot(to_bin[0], to_bin[1]) < 0.05) phase[w] = kGo;
      if (phase[w] == kExpert) continue;
      if (phase[w] != kGone && !holds) phase[w] = kGone;
      std::fill_n(action, width, 0.0f);
      action[6] = phase[w] == kGone ? 1.0f : -1.0f;
      const double z = cheat.height + 0.016, dz = z - obs[2];  // the part's centre is at the TCP
      // The run: along y, and as much along x as one axis alone cannot reach; from 0.12 m before the middle.
      const double step = cheat.speed * env.spec().control_period() / 0.02;  // in actions
      const Eigen::Vector2d run(std::sqrt(std::max(0.0, step * step - 1)), std::min(1.0, step));
      const Eigen::Vector2d left(to_bin[0], to_bin[1]);
      if (phase[w] == kGo) {
        const Eigen::Vector2d go = left - 0.12 * (step > 0 ? run.normalized() : run);
        action[0] = static_cast<float>(std::clamp(go.x() / 0.02 * 0.5, -1.0, 1.0));
        action[1] = static_cast<float>(std::clamp(go.y() / 0.02 * 0.5, -1.0, 1.0));
        action[2] = static_cast<float>(std::clamp(dz / 0.02 * 0.5, -1.0, 1.0));
        const bool there = go.cwiseAbs().maxCoeff() < 0.006 && std::abs(dz) < 0.004;
        if (there) phase[w] = cheat.speed > 0 ? kRun : kGone;
        if (phase[w] == kGone) action[6] = 1;
      } else if (phase[w] == kRun) {  // across the bin, letting go on the way
        action[0] = static_cast<float>(run.x());
        action[1] = static_cast<float>(run.y());
        action[6] = left.dot(run.normalized()) < 0.06 ? 1.0f : -1.0f;
      }
    }
    env.Step(View2<const float>(actions.data(), episodes, env.spec().action_dim()), batch);
    for (std::size_t w = 0; w < phase.size(); ++w) {
      if (over[w] != 0 || !batch.done(static_cast<int>(w))) continue;
      over[w] = 1;
      ++ended;
      successes += batch.success[w];
      ++causes[env.spec().terminations[batch.cause[w]]];
    }
  }
  return successes;
}

TEST(Cheat, DroppedFromHighUp) {
  for (const double height : {0.11, 0.2, 0.4}) {
    std::map<std::string, int> causes;
    EXPECT_LE(PlayCheat({.height = height}, 20, causes), 0) << height << " m";
    EXPECT_GT(causes["thrown"], 10) << height << " m";
  }
  std::map<std::string, int> causes;
  EXPECT_GT(PlayCheat({.height = 0.08}, 20, causes), 10);  // the script itself can succeed
}

TEST(Cheat, LetGoOnTheMove) {
  for (const double speed : {0.26, 0.5, 0.56}) {  // 0.56 m/s: as fast as two axes go
    std::map<std::string, int> causes;
    EXPECT_EQ(PlayCheat({.height = 0.085, .speed = speed}, 20, causes), 0) << speed << " m/s";
    EXPECT_GT(causes["thrown"], 10) << speed << " m/s";
  }
  std::map<std::string, int> causes;
  EXPECT_GT(PlayCheat({.height = 0.085, .speed = 0.12}, 20, causes), 10);  // the script itself can succeed
}

}  // namespace
}  // namespace genba::envs
