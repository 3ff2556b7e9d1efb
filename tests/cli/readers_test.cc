// Bar 7: other people's readers open what we write: h5py, safetensors, TensorBoard, from the venv that script/setup
// makes.
#include "program.h"

namespace genba::cli {
namespace {

class Readers : public ProgramTest {};

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
