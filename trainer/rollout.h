// rollout.h - what N worlds did in T steps under a policy that tries things out, as PPO learns from it. Worlds go on
// where the rollout before stopped. Called by train_ppo; one thread (the worlds have their own).
// Law: a world's draws depend on its own episode, its attempts at it and the step only.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/phases.h"
#include "core/rng.h"
#include "policies/network.h"
#include "policies/safetensors.h"
#include "trainer/critic.h"
#include "trainer/failed_episodes.h"
#include "trainer/plans.h"
#include "trainer/ppo_loss.h"
#include "trainer/told_texts.h"

namespace genba::trainer {

// T steps of N worlds, a row per step. One more row of the critic: what the last step led to.
struct Rollout {
  int num_steps = 0, num_worlds = 0;           // T, N
  std::vector<float> obs;                      // [T, N, obs_dim]
  std::vector<float> critic;                   // [T + 1, N, C] raw
  std::vector<float> final_critic;             // [K, C] of the K episodes that ended, at their last observation
  std::vector<int> final_of;                   // [K] which step and world of [T, N] that was
  std::vector<float> action, mean;             // [T, N, A] as drawn; of the Gaussian
  std::vector<float> planned, context;         // [T, N, A], [T, N, context_dim] of a policy that corrects its plans
  std::vector<float> log_probability, reward;  // [T, N]
  std::vector<std::uint8_t> terminated, truncated;  // [T, N]
  std::vector<int> text;                            // [T, N] id among the told texts
  at::Tensor log_deviation;                         // [A] of the Gaussian
};

// Of the episodes that ended in a rollout, those played for the first time.
struct EpisodeSums {
  double episodes = 0, successes = 0, reward = 0, steps = 0;
  std::vector<double> terms;   // [R] sums of reward terms, over the episodes
  std::vector<double> causes;  // [terminations] episodes that ended so
  double again = 0;            // episodes besides, which had failed before
};

class Worlds {
 public:
  // repeated: the share of the episodes that are ones which failed before.
  Worlds(const envs::VecEnvConfig& config, double repeated, const CriticView& view);

  struct Player {
    const policies::Network& network;
    const policies::Weights& weights;
    const at::Tensor& log_deviation;  // [A]
    double success_bonus = 0;  // reward of the step in which the task is done: the episode ends there, and with it what
                               // being near the goal would still have brought
    double failure_cost = 0;   // of a step that ends the episode otherwise; not of one that is merely the last
    int execute = 1;           // actions of a plan that are played, where the policy corrects them
    int threads = 1;           // that compute actions and features of texts; another number gives the same
    Phases& phases;            // texts, inference, physics, bookkeeping
  };
  // Plays num_steps more; sums: of the episodes that end.
  Rollout Play(int num_steps, const Player& player, ToldTexts& texts, EpisodeSums& sums);

  // As worlds.<first> …, sums.<first> … and failed.<first>
  void Save(int first, policies::TensorFile& file) const;
  void Restore(const policies::TensorFile& file, const std::string& name, int first);

 private:
  struct World {
    std::vector<std::uint8_t> wanted;   // of its episode
    int text = -1;                      // id
    double reward = 0, steps = 0;       // so far
    int attempt = 0, next_attempt = 0;  // how often its episode, and the one behind it, have been played before
    std::vector<double> terms;
  };
  void Begin(int world, ToldTexts& texts);
  std::vector<std::string> TextsToCome() const;
  int num_blocks() const;
  void Tell(const ToldTexts& texts);
  struct Block {
    int index, first, last;  // worlds [first, last)
  };
  void ForEachBlock(int threads, const std::function<void(const Block&)>& work) const;
  void Draw(const Player& player, int step, const Block& block, Rollout& rollout);
  at::Tensor MeansOf(const Player& player, int step, const Block& block, const at::Tensor& obs, Rollout& rollout);
  void Take(int step, const Player& player, Rollout& rollout, EpisodeSums& sums);
  void Count(int world, EpisodeSums& sums) const;
  void GoOn(int world);
  Rng RngOf(int world, const std::string& purpose) const;
  void WriteCritic(int world, std::span<float> row) const;

  envs::VecEnv env_;
  CriticView view_;
  StepBatch batch_;
  Commands commands_;
  std::vector<World> worlds_;
  FailedEpisodes failed_;
  Plans plans_;
  std::vector<policies::EncodedText> told_;  // of every block of worlds, a row per world
  bool told_anew_ = true;                    // an episode began since told_ was put together
};

}  // namespace genba::trainer
