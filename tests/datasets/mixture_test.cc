// Laws of a mixture: one source is its Sampler; each source has its share of every batch, in an order of its own.
#include "datasets/mixture.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/datasets/sample.h"

namespace genba::datasets {
namespace {

constexpr std::size_t kObsDim = 11;

// Two data sets of ten and of six episodes whose values differ.
class MixtureTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    WriteSample(folder_ / "a", 10, 4);
    DatasetWriter writer(folder_ / "b", SampleInfo(), 4);
    for (std::uint64_t k = 0; k < 6; ++k) {
      Episode episode = SampleEpisode(k);
      for (float& value : episode.obs) value += 1e6f;
      episode.text = "other words";
      writer.Append(episode);
    }
    writer.Finish();
    a_.emplace(folder_ / "a"), b_.emplace(folder_ / "b");
  }
  Mixture Make(double weight_a, double weight_b, int batch = 8, std::uint64_t seed = 1) const {
    const std::vector<Source> sources{{&*a_, weight_a, false}, {&*b_, weight_b, false}};
    return {sources, {.batch_size = batch, .chunk = 3, .seed = seed}};
  }
  std::optional<Dataset> a_, b_;
};

bool Same(const WindowBatch& a, const WindowBatch& b) {
  return a.obs == b.obs && a.actions == b.actions && a.mask == b.mask && a.text == b.text && a.episode == b.episode;
}

TEST(ShareOut, AddsUpToTheBatchAndIsNearest) {
  EXPECT_EQ(ShareOut(256, std::vector<double>{0.7, 0.3}), (std::vector<int>{179, 77}));
  EXPECT_EQ(ShareOut(3, std::vector<double>{1, 1}), (std::vector<int>{2, 1})) << "a tie is the first one's";
  EXPECT_EQ(ShareOut(10, std::vector<double>{1, 1, 1}), (std::vector<int>{4, 3, 3}));
  EXPECT_EQ(ShareOut(4, std::vector<double>{1000, 1}), (std::vector<int>{4, 0}));
  EXPECT_EQ(ShareOut(7, std::vector<double>{2}), std::vector<int>{7});
}

TEST_F(MixtureTest, OneSourceIsItsSampler) {
  const SamplerConfig config{.batch_size = 8, .chunk = 3, .seed = 5, .only_success = false};
  Sampler sampler(*a_, config);
  Mixture mixture(std::vector<Source>{{&*a_, 0.3, false}}, config);
  EXPECT_EQ(mixture.texts(), sampler.texts());
  WindowBatch one, other;
  for (int i = 0; i < 20; ++i) {
    sampler.Next(one);
    mixture.Next(other);
    ASSERT_TRUE(Same(one, other)) << i;
  }
}

TEST_F(MixtureTest, EachSourceHasItsRowsOfEveryBatch) {
  Mixture mixture = Make(3, 1);
  EXPECT_EQ(mixture.rows(), (std::vector<int>{6, 2}));
  WindowBatch batch;
  for (int i = 0; i < 10; ++i) {
    mixture.Next(batch);
    ASSERT_EQ(batch.text.size(), 8u);
    for (std::size_t row = 0; row < 8; ++row) {
      const bool of_b = batch.obs[row * kObsDim] >= 1e6f;
      EXPECT_EQ(of_b, row >= 6);
      EXPECT_EQ(of_b, batch.episode[row] >= 10) << "episodes are numbered through the sources";
      EXPECT_EQ(of_b, mixture.texts()[static_cast<std::size_t>(batch.text[row])] == "other words");
    }
  }
}

TEST_F(MixtureTest, WithoutWeightsEachHasAsManyAsItHasWindows) {
  const Mixture mixture = Make(0, 0, 160);
  EXPECT_EQ(mixture.rows(), ShareOut(160, std::vector<double>{static_cast<double>(a_->num_steps()),
                                                              static_cast<double>(b_->num_steps())}));
}

// What stands beside a source changes neither its order nor its windows.
TEST_F(MixtureTest, AnOrderIsTheSourcesOwn) {
  const auto first_of_a = [&](double weight_b) {
    Mixture mixture = Make(1, weight_b, 8);
    std::vector<float> names;
    WindowBatch batch;
    while (names.size() < 60) {
      mixture.Next(batch);
      for (int row = 0; row < mixture.rows()[0]; ++row)
        names.push_back(batch.obs[static_cast<std::size_t>(row) * kObsDim]);
    }
    names.resize(60);
    return names;
  };
  EXPECT_EQ(first_of_a(1), first_of_a(3));
}

TEST_F(MixtureTest, OneDataSetTwiceIsNotTheSameWindowsTwice) {
  Mixture mixture(std::vector<Source>{{&*a_, 1, false}, {&*a_, 1, false}}, {.batch_size = 20, .chunk = 3});
  WindowBatch batch;
  mixture.Next(batch);
  const auto half = batch.obs.begin() + static_cast<std::ptrdiff_t>(10 * kObsDim);
  EXPECT_FALSE(std::equal(batch.obs.begin(), half, half));
}

TEST_F(MixtureTest, RestoringEqualsContinuing) {
  Mixture mixture = Make(2, 1);
  WindowBatch batch, other;
  for (int i = 0; i < 13; ++i) mixture.Next(batch);
  Mixture resumed = Make(2, 1);
  resumed.Restore(mixture.state());
  for (int i = 0; i < 15; ++i) {
    mixture.Next(batch);
    resumed.Next(other);
    ASSERT_TRUE(Same(batch, other)) << i;
  }
}

TEST_F(MixtureTest, AShareThatIsNoRowIsRefused) {
  EXPECT_NE(RefusalOf([&] { Make(1000, 1); }).find("b: weight: expected a share of at least one window"),
            std::string::npos);
}

TEST_F(MixtureTest, EpisodesAreChosenBySource) {
  const std::vector<Source> sources{{&*a_, 1, true}, {&*b_, 1, false}};
  const Mixture mixture(sources, {.batch_size = 8, .chunk = 3});
  EXPECT_LT(mixture.samplers()[0].num_windows(), a_->num_steps());
  EXPECT_EQ(mixture.samplers()[1].num_windows(), b_->num_steps());
}

}  // namespace
}  // namespace genba::datasets
