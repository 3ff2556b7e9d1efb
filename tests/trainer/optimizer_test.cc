#include "trainer/optimizer.h"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/rng.h"
#include "trainer/sharded_optimizer.h"

namespace genba::trainer {
namespace {

constexpr int kNumbers = 37;

std::vector<float> Gradient(int step) {
  Rng rng(4, static_cast<std::uint64_t>(step), "gradient");
  std::vector<float> gradient(kNumbers);
  for (float& value : gradient)
    value = static_cast<float>(rng.Normal()) * (step % 3 == 0 ? 5.0f : 0.05f);  // clipped, and not
  return gradient;
}
void Fill(const at::Tensor& gradient, int step) { gradient.copy_(at::tensor(Gradient(step))); }

// Loshchilov and Hutter 2019, algorithm 2, in double, one number at a time.
struct PlainAdamW {
  std::vector<double> x = std::vector<double>(kNumbers, 0.5), m = std::vector<double>(kNumbers),
                      v = std::vector<double>(kNumbers);
  double Step(int step, const AdamWConfig& config, double rate) {
    const std::vector<float> g = Gradient(step);
    double norm = 0;
    for (const float value : g) norm += static_cast<double>(value) * value;
    norm = std::sqrt(norm);
    const double scale = std::min(1.0, config.clip_norm / (norm + 1e-6));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double gi = g[i] * scale;
      x[i] -= rate * config.weight_decay * x[i];
      m[i] = config.beta1 * m[i] + (1 - config.beta1) * gi;
      v[i] = config.beta2 * v[i] + (1 - config.beta2) * gi * gi;
      const double m_hat = m[i] / (1 - std::pow(config.beta1, step)), v_hat = v[i] / (1 - std::pow(config.beta2, step));
      x[i] -= rate * m_hat / (std::sqrt(v_hat) + config.epsilon);
    }
    return norm;
  }
};

TEST(FlatAdamW, EqualsThePlainFormulaWithClipping) {
  const at::Tensor flat = at::full({kNumbers}, 0.5, at::kFloat), gradient = at::zeros({kNumbers}, at::kFloat);
  const AdamWConfig config{.weight_decay = 0.1};
  FlatAdamW optimizer(flat, gradient, config);
  PlainAdamW plain;
  for (int step = 1; step <= 50; ++step) {
    Fill(gradient, step);
    const double norm = optimizer.Step(1e-2).item<double>();
    EXPECT_NEAR(norm, plain.Step(step, config, 1e-2), 1e-4);
    EXPECT_EQ(gradient.abs().sum().item<float>(), 0);
  }
  for (int i = 0; i < kNumbers; ++i) EXPECT_NEAR(flat[i].item<double>(), plain.x[static_cast<std::size_t>(i)], 1e-5);
}

TEST(FlatAdamW, SavedAndRestoredContinuesWithTheSameBits) {
  const auto run = [](int restore_at) {
    at::Tensor flat = at::full({kNumbers}, 0.5, at::kFloat), gradient = at::zeros({kNumbers}, at::kFloat);
    auto optimizer = std::make_unique<FlatAdamW>(flat, gradient, AdamWConfig{});
    for (int step = 1; step <= 20; ++step) {
      if (step == restore_at) {
        policies::TensorFile file;
        optimizer->Save(file);
        optimizer = std::make_unique<FlatAdamW>(flat, gradient, AdamWConfig{});
        optimizer->Restore(file, "saved", step - 1);
      }
      Fill(gradient, step);
      optimizer->Step(1e-2);
    }
    return std::vector<float>(flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + kNumbers);
  };
  const std::vector<float> uninterrupted = run(-1);
  EXPECT_EQ(run(7), uninterrupted);
  EXPECT_EQ(run(20), uninterrupted);
}

TEST(FlatAdamW, AMissingOrForeignMomentIsNamed) {
  const at::Tensor flat = at::zeros({4}, at::kFloat), gradient = at::zeros({4}, at::kFloat),
                   longer = at::zeros({5}, at::kFloat);
  policies::TensorFile file;
  FlatAdamW(longer, longer, {}).Save(file);
  FlatAdamW optimizer(flat, gradient, {});
  EXPECT_THROW(optimizer.Restore(file, "saved", 1), Error);
  file.tensors.erase("optimizer.exp_avg_sq");
  EXPECT_THROW(optimizer.Restore(file, "saved", 1), Error);
}

at::Tensor Stepped(int shards) {
  const at::Tensor flat = WithRoom(at::full({kNumbers}, 0.5, at::kFloat), shards),
                   gradient = WithRoom(at::zeros({kNumbers}, at::kFloat), shards);
  SelfComm alone;
  ShardedAdamW optimizer(alone, shards, flat, gradient, {});
  for (int step = 1; step <= 20; ++step) {
    Fill(gradient, step);
    optimizer.Step(1e-2);
  }
  return flat;
}

// Several ranks: learner_ranks_test.cc.
TEST(ShardedAdamW, OneShardIsFlatAdamWBitForBitAndMoreAreAboutIt) {
  const at::Tensor flat = at::full({kNumbers}, 0.5, at::kFloat), gradient = at::zeros({kNumbers}, at::kFloat);
  FlatAdamW plain(flat, gradient, {});
  for (int step = 1; step <= 20; ++step) {
    Fill(gradient, step);
    plain.Step(1e-2);
  }
  EXPECT_TRUE(Stepped(1).equal(flat));
  EXPECT_TRUE(Stepped(4).allclose(flat, 1e-5));
}

TEST(ShardedAdamW, NothingIsUpdatedByAGradientThatIsNotFinite) {
  const at::Tensor flat = WithRoom(at::full({kNumbers}, 0.5, at::kFloat), 1), before = flat.clone(),
                   gradient = WithRoom(at::zeros({kNumbers}, at::kFloat), 1);
  SelfComm alone;
  ShardedAdamW optimizer(alone, 1, flat, gradient, {});
  gradient[5] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(std::isfinite(optimizer.Step(1e-2)));
  EXPECT_EQ(optimizer.culprits(), std::vector<int>{0});
  EXPECT_TRUE(flat.equal(before));
  EXPECT_EQ(optimizer.step(), 0);
  EXPECT_TRUE(gradient.equal(at::zeros_like(gradient)));
  Fill(gradient, 1);
  EXPECT_TRUE(std::isfinite(optimizer.Step(1e-2)));
  EXPECT_TRUE(optimizer.culprits().empty());
  EXPECT_FALSE(flat.equal(before));
}

TEST(WarmupCosine, RisesToThePeakAndEndsAtItsShare) {
  EXPECT_DOUBLE_EQ(WarmupCosine(0, 10, 100, 1e-3, 0.1), 1e-4);
  EXPECT_DOUBLE_EQ(WarmupCosine(9, 10, 100, 1e-3, 0.1), 1e-3);
  EXPECT_DOUBLE_EQ(WarmupCosine(10, 10, 100, 1e-3, 0.1), 1e-3);
  EXPECT_NEAR(WarmupCosine(55, 10, 100, 1e-3, 0.1), 0.55e-3, 1e-12);
  EXPECT_NEAR(WarmupCosine(100, 10, 100, 1e-3, 0.1), 1e-4, 1e-12);
  EXPECT_NEAR(WarmupCosine(1000, 10, 100, 1e-3, 0.1), 1e-4, 1e-12);
}

}  // namespace
}  // namespace genba::trainer
