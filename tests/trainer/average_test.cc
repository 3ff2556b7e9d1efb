// What acts is the moving average of the weights: each checkpoint's follows from the one before by the formula.
#include <ATen/ops/lerp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "few_episodes.h"
#include "policies/checkpoint.h"
#include "policies/network.h"
#include "scratch.h"
#include "toy_cloning.h"

namespace genba::trainer {
namespace {

class Average : public ScratchTest {
 protected:
  policies::Checkpoint Trained(int step) const {
    char name[16];
    std::snprintf(name, sizeof name, "step-%08d", step);
    return policies::LoadCheckpoint(folder_ / "run" / "checkpoints" / name, true);
  }
  static at::Tensor Of(const policies::Checkpoint& checkpoint, const char* key) {
    return policies::FromTensorData(checkpoint.training.tensors.at(key), "training", key);
  }
};

TEST_F(Average, OfTheWeightsIsWhatActs) {
  CollectFew(folder_ / "data");
  Clone({folder_ / "run",
         {(folder_ / "data").string()},
         {"trainer.steps=4", "trainer.batch=16", "trainer.checkpoint_every=1", "trainer.warmup=1",
          "trainer.keep_checkpoints=9", "trainer.threads=1", "trainer.ema=0.2", "policy.width=16",
          "policy.attention_heads=2", "policy.trunk_width=16"}});
  for (int step = 2; step <= 4; ++step) {
    const policies::Checkpoint checkpoint = Trained(step);
    // A short memory at first: 2/11, then 3/12 and 4/13 are over the setting.
    const double decay = std::min(0.2, step / (step + 9.0));
    const at::Tensor weights = Of(checkpoint, "weights"), average = Of(checkpoint, "average");
    EXPECT_TRUE(at::lerp(Of(Trained(step - 1), "average"), weights, 1 - decay).equal(average)) << step;
    EXPECT_FALSE(average.equal(weights));  // the control
    const policies::Manifest manifest = policies::GetManifest(checkpoint.policy, "policy");
    const policies::Network network(manifest.spec, manifest.config, manifest.text, manifest.normalizer);
    EXPECT_TRUE(network.layout().FromFile(checkpoint.policy, "policy").equal(average)) << step;
  }
}

}  // namespace
}  // namespace genba::trainer
