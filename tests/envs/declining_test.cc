// Laws of an instruction that is not to be acted on: whoever declines holds still for a second and has succeeded, whatever
// its actions say; whoever acts has not, and what moves is seen.
#include <gtest/gtest.h>

#include "envs/task.h"
#include "tests/envs/env_harness.h"

namespace genba::envs {
namespace {

constexpr int kEpisodes = 24;

struct Ended {
  bool success = false, moved = false;
  std::string cause, family;
  int steps = 0;
};

// answer: what every world says; nothing: what is expected. Actions: as far forward and down as they go.
std::vector<Ended> Play(const std::string& task, double negatives, std::optional<Answer> answer) {
  VecEnvConfig config{
      .task = task, .num_worlds = kEpisodes, .num_threads = 2, .seed = 4, .num_episodes = kEpisodes, .options = {}};
  config.options.negatives = negatives;
  VecEnv env(config);
  StepBatch batch(env.spec(), kEpisodes);
  env.Reset(batch);
  std::vector<Ended> ended(kEpisodes);
  Commands commands;
  for (int left = kEpisodes; left > 0;) {
    commands.Fit(kEpisodes, env.spec().action_dim());
    for (int world = 0; world < kEpisodes; ++world) {
      const auto w = static_cast<std::size_t>(world);
      commands.answers[w] = answer.value_or(batch.expert_answer[w]);
      commands.action_view().row(world)[0] = commands.action_view().row(world)[2] = -1;
    }
    env.Step(commands, batch);
    for (std::size_t w = 0; w < kEpisodes; ++w) {
      if (batch.active[w] == 0) continue;
      Ended& of_world = ended[w];
      ++of_world.steps;
      of_world.moved = of_world.moved || (batch.events[w] & kMoved) != 0;
      if (!batch.done(static_cast<int>(w))) continue;
      of_world.success = batch.success[w] != 0;
      of_world.cause = env.spec().terminations[batch.cause[w]];
      of_world.family = env.ended_plan(static_cast<int>(w)).family;
      --left;
    }
  }
  return ended;
}

TEST(Declining, IsASuccessAfterASecondWithoutAMove) {
  for (const char* task : {"pick_bin", "reach"}) {
    for (const Ended& episode : Play(task, 1, {})) {
      EXPECT_EQ(episode.cause, "declined") << episode.family;
      EXPECT_TRUE(episode.success);
      EXPECT_FALSE(episode.moved);
      EXPECT_EQ(episode.steps, SpecOf(task).Steps(kDeclineTime));
    }
  }
}

TEST(Declining, IsNoSuccessWhereTheInstructionWasToBeActedOn) {
  for (const Ended& episode : Play("pick_bin", 0, Answer::kCannot)) {
    EXPECT_EQ(episode.cause, "declined");
    EXPECT_FALSE(episode.success);
  }
}

TEST(Declining, WhoActsAllTheSameIsSeenMovingAndFails) {
  for (const Ended& episode : Play("pick_bin", 1, Answer::kAct)) {
    EXPECT_FALSE(episode.success) << episode.family;
    EXPECT_TRUE(episode.moved) << episode.family;
    EXPECT_LE(episode.steps, SpecOf("pick_bin").Steps(kMovedTime));
  }
}

}  // namespace
}  // namespace genba::envs
