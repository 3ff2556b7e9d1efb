#include "trainer/ppo_config.h"

#include "core/error.h"
#include "envs/scene.h"
#include "policies/make_trained.h"
#include "trainer/run_folder.h"

namespace genba::trainer {

void Register(ConfigTable& table, PpoJob& job) {
  PpoConfig& config = job.ppo;
  table.Add("run.task", &config.task, "what is learned");
  table.Add("run.from", &config.from, "the run whose policy goes on learning; empty: from nothing");
  envs::RegisterMaxWanted(table, &config.max_wanted);
  table.Add("ppo.worlds", &config.worlds, {1, 65536}, "worlds");
  table.Add("ppo.steps", &config.steps, {1, 4096}, "steps of every world in an iteration");
  table.Add("ppo.iterations", &config.iterations, {0, 1e9}, "iterations: play, then learn from it");
  table.Add("ppo.epochs", &config.epochs, {1, 100}, "times that what was played is gone through");
  table.Add("ppo.minibatches", &config.minibatches, {1, 1024}, "updates each time");
  table.Add("ppo.learning_rate", &config.learning_rate, {1e-8, 1}, "at first; then what keeps to ppo.divergence");
  table.Add("ppo.critic_rate", &config.critic_rate, {1e-8, 1}, "learning rate of the critic");
  table.Add("ppo.divergence", &config.divergence, {1e-6, 10}, "Kullback-Leibler divergence of an iteration, aimed at");
  table.Add("ppo.clip", &config.clip, {0.001, 1}, "ratios count within 1 ± so much");
  table.Add("ppo.gamma", &config.gamma, {0, 1}, "what a step later is worth");
  table.Add("ppo.lambda", &config.lambda, {0, 1}, "of generalised advantage estimation");
  table.Add("ppo.deviation", &config.deviation, {0.001, 10}, "of the actions at first");
  table.Add("ppo.last_deviation", &config.last_deviation, {0.001, 10},
            "of the actions in the last iteration; by a factor a step in between");
  table.Add("ppo.success_bonus", &config.success_bonus, {0, 1e6}, "reward of the step in which the task is done");
  table.Add("ppo.failure_cost", &config.failure_cost, {0, 1e6},
            "of ending an episode without success, by a safety stop say");
  table.Add("ppo.repeat_failed", &config.repeat_failed, {0, 0.9},
            "share of the episodes that are ones which failed before, played again");
  table.Add("ppo.clip_norm", &config.clip_norm, {1e-6, 1e6}, "largest norm of a gradient");
  table.Add("ppo.critic_width", &config.critic_width, {8, 4096}, "columns of the critic");
  table.Add("ppo.critic_warmup", &config.critic_warmup, {0, 1e6}, "iterations in which only the critic learns");
  table.Add("ppo.keep", &config.keep, {0, 1e3},
            "weight of the divergence from the policy it began with; falls to none at the end");
  table.Add("ppo.reading_steps", &config.reading_steps, {0, 1e7},
            "steps of learning to read, before all else; 0 for a policy that can");
  table.Add("ppo.reading_batch", &config.reading_batch, {1, 65536}, "texts in each");
  table.Add("ppo.reading_texts", &config.reading_texts, {1, 1e7}, "texts drawn for it, each in its own scene");
  table.Add("ppo.reading_rate", &config.reading_rate, {1e-8, 1}, "peak of its warm-up and cosine");
  table.Add("ppo.reading_negatives", &config.reading_negatives, {0, 1},
            "share of those texts that are not to be acted on");
  table.Add("ppo.calibration_texts", &config.calibration_texts, {1, 1e6},
            "texts in other patterns, on which the threshold for acting is set once it can read");
  table.Add("ppo.seed", &config.seed, "of initial weights, scenes, texts and noise");
  table.Add("ppo.threads", &config.threads, {1, 256},
            "threads of the matrix library; another number gives other last bits");
  table.Add(
      "ppo.shards", &config.shards, {1, 65536},
      "groups of worlds, each with its own episodes and gradient: ranks share them, and as many give the same bits "
      "on any number of ranks");
  RegisterReporting(table, "ppo", {&config.checkpoint_every, &config.keep_checkpoints, &config.log_every});
  policies::Register(table, job.policy);
}

namespace {

constexpr int kResidualWidth = 256;

void BeginWith(const std::string& from, PpoJob& job) {
  PpoConfig& config = job.ppo;
  config.from = from;
  config.reading_steps = 0;
  config.worlds = 128;
  config.iterations = 300;
  config.gamma = 0.97;        // 0.99: what is decided in 200 steps is lost in the noise of the rest
  config.success_bonus = 80;  // staying just short of it is worth 3 / (1 - gamma) less what the last steps bring
  config.failure_cost = 30;
  config.repeat_failed = 0;  // with it nothing has been measured yet
  config.critic_rate = 3e-4;
  config.critic_warmup = 15;
  config.divergence = 0.02;
  config.keep = 0.02;
  config.deviation = 0.12, config.last_deviation = 0.04;
  config.learning_rate = 2e-4;
  job.policy = policies::ReadTrained(from, envs::SpecOf(config.task)).manifest.config;
}

void CheckPlans(const PpoJob& job) {
  const policies::PolicyConfig& policy = job.policy;
  const bool begins = job.ppo.from.empty();
  if (begins && policy.residual_width > 0)
    throw BadInput({"settings", "policy.residual_width",
                    "0, where no policy is given whose actions it would correct (--from)",
                    std::to_string(policy.residual_width)});
  if (policy.residual_width > 0) return;
  if ((begins && policy.chunk != 1) || policy.execute != 1 || policy.head != "chunk")
    throw BadInput(
        {"settings", "policy.chunk, execute, head",
         "1, 1 and chunk: every step is tried by itself (--from RUN --residual corrects plans of any policy)",
         std::to_string(policy.chunk) + ", " + std::to_string(policy.execute) + ", " + policy.head});
}

}  // namespace

void BeginFrom(const std::string& from, PpoJob& job) {
  BeginWith(from, job);
  if (job.policy.residual_width == 0) job.policy.execute = 1;
}

void BeginCorrecting(const std::string& from, PpoJob& job) {
  BeginWith(from, job);
  if (job.policy.residual_width == 0) job.policy.residual_width = kResidualWidth;
  job.ppo.keep = 0;  // what is corrected stays as it is, and no correction is large
  job.ppo.learning_rate = 3e-4;
}

void Check(const PpoJob& job) {
  policies::Check(job.policy, "settings");
  CheckPlans(job);
  const bool begins = job.ppo.from.empty();
  const PpoConfig& ppo = job.ppo;
  if (ppo.worlds % ppo.shards != 0 || ppo.worlds / ppo.shards * ppo.steps < ppo.minibatches)
    throw BadInput({"settings", "ppo.shards",
                    "a part of ppo.worlds (" + std::to_string(ppo.worlds) +
                        "), each with as "
                        "many samples as ppo.minibatches",
                    std::to_string(ppo.shards)});
  if (begins && job.ppo.reading_steps == 0)
    throw BadInput(
        {"settings", "ppo.reading_steps", "at least 1, where no policy is given that reads (run.from)", "0"});
}

}  // namespace genba::trainer
