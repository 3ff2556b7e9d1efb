// Bar 6: training that was killed and resumed equals training that was left alone.
#include <chrono>
#include <thread>

#include "core/hash.h"
#include "core/rng.h"
#include "program.h"

namespace genba::cli {
namespace {

class Resume : public ProgramTest {
 protected:
  static constexpr int kSteps = 60;

  int LastLoggedStep(const std::string& run) const {
    std::istringstream lines(Slurp(folder_ / run / "metrics.jsonl"));
    int step = 0;
    for (std::string line; std::getline(lines, line);) {
      const std::size_t at = line.find("\"step\":");
      if (at != std::string::npos) step = std::atoi(line.c_str() + at + 7);
    }
    return step;
  }
  // SIGKILL as soon as the run has logged kill_step.
  void KillAt(const std::string& run, const std::vector<std::string>& words, int kill_step) const {
    const pid_t child = Start(words, folder_);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (LastLoggedStep(run) < kill_step && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(child, SIGKILL);
    const Said said = Finish(child, folder_);
    EXPECT_EQ(said.exit_code, 128 + SIGKILL) << "the run was over before it was killed";
  }
  // Of a run that was killed at some step and went on: what it says is nothing of what was said before.
  void ExpectSameWhereverKilled(const std::vector<std::string>& words, const std::string& run, int kill_step,
                                const std::string& whole) const {
    KillAt(run, words, kill_step);
    const Said said = Genba({"train", words[1], "--out", Path(run), "--resume"});
    ASSERT_EQ(said.exit_code, 0) << said.err;
    EXPECT_EQ(Weights(run), Weights(whole)) << run << " at " << kill_step;
    EXPECT_EQ(Slurp(folder_ / run / "metrics.jsonl"), Slurp(folder_ / whole / "metrics.jsonl")) << run;
    const Said diff = Genba({"diff", Path(run), Path(whole)});
    EXPECT_EQ(diff.exit_code, 0) << diff.out << diff.err;
  }
  static int NumKills(int few) {
    const char* kills = std::getenv("GENBA_KILLS");  // more of them under the label slow
    return kills != nullptr ? std::atoi(kills) : few;
  }
  // Words first, then worlds in the middle of their episodes, with parts that sleep.
  std::vector<std::string> PpoWords(const std::string& run) const {
    std::vector<std::string> words{"train", "ppo", "pick_bin", "--out", Path(run)};
    for (const std::string setting :
         {"ppo.worlds=4", "ppo.steps=16", "ppo.iterations=57", "ppo.minibatches=2", "ppo.reading_steps=3",
          "ppo.reading_batch=16", "ppo.reading_texts=60", "ppo.calibration_texts=60", "ppo.threads=1",
          "ppo.log_every=1", "ppo.checkpoint_every=7"})
      words.insert(words.end(), {"--set", setting});
    return words;
  }
  std::string Weights(const std::string& run) const {
    char name[40];
    std::snprintf(name, sizeof name, "step-%08d", kSteps);
    return Sha256File(folder_ / run / "checkpoints" / name / "policy.safetensors") +
           Sha256File(folder_ / run / "checkpoints" / name / "training.safetensors");
  }
};

TEST_F(Resume, KilledAndResumedEqualsUninterrupted) {
  Collect("data");
  ASSERT_EQ(Genba(TrainWords("data", "whole", kSteps)).exit_code, 0);
  ASSERT_NE(Slurp(folder_ / "whole/metrics.jsonl"), "");
  Rng rng(static_cast<std::uint64_t>(::getpid()), 0, "kill");
  for (int trial = 0; trial < NumKills(5); ++trial) {
    const std::string run = "killed" + std::to_string(trial);
    ExpectSameWhereverKilled(TrainWords("data", run, kSteps), run, rng.Int(1, 9) * 5, "whole");
    if (fs::exists(Python()) && (trial == 0 || NumKills(5) > 5)) ExpectPython("cli/run_check.py", Path(run));
  }
  // The control: another seed is another run.
  std::vector<std::string> other = TrainWords("data", "other", kSteps);
  other.insert(other.end(), {"--set", "trainer.seed=2"});
  ASSERT_EQ(Genba(other).exit_code, 0);
  EXPECT_NE(Weights("other"), Weights("whole"));
  const Said diff = Genba({"diff", Path("whole"), Path("other")});
  EXPECT_EQ(diff.exit_code, 1);
  EXPECT_NE(diff.err.find("differ first at step 5, Loss/"), std::string::npos) << diff.err;
}

TEST_F(Resume, PpoKilledAndResumedEqualsUninterrupted) {
  ASSERT_EQ(Genba(PpoWords("whole")).exit_code, 0);
  ASSERT_NE(Slurp(folder_ / "whole/metrics.jsonl"), "");
  Rng rng(static_cast<std::uint64_t>(::getpid()), 0, "kill ppo");
  for (int trial = 0; trial < NumKills(2); ++trial) {
    const std::string run = "killed" + std::to_string(trial);
    ExpectSameWhereverKilled(PpoWords(run), run, rng.Int(1, kSteps - 5), "whole");
  }
}

// A loss that leaps stops the run and names the step and its batch; the control is the same run with a patient limit.
TEST_F(Resume, ALeapingLossStopsTheRunByName) {
  Collect("data");
  for (const auto& [limit, exit_code] : {std::pair("1.5", 1), std::pair("1e9", 0)}) {
    std::vector<std::string> words = TrainWords("data", std::string("run") + limit, 60);
    words.insert(words.end(), {"--set", "trainer.learning_rate=1", "--set", "trainer.warmup=5", "--set",
                               std::string("trainer.spike=") + limit});
    const Said said = Genba(words);
    EXPECT_EQ(said.exit_code, exit_code) << said.err;
    EXPECT_EQ(said.err.find("leapt") != std::string::npos && said.err.find("at step") != std::string::npos,
              exit_code == 1)
        << said.err;
  }
}

TEST_F(Resume, OtherSettingsOrDataAreRefusedByName) {
  Collect("data");
  ASSERT_EQ(Genba(TrainWords("data", "run", 10)).exit_code, 0);
  const std::vector<std::string> resume{"train", "bc", "--out", Path("run"), "--resume"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), resume.begin(), resume.end());
    return Genba(more);
  };
  Said said = with({"--set", "trainer.steps=20", "--set", "policy.width=32"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("trainer.steps"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("policy.width"), std::string::npos) << said.err;
  Collect("more", "reach", 9);
  said = with({"--data", Path("more")});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("run.data"), std::string::npos) << said.err;
  // The control: the same data elsewhere.
  fs::rename(folder_ / "data", folder_ / "moved");
  EXPECT_EQ(with({}).exit_code, 2);
  said = with({"--data", Path("moved"), "--set", "trainer.log_every=2"});
  EXPECT_EQ(said.exit_code, 0) << said.err;
}

TEST_F(Resume, TwoTrainersOneIsRefused) {
  Collect("data");
  std::vector<std::string> words = TrainWords("data", "run", 100000);
  const pid_t first = Start(words, folder_);
  while (LastLoggedStep("run") < 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  fs::create_directories(folder_ / "second");
  words.emplace_back("--resume");
  const Said second = Finish(Start(words, folder_ / "second"), folder_ / "second");
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_NE(second.err.find("process " + std::to_string(first)), std::string::npos) << second.err;
  ::kill(first, SIGTERM);
  EXPECT_EQ(Finish(first, folder_).exit_code, 143);
}

}  // namespace
}  // namespace genba::cli
