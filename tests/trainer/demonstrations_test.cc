// Laws of what is learned from: known by content, in order; saved and restored it goes on; what does not fit is refused.
#include "trainer/demonstrations.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "few_episodes.h"
#include "scratch.h"
#include "tests/refusal.h"

namespace genba::trainer {
namespace {

class DemonstrationsTest : public ScratchTest {
 protected:
  std::string Collected(const std::string& name, const std::string& task, const std::string& policy) {
    CollectFew(folder_ / name, {task, policy, 3});
    return (folder_ / name).string();
  }
  TrainJob Both() {
    TrainJob job;
    job.data = {Collected("expert", "reach", "expert"), Collected("others", "reach", "random")};
    job.trainer.batch = 32;
    job.trainer.episodes = {"success", "all"};
    return job;
  }
};

TEST_F(DemonstrationsTest, SavedAndRestoredGoesOn) {
  const TrainJob job = Both();
  Demonstrations whole(job), resumed(job);
  datasets::WindowBatch batch, other;
  for (int i = 0; i < 5; ++i) whole.windows().Next(batch);
  nlohmann::json state;
  whole.Save(state);
  resumed.CheckSame(state, "state.json");
  resumed.Restore(state, "state.json");
  EXPECT_EQ(resumed.NextRows(), whole.NextRows());
  whole.windows().Next(batch);
  resumed.windows().Next(other);
  EXPECT_EQ(batch.obs, other.obs);
  EXPECT_EQ(batch.episode, other.episode);
}

TEST_F(DemonstrationsTest, PlansAreThoseOfTheSampledEpisodes) {
  const TrainJob job = Both();
  const Demonstrations shown(job);
  std::size_t episodes = 0;
  for (const datasets::Sampler& sampler : shown.windows().samplers())
    episodes += static_cast<std::size_t>(sampler.num_episodes());
  EXPECT_EQ(shown.plans().size(), episodes);
  EXPECT_GT(shown.windows().samplers()[1].num_windows(), 0) << "failures were asked for";
}

// Whoever acted: the labels are the expert's, and none is masked as a push.
TEST_F(DemonstrationsTest, EpisodesOfOthersCarryTheExpertsLabels) {
  TrainJob job = Both();
  job.data = {job.data[1]};
  job.trainer.episodes = {"all"};
  Demonstrations shown(job);
  const datasets::Dataset dataset(job.data[0]);
  const datasets::Episode episode = dataset.Read(0);
  EXPECT_NE(episode.actions, episode.expert_actions);
  const auto labels = shown.windows().samplers()[0].actions();
  EXPECT_TRUE(std::equal(episode.expert_actions.begin(), episode.expert_actions.end(), labels.begin()));
  datasets::WindowBatch batch;
  shown.windows().Next(batch);
  EXPECT_EQ(std::count(batch.mask.begin(), batch.mask.begin() + job.policy.chunk, 0), 0);
}

TEST_F(DemonstrationsTest, OtherDataOrAnotherOrderAreRefused) {
  TrainJob job = Both();
  nlohmann::json state;
  Demonstrations(job).Save(state);
  const nlohmann::json good = state;
  state["samplers"].erase(0);
  Demonstrations shown(job);
  EXPECT_NE(RefusalOf([&] { shown.Restore(state, "state.json"); }).find("samplers: expected 2, one a data set, got 1"),
            std::string::npos);
  std::swap(job.data[0], job.data[1]);
  job.trainer.episodes = {"all"};
  EXPECT_NE(RefusalOf([&] { Demonstrations(job).CheckSame(good, "state.json"); }).find("run.data"), std::string::npos);
}

TEST_F(DemonstrationsTest, WhatDoesNotFitIsRefusedByName) {
  TrainJob job = Both();
  const auto refusal = [&](const TrainJob& wrong) { return RefusalOf([&] { const Demonstrations shown(wrong); }); };
  TrainJob wrong = job;
  wrong.trainer.weights = {0.7};
  EXPECT_NE(refusal(wrong).find("trainer.weights: expected none, or one for each data set (2), got 1"),
            std::string::npos);
  wrong = job;
  wrong.trainer.episodes = {};
  EXPECT_NE(refusal(wrong).find("trainer.episodes"), std::string::npos);
  wrong = job;
  wrong.data.clear();
  EXPECT_NE(refusal(wrong).find("--data"), std::string::npos);
}

}  // namespace
}  // namespace genba::trainer
