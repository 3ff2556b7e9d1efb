// genba diff as its users call it: exit codes, the line that says equal, JSON.
#include <algorithm>

#include "program.h"

namespace genba::cli {
namespace {

class DiffCommand : public ProgramTest {
 protected:
  void CollectSeeded(const std::string& name, const char* seed, const char* per_shard, const char* episodes) const {
    const Said said = Genba({"collect", "reach", "--episodes", episodes, "--seed", seed, "--out", Path(name),
                             "--threads", "1", "--set", std::string("collect.episodes_per_shard=") + per_shard});
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }
};

TEST_F(DiffCommand, EqualDataSetsAreCalledSoInOneLine) {
  CollectSeeded("a", "3", "3", "6");
  CollectSeeded("b", "3", "2", "6");
  Said said = Genba({"diff", Path("a"), Path("a")});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out.rfind("equal: 6 episodes, ", 0), 0u) << said.out;
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 1) << said.out;
  said = Genba({"diff", Path("a"), Path("b")});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_NE(said.out.find("their shards are other files"), std::string::npos) << said.out;
}

TEST_F(DiffCommand, WhatDiffersIsNamedAndIsExitCodeOne) {
  CollectSeeded("a", "3", "3", "4");
  CollectSeeded("b", "4", "3", "4");
  CollectSeeded("longer", "3", "3", "5");
  Said said = Genba({"diff", Path("a"), Path("b"), "--json", Path("diff.json")});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_NE(said.err.find("differ first at episode 0, step 0, "), std::string::npos) << said.err;
  EXPECT_NE(said.out.find("collect.seed"), std::string::npos) << said.out;
  for (const char* key : {"\"a\"", "\"b\"", "\"kind\": \"data set\"", "\"equal\": false", "\"first\"", "\"settings\"",
                          "\"metrics\": null", "\"checkpoints\": null", "\"episodes\""})
    EXPECT_NE(Slurp(Path("diff.json")).find(key), std::string::npos) << key;
  said = Genba({"diff", Path("a"), Path("longer")});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_NE(said.err.find("episode 4"), std::string::npos) << said.err;
}

TEST_F(DiffCommand, WhatIsNoPairIsRefused) {
  CollectSeeded("a", "3", "3", "2");
  fs::create_directories(Path("run/checkpoints"));
  for (const auto& [other, words] : {std::pair("run", ", a run"), std::pair("nothing", "which is not there")}) {
    const Said said = Genba({"diff", Path("a"), Path(other)});
    EXPECT_EQ(said.exit_code, 2) << other;
    EXPECT_NE(said.err.find(words), std::string::npos) << said.err;
    EXPECT_NE(said.err.find(", a data set"), std::string::npos) << said.err;
    EXPECT_EQ(said.out, "");
  }
  EXPECT_EQ(Genba({"diff", Path("a")}).exit_code, 2);
  EXPECT_EQ(Genba({"diff", "--help"}).exit_code, 0);
}

}  // namespace
}  // namespace genba::cli
