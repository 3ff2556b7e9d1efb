// Training on several ranks: the same bits as on one, whatever happens to a rank.
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/hash.h"
#include "core/json.h"
#include "program.h"
#include "tests/ranks_here.h"

namespace genba::cli {
namespace {

class TrainingRanks : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (const char* why = NoRanksHere()) GTEST_SKIP() << why;
    Collect("data");
  }
  std::vector<std::string> Words(const std::string& run, int ranks, int shards, int steps = kSteps) const {
    std::vector<std::string> words = TrainWords("data", run, steps);
    words.insert(words.end(), {"--ranks", std::to_string(ranks), "--set", "trainer.shards=" + std::to_string(shards)});
    return words;
  }
  void Train(const std::string& run, int ranks, int shards) const {
    const Said said = Genba(Words(run, ranks, shards));
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }
  std::string Weights(const std::string& run) const {
    return Sha256File(folder_ / run / "checkpoints/step-00000020/training.safetensors");
  }
  static constexpr int kSteps = 20;
};

TEST_F(TrainingRanks, AsManyShardsAreTheSameBitsOnOneTwoAndFourRanks) {
  Train("one", 1, 4);
  for (const int ranks : {2, 4}) {
    const std::string run = "on" + std::to_string(ranks);
    Train(run, ranks, 4);
    const Said diff = Genba({"diff", Path("one"), Path(run)});
    EXPECT_EQ(diff.exit_code, 0) << diff.out << diff.err;
  }
  Train("whole", 1, 1);  // the control: shards are a setting that counts
  EXPECT_NE(Weights("whole"), Weights("one"));
}

// Shards are the batch in parts: loss and gradient are about those of the whole (each shard takes the mean of its own).
TEST_F(TrainingRanks, ShardsMakeAboutTheGradientOfTheWhole) {
  const auto first = [&](const std::string& run, int shards) {
    EXPECT_EQ(Genba(Words(run, 1, shards, 1)).exit_code, 0);
    return ParseJson(Slurp(folder_ / run / "metrics.jsonl"), run);
  };
  const nlohmann::json whole = first("whole", 1), parts = first("parts", 4);
  for (const char* figure : {"Loss/total", "Loss/bc", "Train/gradient_norm"})
    EXPECT_NEAR(parts[figure].get<double>() / whole[figure].get<double>(), 1, 0.3) << figure;
}

// A checkpoint of two ranks goes on on one, and the other way round.
TEST_F(TrainingRanks, OneIsKilledAllEndAndAnyNumberGoesOn) {
  Train("whole", 1, 2);
  const pid_t job = Start(Words("run", 2, 2), folder_);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!fs::exists(folder_ / "run/checkpoints/step-00000010/DONE") && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const std::string second = "pkill -KILL -f -n '^" + std::string(GENBA_PROGRAM) + " .*" + Path("run") + "'";
  ASSERT_EQ(std::system(second.c_str()), 0);  // the newest: a rank
  const Said killed = Finish(job, folder_);
  EXPECT_EQ(killed.exit_code, 3) << killed.err;
  EXPECT_NE(killed.err.find("was killed by signal 9"), std::string::npos) << killed.err;
  const Said resumed = Genba({"train", "bc", "--out", Path("run"), "--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(Weights("run"), Weights("whole"));
}

// The same of learning in worlds, each rank in its own.
class PpoRanks : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (const char* why = NoRanksHere()) GTEST_SKIP() << why;
  }
  std::vector<std::string> Words(const std::string& run, int ranks, int shards) const {
    std::vector<std::string> words{"train", "ppo", "reach", "--out", Path(run), "--ranks", std::to_string(ranks)};
    for (const std::string setting :
         {"ppo.worlds=8", "ppo.steps=16", "ppo.iterations=6", "ppo.minibatches=2", "ppo.reading_steps=2",
          "ppo.reading_batch=16", "ppo.reading_texts=60", "ppo.calibration_texts=60", "ppo.threads=1",
          "ppo.log_every=1", "ppo.checkpoint_every=2"})
      words.insert(words.end(), {"--set", setting});
    words.insert(words.end(), {"--set", "ppo.shards=" + std::to_string(shards)});
    return words;
  }
  void Train(const std::string& run, int ranks, int shards) const {
    const Said said = Genba(Words(run, ranks, shards));
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }
  void ExpectSame(const std::string& a, const std::string& b) const {
    const Said diff = Genba({"diff", Path(a), Path(b)});
    EXPECT_EQ(diff.exit_code, 0) << diff.out << diff.err;
  }
};

TEST_F(PpoRanks, AsManyShardsAreTheSameBitsOnOneTwoAndFourRanks) {
  Train("one", 1, 4);
  for (const int ranks : {2, 4}) {
    const std::string run = "on" + std::to_string(ranks);
    Train(run, ranks, 4);
    ExpectSame("one", run);
  }
  Train("whole", 1, 1);  // the control: shards are a setting that counts
  EXPECT_EQ(Genba({"diff", Path("one"), Path("whole")}).exit_code, 1);
}

// The worlds of all ranks are in a checkpoint of two, and go on on one.
TEST_F(PpoRanks, ACheckpointOfTwoRanksGoesOnOnOne) {
  Train("whole", 1, 2);
  Train("run", 2, 2);
  fs::remove_all(folder_ / "run/checkpoints/step-00000008");
  const Said resumed = Genba({"train", "ppo", "--out", Path("run"), "--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  ExpectSame("whole", "run");
}

TEST_F(PpoRanks, WorldsThatCannotBeSharedAreRefused) {
  const Said three = Genba(Words("three", 3, 4));
  EXPECT_EQ(three.exit_code, 2) << three.err;
  EXPECT_NE(three.err.find("ppo.shards: expected a multiple of the ranks (3)"), std::string::npos) << three.err;
  const Said uneven = Genba(Words("uneven", 1, 3));
  EXPECT_EQ(uneven.exit_code, 2) << uneven.err;
  EXPECT_NE(uneven.err.find("ppo.shards"), std::string::npos) << uneven.err;
}

TEST_F(TrainingRanks, ShareWhatIsNotSaidAndRefuseWhatCannotBeShared) {
  std::vector<std::string> words = TrainWords("data", "shared", 2);
  words.insert(words.end(), {"--ranks", "2"});
  ASSERT_EQ(Genba(words).exit_code, 0);
  EXPECT_NE(Slurp(folder_ / "shared/config.toml").find("shards = 2\n"), std::string::npos);
  const Said said = Genba(Words("three", 3, 4, 2));
  EXPECT_EQ(said.exit_code, 2) << said.err;
  EXPECT_NE(said.err.find("trainer.shards: expected a multiple of the ranks (3)"), std::string::npos) << said.err;
  EXPECT_FALSE(fs::exists(folder_ / "three"));
}

}  // namespace
}  // namespace genba::cli
