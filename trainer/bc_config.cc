#include "trainer/bc_config.h"

#include "trainer/run_folder.h"

namespace genba::trainer {

void Register(ConfigTable& table, TrainJob& job) {
  TrainConfig& config = job.trainer;
  table.Add("run.data", &job.data, "folders of the data sets, which are known by their content");
  table.Add("trainer.steps", &config.steps, {1, 1e9}, "optimiser steps");
  table.Add("trainer.batch", &config.batch, {1, 65536}, "windows per step");
  table.Add("trainer.learning_rate", &config.learning_rate, {1e-8, 1}, "peak of warm-up and cosine");
  table.Add("trainer.warmup", &config.warmup, {1, 1e6}, "steps of linear warm-up");
  table.Add("trainer.weight_decay", &config.weight_decay, {0, 1}, "decoupled, per step and learning rate");
  table.Add("trainer.clip_norm", &config.clip_norm, {1e-6, 1e6}, "largest norm of the whole gradient");
  table.Add("trainer.reading", &config.reading, {0, 100},
            "weight of the loss on what a text says and whether it is to be acted on");
  table.Add("trainer.reading_texts", &config.reading_texts, {1, 1e7}, "texts drawn for it, each in its own scene");
  table.Add("trainer.reading_negatives", &config.reading_negatives, {0, 1},
            "share of those texts that are not to be acted on");
  table.Add("trainer.calibration_texts", &config.calibration_texts, {1, 1e6},
            "texts in other patterns, on which the threshold for acting is set at every checkpoint");
  table.Add("trainer.paraphrases", &config.paraphrases, {0, 1000},
            "other sentences drawn for each episode's order, both languages; half in made-up patterns");
  table.Add("trainer.ema", &config.ema, {0, 0.99999}, "decay of the averaged weights (what acts)");
  table.Add("trainer.seed", &config.seed, "of initial weights, order of the data and noise");
  table.Add("trainer.device", &config.device, "where the network learns: cpu, or cuda:0 in a build with CUDA");
  table.Add("trainer.threads", &config.threads, {1, 256},
            "threads of the matrix library; another number gives other last bits");
  table.Add("trainer.shards", &config.shards, {1, 65536},
            "of a batch, each with its own gradient: ranks share them, and as many give the same bits on any number of "
            "ranks");
  RegisterReporting(table, "trainer", {&config.checkpoint_every, &config.keep_checkpoints, &config.log_every});
  table.Add("trainer.spike", &config.spike, {1.5, 1e9}, "a loss so many times its running mean stops the run");
  table.Add("trainer.skips", &config.skips, {1, 1e9},
            "steps in a row whose gradient is not finite that stop the run; fewer are skipped");
  table.Add("trainer.episodes", &config.episodes,
            "of each data set, or one for all: those that succeeded, or all without a fault", {"success", "all"});
  table.Add("trainer.weights", &config.weights, {1e-6, 1e6},
            "of each data set's windows in a batch, relative to each other; none: as many as it has");
  table.Add("trainer.mask_pushes", &config.mask_pushes, "leave out labels that correct a push which is still to come");
  policies::Register(table, job.policy);
}

}  // namespace genba::trainer
