#include "trainer/run_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "scratch.h"
#include "trainer/learner.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;

// Learns nothing, but remembers everything: its one number is a function of all its steps.
class Counter final : public Learner {
 public:
  std::function<void(std::int64_t)> before_step = [](std::int64_t) {};

  std::int64_t step() const override { return step_; }
  std::optional<double> loss() const override { return step_ > 0 ? std::optional(value_) : std::nullopt; }
  Scalars Step() override {
    before_step(step_);
    value_ = 0.5 * value_ + static_cast<double>(++step_);
    return {{"Loss/counter", value_}};
  }
  void Save(policies::Checkpoint& checkpoint) const override { checkpoint.state = {{"value", value_}}; }
  void Load(const policies::Checkpoint& checkpoint, const std::string& file) override {
    if (refuse_to_load) throw BadInput({file, "value", "a number", "another"});
    step_ = checkpoint.state.at("step").get<std::int64_t>();
    value_ = checkpoint.state.at("value").get<double>();
  }
  bool refuse_to_load = false;

 private:
  std::int64_t step_ = 0;
  double value_ = 0;
};

// SelfComm is in builds with LibTorch only. Nothing is sent here.
class NoOthers : public Comm {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void AtStep(std::int64_t) override {}
  void Broadcast(const at::Tensor&, int, const char*) override {}
  void AllGather(const at::Tensor&, const at::Tensor&, const char*) override {}
  void Sum(const at::Tensor&, const char*) override {}
  void SumParts(const at::Tensor&, const at::Tensor&, const char*) override {}
  void Barrier(const char*) override {}
  void Agree(std::uint64_t, const char*) override {}
  int StopSignal() const override { return InterruptSignal(); }
};

struct Settings {
  int steps = 20, log_every = 2;
  std::string data = "here";
};

class Runs : public ScratchTest {
 protected:
  fs::path Path(const std::string& name) const { return folder_ / name; }

  static LoopResult Train(const fs::path& folder, bool resume, const std::vector<std::string>& sets, Counter& counter) {
    RunFolder run(folder, resume);
    Settings settings;
    ConfigTable table;
    table.Add("trainer.steps", &settings.steps, {1, 1000}, "");
    table.Add("trainer.log_every", &settings.log_every, {1, 1000}, "");
    table.Add("run.data", &settings.data, "");
    run.Resolve(table, [&](ConfigTable& t) {
      for (const std::string& set : sets) t.Set(set);
    });
    NoOthers alone;
    return RunLearner(
        counter, alone, run,
        {.label = "test", .steps = settings.steps, .checkpoint_every = 5, .log_every = settings.log_every});
  }
  static LoopResult Train(const fs::path& folder, bool resume = false, const std::vector<std::string>& sets = {}) {
    Counter counter;
    return Train(folder, resume, sets, counter);
  }
  static std::string Refused(const std::function<void()>& work, ErrorKind kind = ErrorKind::kBadInput) {
    try {
      work();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "it was not refused";
    return "";
  }
  // Every file below the folder with its bytes; folders with none.
  std::map<std::string, std::string> Everything() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      all[entry.path().string()] = entry.is_regular_file() ? ReadFile(entry.path()) : "";
    return all;
  }
};

TEST_F(Runs, ARunThatDoesNotBeginLeavesNothing) {
  const auto before = Everything();
  { RunFolder run(Path("a/b/c"), false); }
  EXPECT_EQ(Everything(), before);
  Counter fails;
  fails.refuse_to_load = true;
  Train(Path("run"));
  const auto trained = Everything();
  Refused([&] { Train(Path("run"), true, {}, fails); });
  EXPECT_EQ(Everything(), trained);
}

TEST_F(Runs, ARefusedResumeNamesEveryKeyAndChangesNothing) {
  Train(Path("run"));
  const auto before = Everything();
  const std::string words = Refused([&] { Train(Path("run"), true, {"trainer.steps=99", "run.data=there"}); });
  EXPECT_NE(words.find("trainer.steps (20, now 99)"), std::string::npos) << words;
  EXPECT_EQ(words.find("run.data"), std::string::npos) << "where the data lie may change: " << words;
  EXPECT_EQ(Everything(), before);
  // Refused without --resume too, and neither is a lost checkpoint trained over.
  Refused([&] { Train(Path("run")); });
  EXPECT_EQ(Everything(), before);
  // The control: what may change is taken over and kept.
  EXPECT_EQ(Train(Path("run"), true, {"run.data=there", "trainer.log_every=3"}).steps, 20);
  const std::string config = ReadFile(Path("run") / "config.toml");
  EXPECT_NE(config.find("log_every = 3"), std::string::npos) << config;
  EXPECT_NE(config.find("\"there\""), std::string::npos) << config;
}

TEST_F(Runs, AnEditedConfigurationIsNoticed) {
  Train(Path("run"));
  std::string config = ReadFile(Path("run") / "config.toml");
  config.replace(config.find("steps = 20"), 10, "steps = 21");
  std::ofstream(Path("run") / "config.toml") << config;
  EXPECT_NE(Refused([&] { Train(Path("run"), true); }).find("trainer.steps"), std::string::npos);
}

TEST_F(Runs, OfTwoTrainersOneIsRefusedByTheOthersName) {
  Counter counter;
  std::string words;
  counter.before_step = [&](std::int64_t step) {
    if (step == 7) words = Refused([&] { RunFolder second(Path("run"), true); });
  };
  Train(Path("run"), false, {}, counter);
  EXPECT_NE(words.find("process " + std::to_string(::getpid())), std::string::npos) << words;
  EXPECT_EQ(Train(Path("run"), true).steps, 20);  // and afterwards it is free
}

