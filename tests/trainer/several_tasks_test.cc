// Laws of a policy for several tasks: it learns from data sets of each, acts in each, and its orders of one are not refused
// in another.
#include <gtest/gtest.h>

#include "envs/scene.h"
#include "policies/policy.h"
#include "tests/refusal.h"
#include "tests/trainer/few_episodes.h"
#include "tests/trainer/ppo_runs.h"
#include "tests/trainer/toy_cloning.h"
#include "trainer/evaluate.h"

namespace genba::trainer {
namespace {

class SeveralTasks : public Ppo {
 protected:
  std::string Collected(const std::string& task) const {
    CollectFew(folder_ / task, {.task = task, .episodes = 3});
    return (folder_ / task).string();
  }
  void CloneFrom(const std::vector<std::string>& data, const std::string& name, bool resume = false) const {
    Clone({folder_ / name,
           data,
           {"trainer.steps=4", "trainer.batch=16", "trainer.warmup=1", "trainer.reading_texts=60",
            "trainer.calibration_texts=60", "trainer.threads=1", "trainer.checkpoint_every=2", "policy.chunk=1",
            "policy.execute=1", "policy.trunk_width=32", "policy.backbone=bag_of_words"},
           resume});
  }
  std::string Run(const std::string& name) const { return (folder_ / name).string(); }
};

TEST_F(SeveralTasks, OnePolicyLearnsFromAllAndActsInEach) {
  const std::vector<std::string> data{Collected("reach"), Collected("pick_bin")};
  CloneFrom(data, "run");
  for (const std::string task : {"reach", "pick_bin"}) {
    EvalConfig config;
    config.task = task;
    config.policy = Run("run");
    config.episodes = 2;
    config.threads = 1;
    config.probes = false;
    const Evaluation evaluation = Evaluate(config);
    EXPECT_EQ(evaluation.Find("train")->size(), 2u) << task;
    EXPECT_EQ(evaluation.policy.tasks, (std::vector<std::string>{"pick_bin", "reach"}));
  }
  CloneFrom({data.front()}, "one");
  const std::string refusal = RefusalOf([&] { policies::LoadPolicy(Run("one"), envs::SpecOf("pick_bin"), 1); });
  EXPECT_NE(refusal.find("a policy for task pick_bin"), std::string::npos) << refusal;  // the control
}

TEST_F(SeveralTasks, KilledAndResumedGivesTheSameBytes) {
  const std::vector<std::string> data{Collected("reach"), Collected("pick_bin")};
  CloneFrom(data, "whole");
  Kill("whole", 2, "killed");
  CloneFrom(data, "killed", true);
  for (const char* file : {"policy.safetensors", "training.safetensors", "state.json"})
    EXPECT_EQ(Bytes("killed", "checkpoints/" + Step(4) + "/" + file),
              Bytes("whole", "checkpoints/" + Step(4) + "/" + file));
}

// In the worlds of one of its tasks, with that one's rewards and causes; what it can be told stays what it was.
TEST_F(SeveralTasks, GoesOnLearningInTheWorldsOfOne) {
  CloneFrom({Collected("pick_bin"), Collected("reach")}, "base");
  PpoJob job = FromBase();
  job.policy.features.backbone = "bag_of_words";
  Train(job, "on");
  const policies::Checkpoint last = policies::LoadCheckpoint(Checkpoint("on", 4), false);
  EXPECT_EQ(policies::GetManifest(last.policy, "x").spec.task, "pick_bin+reach");
  const std::string metrics = Bytes("on", "metrics.jsonl");
  EXPECT_NE(metrics.find("Episode_Reward/upright"), std::string::npos);
  EXPECT_EQ(metrics.find("Episode_Reward/carry"), std::string::npos);
}

}  // namespace
}  // namespace genba::trainer
