// Bar 7: other people's readers open what we write: h5py, safetensors, TensorBoard, from the venv that script/setup
// makes.
#include <cstdlib>

#include "program.h"

namespace genba::cli {
namespace {

class Readers : public ProgramTest {
 protected:
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
};

TEST_F(Readers, OpenShardsPolicyAndEvents) {
  ASSERT_TRUE(fs::exists(Python())) << "no Python environment at " << Python() << ": run script/setup";
  Collect("data");
  ASSERT_EQ(Genba({"data", "info", Path("data"), "--json", Path("info.json")}).exit_code, 0);
  ExpectPython("datasets/h5py_check.py", Path("data") + " " + Path("info.json"));
  ASSERT_EQ(Genba(TrainWords("data", "run", 10)).exit_code, 0);
  ExpectPython("cli/run_check.py", Path("run"));
}

}  // namespace
}  // namespace genba::cli
