// bc_config.h - the settings of `genba train bc` and their meaning. Plain data; no torch.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "policies/policy_config.h"
#include "trainer/reading.h"

namespace genba::trainer {

struct TrainConfig {
  int steps = 4000;
  int batch = 256;
  double learning_rate = 1e-3;
  int warmup = 100;  // steps
  double weight_decay = 0.01;
  double clip_norm = 1.0;
  double reading = 1;                 // weight of the loss on what a text says and whether it is to be acted on
  int reading_texts = kLearnedTexts;  // drawn for it, each in a scene of its own
  double reading_negatives = 0.5;     // share of those that are not to be acted on
  int calibration_texts = kCalibrationTexts;
  int paraphrases = 4;  // other sentences for each episode's order, in both languages, from the training grammar
  double ema = 0.999;   // decay of the averaged weights, which are what acts
  std::uint64_t seed = 1;
  std::string device = "cpu";  // where the network learns; texts are read and checkpoints written on the CPU
  int threads = 2;             // of the matrix library; another number gives other last bits
  int shards = 1;  // of a batch: each has its own gradient, and they are added in a fixed order. Ranks share them
  int checkpoint_every = 500;  // steps
  int keep_checkpoints = 2;
  int log_every = 20;  // steps
  double spike = 20;   // a loss so many times its running mean stops the run
  int skips = 3;       // steps in a row whose gradient is not finite that stop the run; fewer are skipped
  std::vector<std::string> episodes = {"success"};  // success | all (not the faulted), of each data set or of all
  std::vector<double> weights;  // of each data set's windows in a batch; none: of each as many as it has
  bool mask_pushes = true;      // no label that corrects a push its window does not show
};

struct TrainJob {
  std::vector<std::string> data;  // folders of the data sets; setting "run.data"
  TrainConfig trainer;
  policies::PolicyConfig policy;
};
void Register(ConfigTable& table, TrainJob& job);  // all sections

}  // namespace genba::trainer
