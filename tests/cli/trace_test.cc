// --trace of the trainings: what a run did when, without any effect on what it learns.
#include <map>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "program.h"
#include "tests/ranks_here.h"

namespace genba::cli {
namespace {

class Traced : public ProgramTest {
 protected:
  static std::vector<std::string> With(std::vector<std::string> words, const std::string& trace) {
    words.insert(words.end(), {"--trace", trace});
    return words;
  }
  static std::vector<std::string> PpoWords(const std::string& out) {
    std::vector<std::string> words{"train", "ppo", "reach", "--out", out, "--threads", "1"};
    for (const std::string setting : {"ppo.worlds=4", "ppo.steps=8", "ppo.iterations=3", "ppo.minibatches=2",
                                      "ppo.reading_steps=2", "ppo.reading_batch=16", "ppo.reading_texts=60",
                                      "ppo.calibration_texts=60", "ppo.threads=1", "ppo.log_every=1"})
      words.insert(words.end(), {"--set", setting});
    return words;
  }
  // How many spans of each name, in a whole trace.
  std::map<std::string, int> Spans(const std::string& name) const {
    std::map<std::string, int> spans;
    for (const nlohmann::json& event : nlohmann::json::parse(Slurp(Path(name)))) {
      if (event.at("ph") == "X") ++spans[event.at("name")];
    }
    return spans;
  }
  fs::path EventFile(const std::string& run) const {
    for (const auto& entry : fs::directory_iterator(folder_ / run)) {
      if (entry.path().filename().string().starts_with("events.out.")) return entry.path();
    }
    return {};
  }
  // Everything that a run decides, byte for byte.
  std::string Decided(const std::string& run) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / run / "checkpoints")) {
      if (entry.path().extension() == ".safetensors") files[entry.path().string()] = Sha256File(entry.path());
    }
    std::string all = Slurp(folder_ / run / "metrics.jsonl");
    for (const auto& [file, hash] : files) all += hash + "\n";
    return all;
  }
};

TEST_F(Traced, BcShowsItsPhasesAndLearnsTheSame) {
  Collect("data");
  ASSERT_EQ(Genba(TrainWords("data", "plain", 10)).exit_code, 0);
  const Said said = Genba(With(TrainWords("data", "traced", 10), Path("bc.json")));
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(Decided("traced"), Decided("plain"));
  std::map<std::string, int> spans = Spans("bc.json");
  for (const char* phase : {"step", "learn", "optimiser", "log"}) EXPECT_EQ(spans[phase], 10) << phase;
  EXPECT_EQ(spans["data"], 30);  // windows, their tensors, texts
  EXPECT_EQ(spans["checkpoint"], 1);
  EXPECT_EQ(spans["communication"], 0) << "there is nobody else";
  // The control: another seed is another run.
  std::vector<std::string> other = With(TrainWords("data", "other", 10), Path("other.json"));
  other.insert(other.end(), {"--set", "trainer.seed=2"});
  ASSERT_EQ(Genba(other).exit_code, 0);
  EXPECT_NE(Decided("other"), Decided("plain"));
}

TEST_F(Traced, PpoShowsItsPhasesAndLearnsTheSame) {
  ASSERT_EQ(Genba(PpoWords(Path("plain"))).exit_code, 0);
  const Said said = Genba(With(PpoWords(Path("traced")), Path("ppo.json")));
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(Decided("traced"), Decided("plain"));
  std::map<std::string, int> spans = Spans("ppo.json");
  EXPECT_EQ(spans["step"], 2 + 3);
  for (const char* phase : {"collection", "gae", "update"}) EXPECT_EQ(spans[phase], 3) << phase;
  for (const char* phase : {"physics", "bookkeeping"}) EXPECT_EQ(spans[phase], 3 * 8) << phase;
  EXPECT_EQ(spans["inference"], 3 * (8 + 1));  // and what the last step led to
  const std::string events = Slurp(EventFile("traced"));
  for (const char* scalar : {"Perf/physics_s", "Perf/learn_s", "Perf/step_s", "Perf/collection_time"})
    EXPECT_NE(events.find(scalar), std::string::npos) << scalar;
}

TEST_F(Traced, EveryRankShowsWhatItSpendsOnTheOthers) {
  if (const char* why = NoRanksHere()) GTEST_SKIP() << why;
  Collect("data");
  std::vector<std::string> words = With(TrainWords("data", "run", 5), Path("run.json"));
  words.insert(words.end(), {"--ranks", "2"});
  const Said said = Genba(words);
  ASSERT_EQ(said.exit_code, 0) << said.err;
  for (const char* file : {"run.json", "run.rank1.json"}) {
    std::map<std::string, int> spans = Spans(file);
    EXPECT_EQ(spans["step"], 5) << file;
    EXPECT_GE(spans["communication"], 5 * 4) << file;  // losses, gradients, norms, weights
    EXPECT_EQ(spans["gradients"], 5) << file;
  }
  EXPECT_EQ(Slurp(Path("run.json")).find("\"pid\":2"), std::string::npos);
  EXPECT_EQ(Slurp(Path("run.rank1.json")).find("\"pid\":1"), std::string::npos);
}

TEST_F(Traced, WhereItCannotBeWrittenNothingIsBegun) {
  Collect("data");
  const std::string nowhere = Path("missing/trace.json");
  const Said said = Genba(With(TrainWords("data", "run", 10), nowhere));
  EXPECT_EQ(said.exit_code, 3);
  EXPECT_NE(said.err.find(nowhere), std::string::npos) << said.err;
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

// What was refused for another reason leaves an older trace as it was.
TEST_F(Traced, ARefusedRunWritesNoTrace) {
  std::ofstream(Path("old.json")) << "old";
  const Said said = Genba(With(TrainWords("missing", "run", 10), Path("old.json")));
  EXPECT_EQ(said.exit_code, 2) << said.err;
  EXPECT_EQ(Slurp(Path("old.json")), "old");
}

}  // namespace
}  // namespace genba::cli
