// The reference of the window gather for devices takes the windows that datasets::Sampler takes, normalised.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>

#include "datasets/sampler.h"
#include "tests/datasets/sample.h"
#include "tests/trainer/windows.h"

namespace genba::trainer {
namespace {

float FromBFloat16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

// One epoch of a sample whose expert was pushed; the order of its windows is Rng(seed, epoch, "sampler")'s.
class WindowGather : public datasets::FolderTest {
 protected:
  static constexpr int kObs = 11, kAction = 2, kChunk = 3;
  void SetUp() override {
    FolderTest::SetUp();
    datasets::WriteSample(folder_, 6, 4);
  }
};

TEST_F(WindowGather, TakesTheSamplersWindowsNormalised) {
  const datasets::Dataset dataset(folder_);
  std::vector<std::int64_t> episode_end;
  std::vector<std::uint8_t> pushed;
  const auto see = [&](const datasets::Episode& e) {
    episode_end.resize(episode_end.size() + static_cast<std::size_t>(e.num_steps),
                       static_cast<std::int64_t>(episode_end.size()) + e.num_steps);
    for (std::size_t i = 0; i < e.actions.size(); i += kAction)
      pushed.push_back(e.actions[i] != e.expert_actions[i] || e.actions[i + 1] != e.expert_actions[i + 1] ? 1 : 0);
  };
  const int windows = static_cast<int>(dataset.num_steps());
  datasets::Sampler sampler(
      dataset, {.batch_size = windows, .chunk = kChunk, .seed = 5, .only_success = false, .mask_unseen_pushes = true},
      see);
  datasets::WindowBatch batch;
  sampler.Next(batch);
  std::vector<std::int64_t> start(static_cast<std::size_t>(windows));
  std::iota(start.begin(), start.end(), std::int64_t{0});
  Rng(5, 0, "sampler").Shuffle(start);

  const std::vector<float> obs_mean = WindowSample::Random(kObs, 1), obs_scale = WindowSample::Positive(kObs, 2),
                           action_mean = WindowSample::Random(kAction, 3),
                           action_scale = WindowSample::Positive(kAction, 4);
  std::vector<float> obs(batch.obs.size()), actions(batch.actions.size()), mask(batch.mask.size());
  GatherWindowsHere(
      {windows, kObs, kAction, sampler.observations().data(), sampler.actions().data(), episode_end.data(),
       pushed.data(), obs_mean.data(), obs_scale.data(), action_mean.data(), action_scale.data()},
      {windows, kChunk, start.data(), Cast::kFloat, obs.data(), actions.data(), mask.data()});
  for (std::size_t i = 0; i < obs.size(); ++i)
    ASSERT_EQ(obs[i], (batch.obs[i] - obs_mean[i % kObs]) / obs_scale[i % kObs]) << i;
  for (std::size_t i = 0; i < actions.size(); ++i)
    ASSERT_EQ(actions[i], (batch.actions[i] - action_mean[i % kAction]) / action_scale[i % kAction]) << i;
  for (std::size_t i = 0; i < mask.size(); ++i) ASSERT_EQ(mask[i], static_cast<float>(batch.mask[i])) << i;
}

TEST(WindowGatherMask, StopsBehindAPushAndAnEpisodesEnd) {
  const WindowSample sample;
  const Gathered<float> found(sample, Cast::kFloat);
  const std::vector<float> expected{1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0,
                                    1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0};
  EXPECT_EQ(found.mask, expected);
}

// The nearest of 8 bits: half of the last one's worth away at most.
TEST(WindowGatherCast, RoundsToTheNearestBFloat16) {
  const WindowSample sample;
  const Gathered<float> exact(sample, Cast::kFloat);
  const Gathered<std::uint16_t> rounded(sample, Cast::kBFloat16);
  for (std::size_t i = 0; i < exact.obs.size(); ++i)
    EXPECT_LE(std::abs(FromBFloat16(rounded.obs[i]) - exact.obs[i]), std::ldexp(std::abs(exact.obs[i]), -8))
        << exact.obs[i];
}

}  // namespace
}  // namespace genba::trainer
