// ppo_config.h - the settings of `genba train ppo` and their meaning. Plain data; no torch.
#pragma once
#include <cstdint>
#include <string>

#include "core/config.h"
#include "policies/policy_config.h"
#include "trainer/reading.h"

namespace genba::trainer {

struct PpoConfig {
  std::string task = "reach";
  std::string from;    // a run or checkpoint: its policy goes on learning, and what it reads stays; empty: from nothing
  int max_wanted = 0;  // most parts that an order asks for; 0: as many as the task has
  int worlds = 64;     // N
  int steps = 64;      // T of an iteration
  int iterations = 500;
  int epochs = 2, minibatches = 4;
  double learning_rate = 3e-4;  // of the policy at first; then what keeps the divergence near its aim
  double critic_rate = 1e-3;    // of the critic
  double divergence = 0.03;     // [nats] of an update, aimed at
  double clip = 0.2;
  double gamma = 0.95, lambda = 0.95;
  // Of actions, at first and at last. Learned, it stays at what explores (0.26 after 80 iterations of reach), and what has
  // to hold still never does.
  double deviation = 0.3, last_deviation = 0.05;
  // Reward of the step in which the task is done. Less than staying just short of it is worth, 2 / (1 - gamma) where each
  // step at the goal brings 2, and it is put off.
  double success_bonus = 60;
  // What ending an episode without success costs: where little is left to be won, stopping would be better than going on.
  double failure_cost = 0;
  double repeat_failed = 0.3;  // share of the episodes that are ones which failed before
  double clip_norm = 1.0;
  int critic_width = 128;
  int critic_warmup = 0;  // iterations in which only the critic learns
  // Weight of the divergence from the policy it began with, KL(beginning || now), at first; falls to none at the end.
  double keep = 0;
  int reading_steps = 700;     // before the first iteration
  int reading_batch = 256;     // texts a step
  int reading_texts = 40000;   // drawn for it, each in a scene of its own
  double reading_rate = 1e-3;  // peak of warm-up and cosine
  double reading_negatives = 0.5;
  int calibration_texts = kCalibrationTexts;
  std::uint64_t seed = 1;
  int shards = 1;   // groups of worlds, each with its own episodes and gradient: ranks share them
  int threads = 2;  // of the matrix library; another number gives other last bits
  int checkpoint_every = 100, keep_checkpoints = 2, log_every = 5;
};

struct PpoJob {
  PpoConfig ppo;
  // What is meant is read before it moves: the slots have no words to ask, and each knows how far off it is.
  policies::PolicyConfig policy = {.chunk = 1, .execute = 1, .blocks = 0, .trunk_width = 128, .features = {}};
  int world_threads = 0;  // 0: one per core; no setting: it changes nothing
};
void Register(ConfigTable& table, PpoJob& job);
// Defaults of a run that goes on from another's policy: its network, of whose plans the first action is played; it reads
// already, and what it can do is not to be lost while the critic is new.
void BeginFrom(const std::string& from, PpoJob& job);
// Of one that leaves that policy as it is, a plan of several steps say, and learns to correct its actions as they are played.
void BeginCorrecting(const std::string& from, PpoJob& job);
// Error(kBadInput) where the policy is none that PPO can move: it plays one action at a time, drawn from a Gaussian.
void Check(const PpoJob& job);

}  // namespace genba::trainer
