// mpirun.h - the command line and environment with which local ranks are started: this program again, with the words
// that it was started with. Used by the keeper of local ranks. Nothing of the user's environment steers MPI.
// Failure: Error(kEnvironment) naming what cannot be read.
#pragma once
#include <string>
#include <vector>

namespace genba::trainer {

struct MpirunCommand {
  std::vector<std::string> words, environment;
};

MpirunCommand MakeMpirunCommand(int ranks, const std::string& folder);

// Runs it in this process, its output in file; returns only when it cannot be started.
void BecomeMpirun(const MpirunCommand& command, const std::string& output);

}  // namespace genba::trainer
