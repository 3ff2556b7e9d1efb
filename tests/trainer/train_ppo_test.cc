// Laws of a run of PPO, at toy size: the same settings give the same bytes, and so do any stops in between.
#include "trainer/train_ppo.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "policies/trained_policy.h"
#include "tests/refusal.h"
#include "tests/trainer/ppo_runs.h"
#include "trainer/bench_ppo.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;

TEST_F(Ppo, TheSameSettingsGiveTheSameBytesWhateverTheThreadsOfTheWorlds) {
  PpoJob job = Tiny();
  Train(job, "one");
  job.world_threads = 3;
  Train(job, "three");
  EXPECT_EQ(Last("one", "training.safetensors"), Last("three", "training.safetensors"));
  EXPECT_EQ(Bytes("one", "metrics.jsonl"), Bytes("three", "metrics.jsonl"));
  job.ppo.seed = 2;
  Train(job, "other");
  EXPECT_NE(Last("one", "policy.safetensors"), Last("other", "policy.safetensors"));
}

// Killed after any checkpoint, while it reads or with worlds in the middle of their episodes: what was written behind
// the checkpoint is lost, and comes again.
TEST_F(Ppo, KilledAfterAnyCheckpointAndResumedGivesTheSameBytes) {
  PpoJob job = Tiny();
  job.ppo.checkpoint_every = 1;
  job.ppo.keep_checkpoints = 100;
  Train(job, "whole");
  for (const int kept : {1, 3, 4, 7, 10}) {
    const std::string name = "killed" + std::to_string(kept);
    Kill("whole", kept, name);
    Train(job, name, true);
    for (const char* file : {"policy.safetensors", "training.safetensors", "state.json"})
      EXPECT_EQ(Last(name, file), Last("whole", file)) << kept << " " << file;
    EXPECT_EQ(Bytes(name, "metrics.jsonl"), Bytes("whole", "metrics.jsonl")) << kept;
  }
}

// How much of what the machine can do is used; while it reads, nobody counts.
TEST_F(Ppo, TellsItsShareOfThePeakOfTheMachine) {
  Train(Tiny(), "run");
  std::string events;
  for (const auto& file : fs::directory_iterator(folder_ / "run")) {
    const std::string name = file.path().filename();
    if (name.starts_with("events.")) events = Bytes("run", name);
  }
  const auto count = [&](const std::string& tag) {
    int found = 0;
    for (std::size_t at = events.find(tag); at != std::string::npos; at = events.find(tag, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("Perf/mflops_per_s"), 8);  // iterations
  EXPECT_EQ(count("Perf/share_of_peak"), 8);
  EXPECT_EQ(count("Perf/steps_per_s"), 11);
}

// What failed is played again, with other draws, and a run that is killed goes on with the same.
TEST_F(Ppo, EpisodesThatFailedComeAgainAndAreNoFigures) {
  PpoJob job = Tiny();
  job.ppo.iterations = 20;
  job.ppo.repeat_failed = 0.8;
  job.ppo.checkpoint_every = 1;
  job.ppo.keep_checkpoints = 100;
  Train(job, "whole");
  EXPECT_GT(MostOf("whole", "Train/played_again"), 0);
  for (const int kept : {9, 14, 19}) {
    const std::string name = "killed" + std::to_string(kept);
    Kill("whole", kept, name);
    Train(job, name, true);
    EXPECT_EQ(Bytes(name, "checkpoints/" + Step(23) + "/training.safetensors"),
              Bytes("whole", "checkpoints/" + Step(23) + "/training.safetensors"))
        << kept;
    EXPECT_EQ(Bytes(name, "metrics.jsonl"), Bytes("whole", "metrics.jsonl")) << kept;
  }
  job.ppo.repeat_failed = 0;
  Train(job, "none");
  EXPECT_GE(EarliestPlayed("none", 23), 12u);  // each of four worlds has three behind it
  EXPECT_LT(EarliestPlayed("whole", 23), 12u);
}

TEST_F(Ppo, StopsAfterTheStepUnderWay) {
  RequestInterrupt();
  EXPECT_THROW(Train(Tiny(), "run"), InterruptedError);
  ClearInterrupt();
  EXPECT_TRUE(fs::exists(folder_ / "run/checkpoints" / Step(1)));
}

// The negative control: what is left out of a checkpoint is missed. Whole again, it goes on.
TEST_F(Ppo, ACheckpointWithoutItsWorldsOrScalesIsRefused) {
  PpoJob job = Tiny();
  job.ppo.iterations = 2;
  job.ppo.checkpoint_every = 1;
  Train(job, "run");
  Kill("run", 4, "whole");
  EXPECT_EQ(Train(job, "whole", true).loop.steps, 5);
  for (const std::string name : {"worlds.0", "sums.0", "failed.0", "critic_scale", "critic_optimizer.exp_avg"}) {
    Kill("run", 4, name);
    Change(name, 4, [&](policies::TensorFile& training) { EXPECT_EQ(training.tensors.erase(name), 1u); });
    const std::string refusal = RefusalOf([&] { Train(job, name, true); }), number = name.substr(name.find('.') + 1);
    EXPECT_NE(refusal.find(number), std::string::npos) << name << ": " << refusal;
    EXPECT_NE(refusal.find(Step(4)), std::string::npos) << refusal;
  }
}

// What reads has learned before it moves, and stays as it was: no gradient reaches it, and no decay.
TEST_F(Ppo, WhatReadsStaysAsItWasWhileMovingIsLearned) {
  PpoJob job = Tiny();
  job.ppo.checkpoint_every = 1;
  job.ppo.keep_checkpoints = 100;
  Train(job, "run");
  const auto before = Weights("run", 3), after = Weights("run", 11);
  int read = 0, moved = 0;
  for (const auto& [name, tensor] : before) {
    const bool same = tensor.bytes == after.at(name).bytes;
    if (name.starts_with("reader.")) {
      EXPECT_TRUE(same) << name;
      ++read;
    } else {
      moved += !same;
    }
  }
  EXPECT_GT(read, 10);
  EXPECT_GT(moved, 5);
}

bool Same(const std::map<std::string, policies::TensorData>& a, const std::map<std::string, policies::TensorData>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.bytes == y.second.bytes;
  });
}

