// What learners share out among ranks: the optimiser's moments, and steps that are skipped (learner_ranks.cc does the
// work). Several ranks are skipped, visibly, where there is no mpirun or no network namespace.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/json.h"
#include "few_episodes.h"
#include "policies/checkpoint.h"
#include "scratch.h"
#include "tests/ranks_here.h"
#include "trainer/metrics.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class LearnerRanks : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    if (const char* why = NoRanksHere()) GTEST_SKIP() << why;
  }
  int Run(const std::string& words, const std::string& before = "") const {
    const std::string command = before + " " + LEARNER_RANKS + " " + words + " 2>" + (folder_ / "stderr").string();
    return WEXITSTATUS(std::system(command.c_str()));
  }
  std::string Err() const { return Slurp(folder_ / "stderr"); }
};

class Moments : public LearnerRanks {
 protected:
  // Of steps (from, to] on so many ranks, what is then saved.
  std::string Step(int ranks, int from, int to) const {
    std::ostringstream words;
    words << "optimizer " << ranks << " " << folder_.string() << " " << from << " " << to;
    EXPECT_EQ(Run(words.str()), 0) << Err();
    return Slurp(folder_ / (std::to_string(to) + ".safetensors"));
  }
  int BytesOf(int rank) const { return std::stoi(Slurp(folder_ / ("bytes-" + std::to_string(rank)))); }
};

TEST_F(Moments, AreTheSameBitsOnOneTwoAndFourRanks) {
  const std::string one = Step(1, 0, 20);
  EXPECT_GT(one.size(), 3 * 4 * 1003u);
  EXPECT_EQ(Step(2, 0, 20), one);
  EXPECT_EQ(Step(4, 0, 20), one);
  EXPECT_NE(Step(1, 0, 19), one);  // the control: steps count
}

TEST_F(Moments, OfAnyNumberOfRanksGoOnOnAnyOther) {
  Step(1, 0, 10);
  const std::string whole = Step(1, 10, 20);
  for (const auto& [before, after] : {std::pair(4, 2), std::pair(2, 1), std::pair(1, 4)}) {
    Step(before, 0, 10);
    EXPECT_EQ(Step(after, 10, 20), whole) << before << " ranks, then " << after;
  }
}

TEST_F(Moments, ARankKeepsItsPartOnly) {
  Step(1, 0, 1);
  const int whole = BytesOf(0);
  EXPECT_GE(whole, 2 * 4 * 1003);
  for (const int ranks : {2, 4}) {
    Step(ranks, 0, 1);
    for (int rank = 0; rank < ranks; ++rank) EXPECT_EQ(BytesOf(rank) * ranks, whole) << rank << " of " << ranks;
  }
}

class Skipped : public LearnerRanks {
 protected:
  void SetUp() override {
    LearnerRanks::SetUp();
    if (IsSkipped()) return;
    CollectFew(folder_ / "data");
  }
  // BC of 12 steps; rank's gradient is not finite from first to last.
  int Train(const std::string& run, int ranks, int rank, int first, int last, const std::string& before = "") const {
    std::ostringstream words;
    words << "train " << ranks << " " << folder_.string() << " " << run << " " << rank << " " << first << " " << last;
    return Run(words.str(), before);
  }
  std::string Saved(const std::string& run, const std::string& file = "training.safetensors") const {
    return Slurp(folder_ / run / "checkpoints/step-00000012" / file);
  }
  std::string Lines(const std::string& run) const { return Slurp(folder_ / run / "metrics.jsonl"); }
};

// One step is left out on all ranks: the same bytes as where there is only one rank, and others than where none was.
TEST_F(Skipped, AStepIsSkippedOnAllRanksAndCounted) {
  ASSERT_EQ(Train("two", 2, 1, 5, 6), 0) << Err();
  EXPECT_NE(Err().find("not finite on rank 1 of 2 at step 5 ("), std::string::npos) << Err();
  EXPECT_NE(Err().find("skipped"), std::string::npos) << Err();
  ASSERT_EQ(Train("one", 1, 0, 5, 6), 0) << Err();
  EXPECT_EQ(Saved("two"), Saved("one"));
  EXPECT_EQ(Lines("two"), Lines("one"));
  const std::vector<MetricsLine> lines = ReadMetrics(folder_ / "two/metrics.jsonl");
  ASSERT_EQ(lines.size(), 12u);
  EXPECT_EQ(lines[3].values["Train/skipped_steps"], 0);
  EXPECT_EQ(lines[5].values["Train/skipped_steps"], 2);
  EXPECT_FALSE(lines[5].values.contains("Train/gradient_norm"));
  EXPECT_EQ(lines[11].values["Train/skipped_steps"], 2);
  EXPECT_TRUE(lines[11].values.contains("Train/gradient_norm"));
  ASSERT_EQ(Train("none", 2, 1, 0, -1), 0) << Err();  // the control
  EXPECT_NE(Saved("none"), Saved("one"));
}

// The checkpoint of step 6 lies between two that are skipped; what is counted is in it.
TEST_F(Skipped, ResumedEqualsWhole) {
  ASSERT_EQ(Train("whole", 1, 0, 6, 7), 0) << Err();
  ASSERT_EQ(Train("run", 2, 0, 6, 7), 0) << Err();
  fs::remove_all(folder_ / "run/checkpoints/step-00000012");
  ASSERT_EQ(Train("run", 1, 0, 6, 7, "LEARNER_RANKS_RESUME=1"), 0) << Err();
  EXPECT_EQ(Saved("run"), Saved("whole"));
  EXPECT_EQ(Lines("run"), Lines("whole"));
}

TEST_F(Skipped, ThreeInARowStopTheRunByName) {
  EXPECT_EQ(Train("run", 2, 1, 7, 100), 1);
  EXPECT_NE(Err().find("not finite on rank 1 of 2 at step 9 (epoch "), std::string::npos) << Err();
  EXPECT_NE(Err().find("first text: '"), std::string::npos) << Err();
  EXPECT_NE(Err().find("3 in a row, which is what trainer.skips bears"), std::string::npos) << Err();
  EXPECT_TRUE(fs::exists(folder_ / "run/checkpoints/step-00000006/DONE"));
}

}  // namespace
}  // namespace genba::trainer