TEST_F(Runs, AKilledHolderIsNotNamed) {
  Train(Path("run"));
  std::ofstream(Path("run") / "lock") << "999999999 "
                                      << "elsewhere-that-is-gone\n";
  EXPECT_EQ(Train(Path("run"), true).steps, 20) << "words do not lock, flock does";
}

TEST_F(Runs, AFolderThatVanishesEndsTheRunAndIsNotMadeAnew) {
  Counter counter;
  counter.before_step = [&](std::int64_t step) {
    if (step == 7) fs::rename(Path("run"), Path("moved"));
  };
  const std::string words = Refused([&] { Train(Path("run"), false, {}, counter); }, ErrorKind::kEnvironment);
  EXPECT_NE(words.find(Path("run").string()), std::string::npos) << words;
  EXPECT_FALSE(fs::exists(Path("run")));
  EXPECT_EQ(Train(Path("moved"), true).steps, 20);
}

TEST_F(Runs, AForeignConfigurationIsNotWrittenOver) {
  fs::create_directories(Path("project"));
  std::ofstream(Path("project") / "config.toml") << "mine = true\n";
  Refused([&] { Train(Path("project")); });
  EXPECT_EQ(ReadFile(Path("project") / "config.toml"), "mine = true\n");
  EXPECT_FALSE(fs::exists(Path("project") / "lock"));
}

TEST_F(Runs, AFolderThatCannotBeWrittenIsNamed) {
  const std::string words = Refused([] { RunFolder run("/proc/genba", false); }, ErrorKind::kEnvironment);
  EXPECT_NE(words.find("/proc/genba"), std::string::npos) << words;
}

TEST_F(Runs, InterruptedAtAnyStepAndResumedEqualsUninterrupted) {
  const double loss = Train(Path("whole")).loss.value();
  const std::string metrics = ReadFile(Path("whole") / "metrics.jsonl");
  const std::string state = ReadFile(Path("whole") / "checkpoints/step-00000020/state.json");
  for (const int stop : {0, 3, 4, 9, 18}) {
    const fs::path run = Path("stopped" + std::to_string(stop));
    Counter counter;
    counter.before_step = [&](std::int64_t step) {
      if (step == stop) RequestInterrupt();
    };
    EXPECT_THROW(Train(run, false, {}, counter), InterruptedError) << stop;
    ClearInterrupt();
    EXPECT_EQ(counter.step(), stop + 1) << "the step under way is finished and saved";
    EXPECT_EQ(Train(run, true).loss, loss) << stop;
    EXPECT_EQ(ReadFile(run / "metrics.jsonl"), metrics) << stop;
    EXPECT_EQ(ReadFile(run / "checkpoints/step-00000020/state.json"), state) << stop;
  }
}

// Of any learner: no list of theirs has to be kept.
TEST(RunSettings, HowOftenALearnerReportsMayChangeAndWhatItLearnsMayNot) {
  int checkpoint_every = 1, keep = 1, log_every = 1, steps = 1;
  ConfigTable table;
  RegisterReporting(table, "line", {&checkpoint_every, &keep, &log_every});
  table.Add("line.steps", &steps, {1, 9}, "");
  const std::string before = table.ToToml();
  for (const char* set : {"line.checkpoint_every=2", "line.keep_checkpoints=3", "line.log_every=4"}) table.Set(set);
  EXPECT_EQ(SettingDifferences(before, table.ToToml()).size(), 3u);
  EXPECT_TRUE(FixedDifferences(before, table.ToToml()).empty());
  table.Set("line.steps=2");
  EXPECT_EQ(FixedDifferences(before, table.ToToml()).size(), 1u);
  EXPECT_EQ(ReportingSection(before), "line");
  EXPECT_EQ(ReportingSection("[run]\nlogs_every = 1\n"), "");
}

TEST_F(Runs, AFinishedRunResumedTellsItsLoss) {
  const std::optional<double> loss = Train(Path("run")).loss;
  EXPECT_GT(loss.value(), 0);
  EXPECT_EQ(Train(Path("run"), true).loss, loss);
  EXPECT_EQ(Counter().loss(), std::nullopt) << "nothing measured is nothing, not 0";
}

// A START of session at the step behind the resumed one, in a file that readers take last.
TEST_F(Runs, TheEventFileOfAResumedRunSaysWhereItGoesOn) {
  Scalars loss{{"Loss/x", 1.0}};
  for (const std::int64_t resumed : {0, 150, 200}) {
    Metrics metrics(folder_, resumed);
    metrics.Write(resumed + 300, loss, {});
  }
  std::map<std::string, std::string> files;  // by name, as readers sort them
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path().filename().string().starts_with("events."))
      files[entry.path().filename().string()] = ReadFile(entry.path());
  }
  ASSERT_EQ(files.size(), 3u);
  const std::string starts[] = {std::string("\x10\x01\x3a\x02\x08\x01"), std::string("\x10\x97\x01\x3a\x02\x08\x01"),
                                std::string("\x10\xC9\x01\x3a\x02\x08\x01")};
  int k = 0;
  for (const auto& [name, bytes] : files) EXPECT_NE(bytes.find(starts[k++]), std::string::npos) << name;
  EXPECT_EQ(ReadFile(folder_ / "metrics.jsonl").find("\"step\":300"), std::string::npos) << "of lost work";
}

}  // namespace
}  // namespace genba::trainer
