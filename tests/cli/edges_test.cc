// The command line at its edges: numbers, neighbours of --json and --set, lost output, signals, films.
#include <chrono>
#include <cstdlib>
#include <thread>

#include "program.h"

namespace genba::cli {
namespace {

using Words = std::vector<std::string>;

class Edges : public ProgramTest {
 protected:
  // Exit code with standard output there.
  int ExitCodeOnto(const std::string& place, const Words& arguments) const {
    std::string line = std::string("'") + GENBA_PROGRAM + "'";
    for (const std::string& argument : arguments) line += " '" + argument + "'";
    return WEXITSTATUS(std::system((line + " >" + place + " 2>" + Path("stderr")).c_str()));
  }
  // Exit code after a signal, and how long that took. [s]
  std::pair<int, double> Stopped(const Words& arguments, int signal, double after_s) const {
    const pid_t child = Start(arguments, folder_);
    std::this_thread::sleep_for(std::chrono::duration<double>(after_s));
    const auto start = std::chrono::steady_clock::now();
    ::kill(child, signal);
    const Said said = Finish(child, folder_);
    return {said.exit_code, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
  }
  Said Embed(Words words) const {
    words.insert(words.begin(), {"embed", "--backbone", "bag_of_words"});
    return Genba(words);
  }
};

int TextsIn(const std::string& json) {
  int count = 0;
  for (std::size_t at = 0; (at = json.find("\"text\":", at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST_F(Edges, NumbersAreDecimalWholeAndInRange) {
  EXPECT_NE(Genba({"collect", "reach", "--episodes", "010", "--seed", "1", "--out", Path("a"), "--json"})
                .out.find("\"episodes\": 10"),
            std::string::npos);
  for (const Words& option : std::vector<Words>{{"--episodes", "-4"},
                                                {"--episodes", "0"},
                                                {"--episodes", ""},
                                                {"--episodes", "1e2"},
                                                {"--episodes", "0x10"},
                                                {"--episodes", "+1"},
                                                {"--episodes", "1 "},
                                                {"--seed", "-1"},
                                                {"--seed", ""},
                                                {"--seed", "18446744073709551616"},
                                                {"--seed", "1.5"},
                                                {"--threads", "-1"},
                                                {"--threads", "nan"},
                                                {"--set", "collect.noise=nan"},
                                                {"--set", "collect.noise=inf"},
                                                {"--set", "collect.worlds=+4"},
                                                {"--set", "collect.worlds="},
                                                {"--set", "collect.worlds=4294967300"}}) {
    const Said said = Genba({"collect", "reach", "--out", Path("b"), option[0], option[1]});
    EXPECT_EQ(said.exit_code, 2) << option[0] << " " << option[1] << " " << said.err;
    EXPECT_FALSE(fs::exists(Path("b")));
  }
  for (const char* rate : {"nan", "-0.1", "1.1", "inf", ""})
    EXPECT_EQ(
        Genba({"eval", "reach", "--policy", "zero", "--episodes", "1", "--no-probes", "--require", rate}).exit_code, 2)
        << rate;
  for (const char* size : {"64x64junk", "64", "x", "64x", "0x64", "64X64", "-64x64", " 64x64", "64x64x64", "99999x64"})
    EXPECT_EQ(Genba({"render", Path("a"), "--out", Path("a.png"), "--size", size}).exit_code, 2) << size;
}

TEST_F(Edges, AnUnknownWordSuggestsTheNearest) {
  const auto expect = [this](const Words& words, const std::string& sentence) {
    const Said said = Genba(words);
    EXPECT_EQ(said.exit_code, 2);
    EXPECT_NE(said.err.find(sentence), std::string::npos) << said.err;
  };
  expect({"colect"}, "collect (did you mean that?)");
  expect({"data", "inof", "x"}, "info (did you mean that?)");
  expect({"collect", "reach", "--epsodes", "3"}, "--episodes (did you mean that?)");
  expect({"collect", "reach", "--set", "collect.nose=1"}, "collect.noise (did you mean that?)");
  expect({"collect", "reach", "--out", "--threads", "3"}, "--out: expected a value, got --threads");
}

TEST_F(Edges, JsonTakesNoText) {
  EXPECT_EQ(TextsIn(Embed({"--json", "赤いボルト", "青"}).out), 2);
  EXPECT_EQ(TextsIn(Embed({"赤いボルト", "--json", "青"}).out), 2);
  EXPECT_EQ(TextsIn(Embed({"赤いボルト", "青", "--json"}).out), 2);
  EXPECT_EQ(TextsIn(Embed({"--json", "-", "[a,b]"}).out), 1);
  EXPECT_EQ(TextsIn(Embed({"--json", "--", "--json", "-x"}).out), 2);
  EXPECT_EQ(TextsIn(Embed({"--json", "train", "data"}).out), 2) << "names of commands are texts as well";
  for (const Words& words : {Words{"--json", Path("e.json"), "a", "b"}, Words{"a", "b", "--json=" + Path("e.json")}}) {
    EXPECT_NE(Embed(words).out.find("tokens"), std::string::npos) << "the table is shown as well";
    EXPECT_EQ(TextsIn(Slurp(Path("e.json"))), 2);
    fs::remove(Path("e.json"));
  }
}

TEST_F(Edges, JsonAndSetTakeNoTaskAndNoFolder) {
  EXPECT_EQ(Genba({"collect", "--set", "collect.noise=0.1", "reach", "--episodes", "1", "--out", Path("a")}).exit_code,
            0);
  EXPECT_NE(Genba({"data", "info", "--json", Path("a")}).out.find("\"episodes\": 1"), std::string::npos);
  EXPECT_EQ(Genba({"data", "info", Path("a"), "--json", Path("behind")}).exit_code, 0);
  EXPECT_EQ(Genba({"data", "info", "--json", Path("in_front"), Path("a")}).exit_code, 0);
  EXPECT_TRUE(fs::exists(Path("behind")) && fs::exists(Path("in_front")));
  EXPECT_EQ(Genba({"data", "info", Path("a"), "--json="}).exit_code, 2);
}

TEST_F(Edges, LostOutputIsAnError) {
  Collect("data", "reach", 2);
  for (const Words& words : std::vector<Words>{{"--version"},
                                               {"--help"},
                                               {"tasks"},
                                               {"tasks", "--orders", "reach"},
                                               {"data", "info", Path("data"), "--json"},
                                               {"data", "stats", Path("data")}}) {
    EXPECT_EQ(ExitCodeOnto("/dev/full", words), 3) << words[0];
    EXPECT_NE(Slurp(folder_ / "stderr").find("standard output"), std::string::npos);
    EXPECT_EQ(ExitCodeOnto("&-", words), 3) << words[0];
    EXPECT_EQ(ExitCodeOnto("/dev/null", words), 0) << words[0];
  }
}

TEST_F(Edges, OutputsAreTriedBeforeTheWork) {
  const std::string nowhere = Path("nowhere/x");
  for (const Words& words :
       std::vector<Words>{{"eval", "reach", "--policy", "expert", "--episodes", "100000", "--json", nowhere},
                          {"bench", "sim", "reach", "--steps", "100000", "--json", nowhere},
                          {"embed", "x", "--out", nowhere},
                          {"render", Path("no_data"), "--out", nowhere + ".mp4"},
                          {"collect", "reach", "--episodes", "100000", "--out", "/proc/genba"},
                          {"view", "--task", "reach", "--screenshot", nowhere}}) {
    const Said said = Genba(words);
    EXPECT_EQ(said.exit_code, 3) << words[0] << said.err;
    EXPECT_EQ(said.err.find("episodes  "), std::string::npos) << said.err;
  }
}

TEST_F(Edges, ASignalEndsEveryCommandWithItsCode) {
  Collect("data", "reach", 400);
  const std::vector<Words> commands{
      {"replay", Path("data"), "--threads", "1"},
      {"bench", "sim", "reach", "--worlds", "16", "--steps", "100000", "--threads", "1"},
      {"eval", "reach", "--policy", "expert", "--episodes", "100000", "--threads", "1"},
      {"collect", "reach", "--episodes", "100000", "--threads", "1", "--out", Path("more")}};
  for (const Words& words : commands) {
    const auto [exit_code, seconds] = Stopped(words, SIGTERM, 0.7);
    EXPECT_EQ(exit_code, 128 + SIGTERM) << words[0];
    EXPECT_LT(seconds, 10) << words[0];
  }
  EXPECT_EQ(Stopped(commands[1], SIGINT, 0.7).first, 128 + SIGINT);
}

TEST_F(Edges, SettingsThatAreNoPlainFile) {
  fs::create_directories(Path("folder"));
  const Words collect{"collect", "reach", "--episodes", "1", "--out", Path("a"), "--config"};
  const auto with = [&](const std::string& file) {
    Words words = collect;
    words.push_back(file);
    return Genba(words).exit_code;
  };
  for (const std::string& file : {Path("folder"), std::string("/dev/zero"), Path("absent")})
    EXPECT_EQ(with(file), 2) << file;
  EXPECT_EQ(with("/dev/null"), 0);
}

TEST_F(Edges, ABrokenEnvironmentIsNoInternalError) {
  fs::create_symlink("b", Path("a"));
  fs::create_symlink("a", Path("b"));
  const std::string long_name(300, 'x'), shift_jis = Path("\x83\x5c");
  for (const Words& words :
       std::vector<Words>{{"collect", "reach", "--episodes", "1", "--out", Path("a/d")},
                          {"collect", "reach", "--episodes", "1", "--out", long_name},
                          {"collect", "reach", "--episodes", "1", "--out", Path("z"), "--policy", shift_jis},
                          {"eval", "reach", "--policy", Path("a"), "--episodes", "1"},
                          {"eval", "reach", "--policy", long_name, "--episodes", "1"},
                          {"eval", "reach", "--policy", "zero", "--episodes", "1", "--instructions", Path("a")},
                          {"embed", "x", "--backbone", long_name},
                          {"embed", "x", "--backbone", Path("a")},
                          {"embed", "--backbone", "bag_of_words", "--json", "-", "\xff"},
                          {"data", "info", Path("a")},
                          {"data", "info", long_name},
                          {"replay", long_name},
                          {"report", Path("a")},
                          {"report", long_name},
                          {"render", long_name, "--out", Path("x.png")},
                          {"train", "bc", "--data", long_name, "--out", Path("r")}}) {
    const Said said = Genba(words);
    EXPECT_TRUE(said.exit_code == 2 || said.exit_code == 3) << words[0] << ": " << said.exit_code;
    EXPECT_EQ(said.err.find("internal error"), std::string::npos) << said.err;
  }
}

TEST_F(Edges, FilmsOfAnySizeAndName) {
  if (std::system("command -v ffmpeg >/dev/null") != 0) GTEST_SKIP() << "no ffmpeg; script/setup installs it";
  Collect("data", "reach", 1);
  for (const std::string& name : {Path("2026-11-25T09:16.mp4"), Path("-x.mp4"), Path("赤.mp4")}) {
    EXPECT_EQ(Genba({"render", Path("data"), "--size", "65x33", "--out", name}).exit_code, 0) << name;
    EXPECT_EQ(Slurp(name).substr(4, 4), "ftyp");
  }
  EXPECT_EQ(Genba({"render", Path("data"), "--out=" + Path("x.mp4"), "--camera", "nowhere"}).exit_code, 2);
  EXPECT_FALSE(fs::exists(Path("x.mp4")));
}

}  // namespace
}  // namespace genba::cli