TEST_F(Ppo, AnotherRunsPolicyGoesOnLearningAsSoonAsTheCriticHasBegun) {
  Train(Tiny(), "base");
  Train(FromBase(), "on");
  EXPECT_TRUE(Same(Weights("on", 2), Weights("base", 11))) << "the critic alone was to learn";
  EXPECT_FALSE(Same(Weights("on", 4), Weights("base", 11)));
  EXPECT_NE(Bytes("on", "checkpoints/" + Step(1) + "/training.safetensors"),
            Bytes("on", "checkpoints/" + Step(2) + "/training.safetensors"));
  for (const auto& [name, tensor] : Weights("base", 11)) {
    if (name.starts_with("reader.")) {
      EXPECT_EQ(Weights("on", 4).at(name).bytes, tensor.bytes) << name;
    }
  }
}

// The other run may be gone by then.
TEST_F(Ppo, ARunFromAnothersPolicyGoesOnAfterAnyCheckpoint) {
  Train(Tiny(), "base");
  const PpoJob job = FromBase();
  Train(job, "whole");
  fs::remove_all(folder_ / "base");
  for (const int kept : {1, 3}) {
    const std::string name = "killed" + std::to_string(kept);
    Kill("whole", kept, name);
    Train(job, name, true);
    for (const char* file : {"policy.safetensors", "training.safetensors", "state.json"})
      EXPECT_EQ(Bytes(name, "checkpoints/" + Step(4) + "/" + file),
                Bytes("whole", "checkpoints/" + Step(4) + "/" + file))
          << kept << " " << file;
  }
}

TEST_F(Ppo, WhatIsToBeKeptIsKeptCloser) {
  Train(Tiny(), "base");
  PpoJob job = FromBase();
  job.ppo.critic_warmup = 0;
  job.ppo.learning_rate = 1e-3;
  job.ppo.keep = 0.001;
  Train(job, "loose");
  job.ppo.keep = 100;
  Train(job, "tight");
  EXPECT_GT(LastOf("loose", "Policy/from_beginning"), 2 * LastOf("tight", "Policy/from_beginning"));
}

TEST_F(Ppo, APolicyToGoOnFromIsOneOfTheSameTaskAndCanRead) {
  Train(Tiny(), "base");
  PpoJob job = FromBase();
  EXPECT_EQ(job.policy.execute, 1);
  EXPECT_EQ(job.ppo.reading_steps, 0);
  job.ppo.from.clear();
  EXPECT_THROW(Train(job, "run"), Error) << "what nobody has taught to read cannot";
  PpoJob other = Tiny("pick_bin");
  EXPECT_THROW(BeginFrom((folder_ / "base").string(), other), Error) << "a policy for another task";
}

// What explores at first holds still at last.
TEST_F(Ppo, ActionsDeviateLessFromIterationToIteration) {
  PpoJob job = Tiny();
  job.ppo.iterations = 3;
  job.ppo.deviation = 0.4;
  job.ppo.last_deviation = 0.1;
  Train(job, "run");
  std::vector<double> deviations;
  std::istringstream lines(Bytes("run", "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json metrics = nlohmann::json::parse(line);
    if (metrics.contains("Policy/mean_deviation")) deviations.push_back(metrics["Policy/mean_deviation"]);
  }
  ASSERT_EQ(deviations.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(deviations[i], 0.4 * std::pow(0.5, i), 1e-6);
}

TEST_F(Ppo, APolicyThatPlansAheadIsRefused) {
  PpoJob job = Tiny();
  job.policy.chunk = 8;
  try {
    Train(job, "run");
    FAIL() << "learned from a chunk";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("policy.chunk"), std::string::npos) << error.what();
  }
}

// More worlds than one block holds: what two threads compute side by side is the same each time.
TEST_F(Ppo, BlocksOfWorldsAreComputedSideBySide) {
  PpoJob job = Tiny();
  job.ppo.worlds = 70;
  job.ppo.steps = 3;
  job.ppo.iterations = 2;
  Train(job, "first");
  Train(job, "again");
  const std::string file = "checkpoints/" + Step(5) + "/training.safetensors";
  EXPECT_EQ(Bytes("first", file), Bytes("again", file));
}

TEST_F(Ppo, ABenchTellsWhereTheTimeWentAndLeavesNothing) {
  PpoJob job = Tiny();
  job.ppo.iterations = 2;
  const nlohmann::json told = BenchPpo(job);
  EXPECT_GT(told["ratio_to_simulation"], 0.0);
  EXPECT_LT(told["ratio_to_simulation"], 1.0);
  EXPECT_GT(told["env_steps_per_s"], 0.0);
  EXPECT_GT(told["learning_s"], 0.0);
  EXPECT_GT(told["megaflops_per_step"], 0.0);
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path()))
    EXPECT_NE(entry.path().filename(), "genba-bench-ppo-" + std::to_string(::getpid()));
}

}  // namespace
}  // namespace genba::trainer
