// Disturbances reach what they say they reach, never the label, and replay with the plan.
#include "envs/disturbances.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "env_harness.h"
#include "envs/observation.h"
#include "envs/task.h"

namespace genba::envs {
namespace {

VecEnvConfig Config(const Disturbances& disturbances) {
  VecEnvConfig config;
  config.task = "pick_bin";
  config.num_worlds = config.num_threads = 1;
  config.seed = 4;
  config.num_episodes = 1;
  config.options.disturbances = disturbances;
  return config;
}

struct Played {
  std::vector<std::vector<float>> obs, labels;  // by step
};
// The same given actions in every variant: the world itself must not differ.
Played Play(const Disturbances& disturbances, int steps, const std::vector<std::vector<float>>& actions = {}) {
  VecEnv env(Config(disturbances));
  StepBatch batch(env.spec(), 1);
  env.Reset(batch);
  Played played;
  for (int step = 0; step < steps; ++step) {
    played.obs.push_back(batch.obs);
    played.labels.push_back(batch.expert_action);
    const std::vector<float>& action = actions.empty() ? played.labels.back() : actions[static_cast<std::size_t>(step)];
    env.Step(View2<const float>(action.data(), 1, env.spec().action_dim()), batch);
  }
  return played;
}

TEST(Disturbances, SensorErrorsReachTheObservationAndNotTheLabel) {
  const Played clean = Play({}, 20);
  const Played noisy = Play({.pose_bias = 0.004, .pose_jitter = 0.002}, 20, clean.labels);
  EXPECT_EQ(noisy.labels, clean.labels);
  const EnvSpec spec = SpecOf("pick_bin");
  const auto parts = static_cast<std::size_t>(spec.obs_offset("parts"));
  double sum = 0, squares = 0, jitter = 0;
  int count = 0;
  std::vector<double> last;
  for (std::size_t step = 0; step < clean.obs.size(); ++step) {
    std::vector<double> errors;
    for (std::size_t slot = 0; slot < kMaxParts; ++slot) {
      const std::size_t at = parts + slot * kPartSize;
      if (clean.obs[step][at] == 0) continue;
      for (std::size_t axis = 1; axis <= 3; ++axis) {
        const double error = noisy.obs[step][at + axis] - clean.obs[step][at + axis];
        EXPECT_NEAR(noisy.obs[step][at + axis + 3] - clean.obs[step][at + axis + 3], error, 1e-5);
        errors.push_back(error), sum += error, squares += error * error, ++count;
      }
    }
    for (std::size_t i = 0; i < last.size(); ++i) jitter += std::pow(errors[i] - last[i], 2) / 2;
    last = errors;
    for (std::size_t i = 0; i < kProprioSize; ++i) EXPECT_EQ(noisy.obs[step][i], clean.obs[step][i]);
  }
  EXPECT_NEAR(std::sqrt(jitter / count), 0.002, 0.0005);  // anew every step
  EXPECT_NEAR(std::sqrt(squares / count), std::hypot(0.004, 0.002), 0.0025);
}

TEST(Disturbances, ObservationDelayShowsThePast) {
  const Played clean = Play({}, 20);
  const Played late = Play({.observation_delay = 0.1}, 20, clean.labels);
  EXPECT_EQ(late.labels, clean.labels);
  for (std::size_t step = 0; step < 20; ++step) EXPECT_EQ(late.obs[step], clean.obs[step < 2 ? 0 : step - 2]);
}

TEST(Disturbances, ActionDelayMovesTheArmLater) {
  const std::vector<std::vector<float>> action(12, {0.5f, 0, 0, 0, 0, 0, 1});
  const Played now = Play({}, 12, action), late = Play({.action_delay = 0.2}, 12, action);
  for (std::size_t step = 0; step <= 4; ++step) EXPECT_NEAR(late.obs[step][0], late.obs[0][0], 1e-4) << step;
  for (std::size_t step = 5; step < 12; ++step) EXPECT_NEAR(late.obs[step][0], now.obs[step - 4][0], 5e-4) << step;
}

TEST(Disturbances, TheStartIsPushedAndTilted) {
  const Played home = Play({}, 1), off = Play({.start_push = 0.05, .start_tilt = 0.3}, 1);
  double push = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) push += std::pow(off.obs[0][axis] - home.obs[0][axis], 2);
  EXPECT_NEAR(std::sqrt(push), 0.05, 1e-3);
  EXPECT_NEAR(off.obs[0][8], -std::cos(0.3), 1e-3);  // z component of the tool's axis
}

TEST(Disturbances, ALostColumnReadsZero) {
  const Played clean = Play({}, 3), lost = Play({.lost = "proprio.2,parts.1"}, 3, clean.labels);
  const auto parts = static_cast<std::size_t>(SpecOf("pick_bin").obs_offset("parts"));
  for (std::size_t step = 0; step < 3; ++step) {
    for (std::size_t i = 0; i < clean.obs[step].size(); ++i)
      EXPECT_EQ(lost.obs[step][i], i == 2 || i == parts + 1 ? 0 : clean.obs[step][i]);
  }
}

TEST(Disturbances, PadFrictionIsTheCells) {
  std::set<double> drawn;
  for (std::uint64_t episode = 0; episode < 20; ++episode)
    drawn.insert(DrawScene(Verb::kPick, {}, 1, episode, {}).cell.pad_friction);
  EXPECT_EQ(drawn.size(), 20u);
  VecEnv env(Config({.pad_friction = 0.33}));
  StepBatch batch(env.spec(), 1);
  env.Reset(batch);
  const mjModel* m = env.model(0)->get();
  EXPECT_DOUBLE_EQ(m->geom_friction[3 * env.model(0)->geom("pad_left0")], 0.33);
}

TEST(Disturbances, TravelWithThePlan) {
  const Disturbances all{.action_delay = 0.1,
                         .observation_delay = 0.05,
                         .pose_bias = 0.003,
                         .pose_jitter = 0.001,
                         .start_push = 0.02,
                         .start_tilt = 0.1,
                         .pad_friction = 0.6,
                         .joint_acceleration = 8,
                         .lost = "proprio.27"};
  EXPECT_EQ(DisturbancesFromJson(ToJson(all), "test"), all);
  VecEnv env(Config(all));
  StepBatch batch(env.spec(), 1);
  env.Reset(batch);
  EXPECT_EQ(EpisodePlanFromJson(ToJson(env.plan(0)), "test").disturbances, all);
  nlohmann::json broken = ToJson(all);
  broken["pose_bias"] = -1;
  EXPECT_THROW(DisturbancesFromJson(broken, "test"), Error);
}

TEST(Disturbances, WhatCannotBePlayedIsRefusedByName) {
  for (const auto& [bad, word] : {std::pair<Disturbances, std::string>{{.action_delay = 3}, "env.action_delay"},
                                  {{.observation_delay = -1}, "env.observation_delay"},
                                  {{.lost = "proprio.99"}, "proprio.99"}}) {
    try {
      VecEnv env(Config(bad));
      FAIL() << word;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace genba::envs
