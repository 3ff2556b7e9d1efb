// local_ranks.h - the ranks of one host: this program started again, N times, by OpenMPI's mpirun in a private network
// namespace, where nothing outside can reach what MPI listens on. Used by the commands that take --ranks. No torch.
// Three kinds of process: the launcher (what the user started), a keeper (in the namespace; starts mpirun, watches,
// names who failed, ends the others, clears away), and the ranks. Whichever dies, by whatever signal, the rest goes too.
// Failure: Error(kEnvironment) naming rank, host, pid, step and operation; or why no namespace could be made.
#pragma once
#include <memory>
#include <string>

#include "trainer/ranks/rank_page.h"

namespace genba::trainer {

struct LocalRanks {
  int ranks = 1;
  bool allow_listening = false;  // without a namespace: mpirun then listens on every interface of the host
};

// Runs the job. Nobody returns from here: the launcher exits with the job's exit code, the keeper throws or exits.
[[noreturn]] void StartLocalRanks(const LocalRanks& config);

// What a process is that was started so; made first in main, before there are threads. It writes where it belongs (rank
// 0 to the launcher's own output, the others to a file that is shown when they fail), runs on its share of the cores,
// and ends with its mpirun. In any other process it is nothing.
class LocalRank {
 public:
  LocalRank();
  // Tells the keeper how this process ended by itself. What main is to return: code; or 0 for a local rank, because at any
  // other mpirun would end the others at once, who may still have something to save.
  int Ended(int code) const;

 private:
  int rank_ = 0;
  std::unique_ptr<RankPage> page_;
};

// The page of this job; null unless this process is a local rank.
std::unique_ptr<RankPage> OpenRankPage(int ranks);

}  // namespace genba::trainer
