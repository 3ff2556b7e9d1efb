// ppo_runs.h - toy runs of PPO and what they leave: for its tests.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/atomic_file.h"
#include "policies/checkpoint.h"
#include "tests/trainer/scratch.h"
#include "trainer/train_ppo.h"

namespace genba::trainer {

inline PpoJob Tiny(const std::string& task = "reach") {
  PpoJob job;
  job.ppo.task = task;
  job.ppo.worlds = 4;
  job.ppo.steps = 16;
  job.ppo.iterations = 8;
  job.ppo.minibatches = 2;
  job.ppo.epochs = 2;
  job.ppo.reading_steps = 3;
  job.ppo.reading_batch = 16;
  job.ppo.reading_texts = 60;
  job.ppo.calibration_texts = 60;
  job.ppo.threads = 1;
  job.ppo.log_every = 1;
  job.world_threads = 1;
  return job;
}

class Ppo : public ScratchTest {
 protected:
  PpoResult Train(const PpoJob& settings, const std::string& name, bool resume = false) const {
    RunFolder run(folder_ / name, resume);
    PpoJob job = settings;
    ConfigTable table;
    Register(table, job);
    run.Resolve(table, [&](ConfigTable&) { job = settings; });
    SelfComm alone;
    return TrainPpo(job, alone, run);
  }
  std::string Bytes(const std::string& name, const std::string& file) const {
    return ReadFile(folder_ / name / file, 64 << 20);
  }
  std::filesystem::path Checkpoint(const std::string& name, int step) const {
    return folder_ / name / "checkpoints" / Step(step);
  }
  // The run as it was after so many steps, under another name.
  void Kill(const std::string& name, int kept, const std::string& killed) const {
    std::filesystem::copy(folder_ / name, folder_ / killed, std::filesystem::copy_options::recursive);
    for (int step = kept + 1; std::filesystem::remove_all(Checkpoint(killed, step)) > 0; ++step) {
    }
  }
  // The run's checkpoint is another one, whole but for what is changed in it.
  void Change(const std::string& name, int step, const std::function<void(policies::TensorFile&)>& change) const {
    policies::Checkpoint checkpoint = policies::LoadCheckpoint(Checkpoint(name, step), true);
    std::filesystem::remove_all(Checkpoint(name, step));
    change(checkpoint.training);
    policies::SaveCheckpoint(folder_ / name / "checkpoints", step, checkpoint);
  }
  static std::string Step(int step) {
    const std::string number = std::to_string(step);
    return "step-" + std::string(8 - number.size(), '0') + number;
  }
  // Of the policy after so many steps.
  std::map<std::string, policies::TensorData> Weights(const std::string& name, int step) const {
    return policies::LoadCheckpoint(Checkpoint(name, step), false).policy.tensors;
  }
  // The least number of the episodes that its worlds are in after so many steps.
  std::uint64_t EarliestPlayed(const std::string& name, int step) const {
    std::uint64_t earliest = UINT64_MAX;
    const auto file = policies::LoadCheckpoint(Checkpoint(name, step), true).training;
    for (const auto& [key, tensor] : file.tensors) {
      if (!key.starts_with("worlds.")) continue;
      const nlohmann::json world = nlohmann::json::from_cbor(tensor.bytes);
      earliest = std::min(earliest, world["plan"]["episode"].get<std::uint64_t>());
    }
    return earliest;
  }
  // A short run that goes on from the policy of the run "base".
  PpoJob FromBase(void (*begin)(const std::string&, PpoJob&) = BeginFrom) const {
    PpoJob begun = Tiny(), job = Tiny();
    begin((folder_ / "base").string(), begun);
    job.policy = begun.policy;
    job.ppo.from = begun.ppo.from;
    job.ppo.reading_steps = begun.ppo.reading_steps;
    job.ppo.keep = begun.ppo.keep;
    job.ppo.iterations = 4;
    job.ppo.critic_warmup = 2;
    job.ppo.checkpoint_every = 1;
    job.ppo.keep_checkpoints = 9;
    return job;
  }
  double LastOf(const std::string& name, const std::string& metric) const {
    std::istringstream lines(Bytes(name, "metrics.jsonl"));
    double last = 0;
    for (std::string line; std::getline(lines, line);) last = nlohmann::json::parse(line)[metric];
    return last;
  }
  double MostOf(const std::string& name, const std::string& metric) const {
    std::istringstream lines(Bytes(name, "metrics.jsonl"));
    double most = 0;
    for (std::string line; std::getline(lines, line);)
      most = std::max(most, nlohmann::json::parse(line).value(metric, 0.0));
    return most;
  }
  std::string Last(const std::string& name, const std::string& file) const {
    return Bytes(name, "checkpoints/step-00000011/" + file);
  }
};

}  // namespace genba::trainer
