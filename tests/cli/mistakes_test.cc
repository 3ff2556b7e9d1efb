// Bar 9: one wrong thing each gives exit code 2 or 3 and one sentence that names it, and loses nothing.
#include "program.h"

namespace genba::cli {
namespace {

class Mistakes : public ProgramTest {
 protected:
  // One line on standard error (beside progress) that names word.
  static void ExpectRefusal(const Said& said, int exit_code, const std::string& word) {
    EXPECT_EQ(said.exit_code, exit_code) << said.err;
    EXPECT_NE(said.err.find(word), std::string::npos) << said.err;
    int sentences = 0;
    std::istringstream lines(said.err);
    for (std::string line; std::getline(lines, line);) sentences += line.rfind("genba:", 0) == 0;
    EXPECT_LE(sentences, 1) << said.err;
  }
  static void Truncate(const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }
  fs::path OnlyFile(const std::string& folder, const std::string& name) const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / folder)) {
      if (entry.path().filename() == name) return entry.path();
    }
    ADD_FAILURE() << name;
    return {};
  }
};

TEST_F(Mistakes, UnknownTask) {
  ExpectRefusal(Genba({"collect", "pick_bim", "--episodes", "1", "--out", Path("x")}), 2, "pick_bim");
}
TEST_F(Mistakes, UnknownCommandAndOption) {
  EXPECT_EQ(Genba({"colect"}).exit_code, 2);
  EXPECT_EQ(Genba({"collect", "reach", "--epsodes", "3"}).exit_code, 2);
  EXPECT_EQ(Genba({}).exit_code, 2);
}
TEST_F(Mistakes, UnknownKey) {
  ExpectRefusal(Genba({"collect", "reach", "--episodes", "1", "--out", Path("x"), "--set", "collect.nose=1"}), 2,
                "collect.nose");
  std::ofstream(Path("run.toml")) << "[collect]\nnose = 1\n";
  ExpectRefusal(Genba({"collect", "reach", "--episodes", "1", "--out", Path("x"), "--config", Path("run.toml")}), 2,
                "nose");
}
TEST_F(Mistakes, OutOfRangeValueAndWrongType) {
  ExpectRefusal(Genba({"collect", "reach", "--episodes", "1", "--out", Path("x"), "--set", "collect.noise=9"}), 2,
                "collect.noise");
  ExpectRefusal(Genba({"collect", "reach", "--episodes", "1", "--out", Path("x"), "--set", "collect.worlds=many"}), 2,
                "collect.worlds");
  EXPECT_EQ(Genba({"eval", "reach", "--policy", "expert", "--episodes", "-4"}).exit_code, 2);
}
TEST_F(Mistakes, MissingFiles) {
  ExpectRefusal(Genba({"eval", "reach", "--policy", Path("no_run"), "--episodes", "1"}), 2, "no_run");
  ExpectRefusal(Genba({"replay", Path("no_data")}), 2, "no_data");
  ExpectRefusal(Genba({"train", "bc", "--data", Path("no_data"), "--out", Path("run")}), 2, "no_data");
  ExpectRefusal(
      Genba({"eval", "reach", "--policy", "expert", "--episodes", "1", "--instructions", Path("no_texts.jsonl")}), 2,
      "no_texts.jsonl");
  ExpectRefusal(Genba({"collect", "reach", "--episodes", "1", "--out", Path("x"), "--config", Path("no.toml")}), 2,
                "no.toml");
}
TEST_F(Mistakes, ADeviceThatIsNone) {
  ExpectRefusal(Genba({"train", "bc", "--data", Path("no_data"), "--out", Path("run"), "--set", "trainer.device=gpu"}),
                2, "trainer.device: expected cpu");
  EXPECT_FALSE(fs::exists(Path("run")));
}
TEST_F(Mistakes, TruncatedShardIsNamedAndTheRestStaysReadable) {
  Collect("data");
  Truncate(OnlyFile("data", "shard-00001.h5"));
  ExpectRefusal(Genba(TrainWords("data", "run", 2)), 2, "shard-00001.h5");
  ExpectRefusal(Genba({"replay", Path("data"), "--episode", "4"}), 2, "shard-00001.h5");
  EXPECT_EQ(Genba({"replay", Path("data"), "--episode", "1"}).exit_code, 0);
  EXPECT_NE(Genba({"data", "verify", Path("data")}).exit_code, 0);
}
TEST_F(Mistakes, TruncatedCheckpointAndAnotherTasksCheckpoint) {
  Collect("data");
  ASSERT_EQ(Genba(TrainWords("data", "run", 3)).exit_code, 0);
  EXPECT_EQ(Genba({"eval", "reach", "--policy", Path("run"), "--episodes", "2", "--no-probes"}).exit_code, 0);
  ExpectRefusal(Genba({"eval", "pick_bin", "--policy", Path("run"), "--episodes", "2"}), 2, "task");
  ExpectRefusal(Genba(TrainWords("data", "run", 3)), 2, "--resume");  // would overwrite a run
  Truncate(OnlyFile("run", "policy.safetensors"));
  ExpectRefusal(Genba({"eval", "reach", "--policy", Path("run"), "--episodes", "2"}), 2, "policy.safetensors");
}
TEST_F(Mistakes, OutputThatCannotBeWritten) {
  ExpectRefusal(Genba({"collect", "reach", "--episodes", "1", "--out", "/proc/genba"}), 3, "/proc/genba");
  Collect("data", "reach", 2);
  std::vector<std::string> words = TrainWords("data", "run", 2);
  words[5] = "/proc/genba";
  ExpectRefusal(Genba(words), 3, "/proc/genba");
  ExpectRefusal(Genba({"tasks", "--json", "/proc/genba.json"}), 3, "/proc/genba.json");
}
TEST_F(Mistakes, ADiskThatFillsUpLosesNothing) {
  Collect("data", "reach", 3);
  const std::string before = Genba({"data", "info", Path("data"), "--json"}).out;
  const Said full = Genba({"collect", "reach", "--episodes", "6", "--seed", "3", "--out", Path("data"), "--threads",
                           "1", "--set", "collect.episodes_per_shard=3"},
                          40000);
  ExpectRefusal(full, 3, "data");
  EXPECT_EQ(Genba({"data", "info", Path("data"), "--json"}).out, before);
  EXPECT_EQ(Genba({"replay", Path("data")}).exit_code, 0);
  Collect("data", "reach", 6);  // and goes on when there is room
  EXPECT_EQ(Genba({"replay", Path("data")}).exit_code, 0);
}
TEST_F(Mistakes, ADataSetOfAnotherSeedIsNotContinued) {
  Collect("data", "reach", 3);
  const std::string before = Genba({"data", "info", Path("data"), "--json"}).out;
  ExpectRefusal(Genba({"collect", "reach", "--episodes", "6", "--seed", "4", "--out", Path("data"), "--set",
                       "collect.episodes_per_shard=3"}),
                2, "seed");
  EXPECT_EQ(Genba({"data", "info", Path("data"), "--json"}).out, before);
}
TEST_F(Mistakes, ABadInstructionsOrderIsNamed) {
  std::ofstream(Path("texts.jsonl")) << R"j({"order": "reach(one pink bolt)", "text": "x"})j";
  ExpectRefusal(
      Genba({"eval", "reach", "--policy", "expert", "--episodes", "1", "--instructions", Path("texts.jsonl")}), 2,
      "pink");
}

}  // namespace
}  // namespace genba::cli
