#include "datasets/sampler.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/datasets/sample.h"

namespace genba::datasets {
namespace {

// Ten episodes of 4 to 6 steps, every second one a success.
class SamplerTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    WriteSample(folder_, 10, 4);
    dataset_ = std::make_unique<Dataset>(folder_);
  }
  Sampler Make(int batch, std::uint64_t seed = 1, bool only_success = false) const {
    return {*dataset_, SamplerConfig{.batch_size = batch, .chunk = 3, .seed = seed, .only_success = only_success}};
  }
  std::unique_ptr<Dataset> dataset_;
};

bool Same(const WindowBatch& a, const WindowBatch& b) {
  return a.obs == b.obs && a.actions == b.actions && a.mask == b.mask && a.text == b.text;
}

// First observations of the next `count` windows; all values of the sample differ, so that they name a window.
std::vector<float> TakeNames(Sampler& sampler, std::int64_t count) {
  WindowBatch batch;
  std::vector<float> names;
  while (static_cast<std::int64_t>(names.size()) < count) {
    sampler.Next(batch);
    for (std::size_t i = 0; i < batch.text.size(); ++i) names.push_back(batch.obs[i * 11]);
  }
  return names;
}

TEST_F(SamplerTest, EveryWindowComesOncePerEpoch) {
  Sampler sampler = Make(1);
  ASSERT_EQ(sampler.num_windows(), dataset_->num_steps());
  const std::vector<float> first = TakeNames(sampler, sampler.num_windows());
  const std::vector<float> second = TakeNames(sampler, sampler.num_windows());
  const std::set<float> names(first.begin(), first.end());
  EXPECT_EQ(names.size(), first.size());
  EXPECT_EQ(names, std::set<float>(second.begin(), second.end()));
  EXPECT_NE(first, second) << "epochs are ordered differently";
  EXPECT_EQ(sampler.state().epoch, 1u);
}

TEST_F(SamplerTest, TheOrderDoesNotDependOnTheBatchSize) {
  Sampler one = Make(1), seven = Make(7);
  std::vector<float> a = TakeNames(one, 140), b = TakeNames(seven, 140);
  EXPECT_EQ(a, b);
}

TEST_F(SamplerTest, WindowsArePaddedWithTheLastActionAndMasked) {
  Sampler sampler = Make(static_cast<int>(dataset_->num_steps()));
  WindowBatch batch;
  sampler.Next(batch);
  std::map<float, std::pair<int, std::size_t>> steps;  // first observation → episode and step
  for (int k = 0; k < dataset_->num_episodes(); ++k) {
    const Episode episode = dataset_->Read(k);
    for (std::size_t t = 0; t < static_cast<std::size_t>(episode.num_steps); ++t) steps[episode.obs[t * 11]] = {k, t};
  }
  for (std::size_t b = 0; b < batch.text.size(); ++b) {
    const auto [k, t] = steps.at(batch.obs[b * 11]);
    const Episode episode = dataset_->Read(k);
    EXPECT_EQ(sampler.texts()[static_cast<std::size_t>(batch.text[b])], episode.text);
    for (std::size_t h = 0; h < 3; ++h) {
      const bool real = t + h < static_cast<std::size_t>(episode.num_steps);
      const std::size_t source = real ? t + h : static_cast<std::size_t>(episode.num_steps) - 1;
      EXPECT_EQ(batch.mask[b * 3 + h], real ? 1 : 0);
      EXPECT_EQ(batch.actions[(b * 3 + h) * 2], episode.expert_actions[source * 2]);
    }
  }
}

TEST_F(SamplerTest, RestoringEqualsContinuing) {
  for (const int steps_before : {0, 1, 5, 6, 7, 40}) {
    Sampler sampler = Make(8);
    WindowBatch batch;
    for (int i = 0; i < steps_before; ++i) sampler.Next(batch);
    Sampler resumed = Make(8);
    resumed.Restore(sampler.state());
    WindowBatch other;
    for (int i = 0; i < 15; ++i) {
      sampler.Next(batch);
      resumed.Next(other);
      ASSERT_TRUE(Same(batch, other)) << steps_before << " + " << i;
    }
  }
  EXPECT_NE(RefusalOf([&] { Make(8).Restore({0, 1000}); }), "");
}

TEST_F(SamplerTest, SeedsGiveDifferentOrders) {
  Sampler a = Make(1, 1), b = Make(1, 2), c = Make(1, 1);
  const std::vector<float> order = TakeNames(a, 40);
  EXPECT_NE(order, TakeNames(b, 40));
  EXPECT_EQ(order, TakeNames(c, 40));
}

TEST_F(SamplerTest, FailuresTrainOnRequestAndFaultsNever) {
  EXPECT_EQ(Make(1, 1, true).num_windows(), 4 + 6 + 5 + 4 + 6);
  EXPECT_EQ(Make(1, 1, true).texts(), std::vector<std::string>{"go to the bolt"});
  const auto faulted = folder_ / "faulted";
  {
    DatasetWriter writer(faulted, SampleInfo(), 2);
    Episode episode = SampleEpisode(0);
    episode.fault = "diverged";
    writer.Append(episode);
    writer.Finish();
  }
  const Dataset dataset(faulted);
  EXPECT_NE(RefusalOf([&] { Sampler(dataset, SamplerConfig{.only_success = false}); }).find("without a fault"),
            std::string::npos);
}

// Pushed in its second step: what the labels say from the third step on is not known before that push is seen.
TEST_F(SamplerTest, LabelsBehindAPushThatIsNotSeenYetAreMasked) {
  const auto masks = [this](const std::string& policy, bool mask) {
    const auto folder = folder_ / (policy + std::to_string(mask));
    DatasetInfo info = SampleInfo();
    info.policy = policy;
    DatasetWriter writer(folder, info, 1);
    Episode episode = SampleEpisode(0);  // 4 steps
    episode.policy = policy;
    episode.actions = episode.expert_actions;
    episode.actions[2] += 1;
    writer.Append(episode);
    writer.Finish();
    const Dataset dataset(folder);
    Sampler sampler(dataset, {.batch_size = 4, .chunk = 3, .mask_unseen_pushes = mask});
    WindowBatch batch;
    sampler.Next(batch);
    std::map<float, std::vector<int>> by_start;
    for (std::size_t b = 0; b < 4; ++b)
      by_start[batch.obs[b * 11]] = {batch.mask[b * 3], batch.mask[b * 3 + 1], batch.mask[b * 3 + 2]};
    std::vector<std::vector<int>> in_order;
    for (const auto& [start, row] : by_start) in_order.push_back(row);
    return in_order;
  };
  const std::vector<std::vector<int>> whole{{1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 0, 0}};
  EXPECT_EQ(masks("expert", true), (std::vector<std::vector<int>>{{1, 1, 0}, {1, 0, 0}, {1, 1, 0}, {1, 0, 0}}));
  EXPECT_EQ(masks("expert", false), whole);
  EXPECT_EQ(masks("random", true), whole) << "nobody pushed it";
}

}  // namespace
}  // namespace genba::datasets
