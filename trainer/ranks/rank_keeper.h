// rank_keeper.h - the process between a launcher and mpirun (local_ranks.h): watches the ranks, passes signals on to
// them, ends all of them when one is gone, and says whose fault it was. One thread; its signals are blocked and taken in
// turn. Failure: Error(kEnvironment) naming rank, host, pid, step and operation.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "trainer/ranks/passed_output.h"
#include "trainer/ranks/rank_page.h"

namespace genba::trainer {

class RankKeeper {
 public:
  RankKeeper(int ranks, const std::string& folder, pid_t launcher);
  ~RankKeeper();
  RankKeeper(const RankKeeper&) = delete;
  RankKeeper& operator=(const RankKeeper&) = delete;
  int Run();  // the job's exit code

 private:
  using Clock = std::chrono::steady_clock;
  struct End {  // of the first rank that ended as it should not
    int rank;
    Clock::time_point when;
  };

  void StartMpirun();
  bool MpirunEnded();
  void TakeSignal();
  void LookAtRanks();
  void EndWhoIsLeft();
  void SendRanks(int signal) const;
  bool IsGone(int rank) const;
  int Verdict() const;
  std::string HowItDied(int rank) const;
  void ShowOutput(int rank) const;

  std::string folder_;
  pid_t launcher_, mpirun_ = 0;
  int mpirun_status_ = 0;
  bool mpirun_ended_ = false;
  RankPage page_;
  OutputGiver output_;
  std::vector<int> handles_;  // of the ranks' processes; -1 until they are seen
  int signal_ = 0, signals_ = 0;
  std::optional<End> first_;
};

// After their parents died, of killed processes that this one was left with (PR_SET_CHILD_SUBREAPER): 3 s at most.
void WaitForOrphans();

}  // namespace genba::trainer
