// Laws of PPO that corrects another policy's plans: what it corrects stays as it is, it begins as that one, and any stops
// in between change nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "envs/scene.h"
#include "policies/network.h"
#include "tests/refusal.h"
#include "tests/trainer/few_episodes.h"
#include "tests/trainer/ppo_runs.h"
#include "tests/trainer/toy_cloning.h"
#include "trainer/tensors.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;

class PpoCorrection : public Ppo {
 protected:
  // A policy that plays three actions of every four that it plans.
  void CloneBase(const std::string& head) const {
    CollectFew(folder_ / "data");
    Clone({folder_ / "base",
           {(folder_ / "data").string()},
           {"trainer.steps=2", "trainer.batch=16", "trainer.warmup=1", "trainer.reading_texts=60",
            "trainer.calibration_texts=60", "trainer.threads=1", "policy.chunk=4", "policy.execute=3",
            "policy.trunk_width=32", "policy.head=" + head}});
  }
  PpoJob Correcting() const {
    PpoJob job = FromBase(BeginCorrecting);
    job.policy.residual_width = 16;
    job.ppo.critic_warmup = 1;
    return job;
  }
};

bool IsCorrection(const std::string& name) { return name.starts_with(policies::kCorrection); }

TEST_F(PpoCorrection, WhatItCorrectsStaysAsItIs) {
  for (const std::string head : {"chunk", "flow"}) {
    SetUp();
    CloneBase(head);
    const PpoJob job = Correcting();
    EXPECT_EQ(job.policy.execute, 3);
    Train(job, "on");
    const auto base = Weights("base", 2), before = Weights("on", 1), after = Weights("on", 4);
    int corrections = 0, moved = 0;
    for (const auto& [name, tensor] : after) {
      if (!IsCorrection(name)) {
        EXPECT_EQ(tensor.bytes, base.at(name).bytes) << head << " " << name;
        continue;
      }
      ++corrections;
      moved += tensor.bytes != before.at(name).bytes;
    }
    EXPECT_EQ(corrections, 4) << head;
    EXPECT_EQ(after.size(), base.size() + 4) << head;
    EXPECT_EQ(moved, 4) << head;
    const policies::TensorData& last = before.at("correction.second.weight");  // the critic alone has learned
    EXPECT_EQ(last.bytes, std::string(last.bytes.size(), '\0')) << "it begins as what it corrects";
  }
}

// Sixteen steps of plans of three: every checkpoint lies within a plan.
TEST_F(PpoCorrection, KilledAfterAnyCheckpointAndResumedGivesTheSameBytes) {
  CloneBase("flow");
  const PpoJob job = Correcting();
  Train(job, "whole");
  fs::remove_all(folder_ / "base");
  const auto differs = [&](const std::string& name) {
    Train(job, name, true);
    return Bytes(name, "checkpoints/" + Step(4) + "/training.safetensors") !=
           Bytes("whole", "checkpoints/" + Step(4) + "/training.safetensors");
  };
  for (const int kept : {1, 2, 3}) {
    const std::string name = "killed" + std::to_string(kept);
    Kill("whole", kept, name);
    EXPECT_FALSE(differs(name)) << kept;
  }
  Kill("whole", 1, "forgets");  // the control: what is left of a plan is played
  int plans = 0;
  Change("forgets", 1, [&](policies::TensorFile& training) {
    plans =
        static_cast<int>(std::erase_if(training.tensors, [](const auto& x) { return x.first.starts_with("plan."); }));
  });
  EXPECT_GT(plans, 0);
  EXPECT_TRUE(differs("forgets"));
}

TEST_F(PpoCorrection, APlanThatIsNoneIsRefused) {
  CloneBase("chunk");
  const PpoJob job = Correcting();
  Train(job, "whole");
  for (const double action : {2.0, std::nan("")}) {
    const std::string name = "of " + std::to_string(action);
    Kill("whole", 1, name);
    Change(name, 1, [&](policies::TensorFile& training) {
      for (auto& [key, tensor] : training.tensors) {
        if (!key.starts_with("plan.")) continue;
        double* numbers = reinterpret_cast<double*>(tensor.bytes.data());
        numbers[0] = action;
      }
    });
    const std::string refusal = RefusalOf([&] { Train(job, name, true); });
    EXPECT_NE(refusal.find("plan."), std::string::npos) << refusal;
  }
}

// What is left of it is what a plan of three has left after the steps of the episode, not of the run.
TEST_F(PpoCorrection, AnEpisodeBeginsWithAPlanOfItsOwn) {
  CloneBase("chunk");
  PpoJob job = Correcting();
  job.ppo.steps = 70;
  job.ppo.iterations = 2;
  Train(job, "run");
  const policies::TensorFile saved = policies::LoadCheckpoint(Checkpoint("run", 2), true).training;
  const EnvSpec spec = envs::SpecOf("reach");
  int shifted = 0;
  for (int world = 0; world < job.ppo.worlds; ++world) {
    const int steps =
        static_cast<int>(DoublesOf(saved, "sums." + std::to_string(world)).at(spec.reward_terms.size() + 1));
    const auto left = static_cast<int>(DoublesOf(saved, "plan." + std::to_string(world)).size());
    EXPECT_EQ(left, (3 - steps % 3) % 3 * spec.action_dim()) << world << " after " << steps;
    shifted += (2 * job.ppo.steps - steps) % 3 != 0;  // an episode before it did not end with a plan
  }
  EXPECT_GT(shifted, 0);
}

TEST_F(PpoCorrection, GoesOnFromOneThatCorrectsAlready) {
  CloneBase("chunk");
  Train(Correcting(), "first");
  PpoJob job = Correcting(), begun = Tiny();
  BeginFrom((folder_ / "first").string(), begun);
  EXPECT_EQ(begun.policy.residual_width, 16);
  EXPECT_EQ(begun.policy.execute, 3);
  job.ppo.from = begun.ppo.from;
  Train(job, "second");
  const auto first = Weights("first", 4), second = Weights("second", 1);
  for (const auto& [name, tensor] : second) EXPECT_EQ(tensor.bytes, first.at(name).bytes) << name;
}

TEST_F(PpoCorrection, WhereThereIsNothingToCorrectItIsRefused) {
  PpoJob job = Tiny();
  job.policy.residual_width = 16;
  EXPECT_NE(RefusalOf([&] { Train(job, "run"); }).find("policy.residual_width"), std::string::npos);
  CloneBase("flow");
  PpoJob plain = Tiny();
  BeginFrom((folder_ / "base").string(), plain);
  EXPECT_NE(RefusalOf([&] { Train(plain, "flow"); }).find("--residual"), std::string::npos);
}

}  // namespace
}  // namespace genba::trainer
