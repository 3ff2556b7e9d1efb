// program.h - runs the genba program as a user would, and sees what it said.
#pragma once
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace genba::cli {

namespace fs = std::filesystem;

struct Said {
  int exit_code = -1;
  std::string out, err;
};

inline std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Starts genba; its output goes to files in folder. largest_file: bytes any file may have (a disk that fills up), 0: no
// limit.
inline pid_t Start(const std::vector<std::string>& arguments, const fs::path& folder, rlim_t largest_file = 0) {
  std::vector<std::string> words{GENBA_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (largest_file > 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{largest_file, largest_file};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (std::freopen((folder / "stdout").c_str(), "w", stdout) == nullptr ||
      std::freopen((folder / "stderr").c_str(), "w", stderr) == nullptr)
    ::_exit(99);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(98);
}

inline Said Finish(pid_t child, const fs::path& folder) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), Slurp(folder / "stdout"),
          Slurp(folder / "stderr")};
}

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / ("genba-cli-" + std::string(info->name()) + "-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Said Genba(const std::vector<std::string>& arguments, rlim_t largest_file = 0) const {
    return Finish(Start(arguments, folder_, largest_file), folder_);
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  // A few episodes of reach, and the settings of a head small enough to train in seconds.
  void Collect(const std::string& name, const std::string& task = "reach", int episodes = 6) const {
    const Said said = Genba({"collect", task, "--episodes", std::to_string(episodes), "--seed", "3", "--out",
                             Path(name), "--threads", "1", "--set", "collect.episodes_per_shard=3"});
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }
  std::vector<std::string> TrainWords(const std::string& data, const std::string& run, int steps) const {
    std::vector<std::string> words{"train", "bc", "--data", Path(data), "--out", Path(run)};
    for (const std::string& setting :
         {std::string("policy.backbone=bag_of_words"), std::string("policy.width=16"),
          std::string("policy.trunk_width=32"), std::string("trainer.batch=16"), std::string("trainer.threads=1"),
          std::string("trainer.checkpoint_every=10"), std::string("trainer.log_every=5"),
          std::string("trainer.reading_texts=200"), std::string("trainer.calibration_texts=200"),
          "trainer.steps=" + std::to_string(steps)}) {
      words.push_back("--set");
      words.push_back(setting);
    }
    return words;
  }

  // The Python of the environment that script/setup makes, with other people's readers.
  static std::string Python() {
    const char* cache = std::getenv("GENBA_CACHE");
    const char* home = std::getenv("HOME");
    const fs::path folder =
        cache != nullptr ? fs::path(cache) : fs::path(home != nullptr ? home : "/root") / ".cache/genba";
    return (folder / "venv/bin/python").string();
  }
  // Runs a script of the tests; its words are shown when it fails.
  void ExpectPython(const std::string& script, const std::string& arguments) const {
    const std::string command =
        Python() + " " + GENBA_SOURCE_DIR + "/tests/" + script + " " + arguments + " > " + Path("python") + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << Slurp(folder_ / "python");
  }

  fs::path folder_;
};

}  // namespace genba::cli
