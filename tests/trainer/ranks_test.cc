// Several ranks on this host: what they compute, and what happens when one of them dies, hangs, leaves something out or
// fails. Skipped where there is no mpirun, or the kernel gives no network namespace.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "core/rng.h"
#include "scratch.h"
#include "tests/ranks_here.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

pid_t ParentOf(pid_t pid) {
  const std::string stat = Slurp("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t behind = stat.rfind(") ");
  return behind == std::string::npos ? 0 : std::atoi(stat.c_str() + behind + 4);
}

// Not a zombie, either, which waits for an init that takes its time.
bool IsAlive(pid_t pid) {
  const std::string stat = Slurp("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t behind = stat.rfind(") ");
  return behind != std::string::npos && stat[behind + 2] != 'Z';
}

std::set<pid_t> AllProcesses() {
  std::set<pid_t> result;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    if (const pid_t pid = std::atoi(entry.path().filename().c_str()); pid > 0) result.insert(pid);
  }
  return result;
}

std::set<pid_t> WithChildren(pid_t root) {
  std::set<pid_t> job{root};
  for (std::size_t known = 0; known != job.size();) {
    known = job.size();
    for (const pid_t pid : AllProcesses()) {
      if (job.count(ParentOf(pid)) > 0) job.insert(pid);
    }
  }
  return job;
}

// Numbers of the sockets that these processes hold.
std::set<std::string> SocketsOf(const std::set<pid_t>& processes) {
  std::set<std::string> sockets;
  std::error_code ignored;
  for (const pid_t pid : processes) {
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", ignored)) {
      const std::string target = fs::read_symlink(entry.path(), ignored).string();
      if (target.starts_with("socket:[")) sockets.insert(target.substr(8, target.size() - 9));
    }
  }
  return sockets;
}

// Of those, the ones that can be reached in the network of this process: listening TCP, UDP, abstract Unix sockets.
int Reachable(const std::set<std::string>& sockets) {
  int count = 0;
  for (const char* table : {"tcp", "tcp6", "udp", "udp6", "unix"}) {
    std::ifstream lines(std::string("/proc/self/net/") + table);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream in(line);
      std::vector<std::string> words;
      for (std::string word; in >> word;) words.push_back(word);
      if (words.size() < 7) continue;
      const bool is_unix = std::string(table) == "unix", is_tcp = std::string(table).starts_with("tcp");
      const bool can_be = is_unix ? words.size() > 7 && words[7][0] == '@' : !is_tcp || words[3] == "0A";
      count += can_be && sockets.count(words[is_unix ? 6 : 9]) > 0 ? 1 : 0;
    }
  }
  return count;
}

// The private folder of the job that this rank belongs to.
fs::path FolderOfJob(pid_t rank) {
  const std::string variables = Slurp("/proc/" + std::to_string(rank) + "/environ"), name = "GENBA_RANKS=";
  const std::size_t at = variables.find(name);
  return at == std::string::npos ? "" : variables.substr(at + name.size(), variables.find('\0', at) - at - name.size());
}

class Ranks : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    if (const char* why = NoRanksHere()) GTEST_SKIP() << why;
  }
  void TearDown() override {
    if (job_ > 0) ::kill(job_, SIGKILL);
    ScratchTest::TearDown();
  }

  // Starts a job; the files of an earlier one are gone.
  void Start(const std::string& what, int ranks, int timeout_s, bool listen = false) {
    for (const auto& entry : fs::directory_iterator(folder_)) fs::remove(entry.path());
    ranks_ = ranks;
    std::vector<std::string> words{COMM_RANKS, what, std::to_string(ranks), std::to_string(timeout_s),
                                   folder_.string()};
    if (listen) words.push_back("listen");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    job_ = ::fork();
    if (job_ != 0) return;
    if (std::freopen((folder_ / "stdout").c_str(), "w", stdout) == nullptr ||
        std::freopen((folder_ / "stderr").c_str(), "w", stderr) == nullptr)
      ::_exit(99);
    ::execv(argv[0], argv.data());
    ::_exit(98);
  }
  // The ranks' processes, once all have done a step.
  std::vector<pid_t> Pids() const {
    std::vector<pid_t> pids;
    for (int rank = 0; rank < ranks_; ++rank) {
      const fs::path file = folder_ / ("rank-" + std::to_string(rank));
      for (int i = 0; i < 3000 && !fs::exists(file); ++i) Sleep(0.01);
      pids.push_back(std::atoi(Slurp(file).c_str()));
      EXPECT_GT(pids.back(), 0) << Err();
    }
    return pids;
  }
  int Finish() {
    int status = 0;
    ::waitpid(job_, &status, 0);
    job_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string Err() const { return Slurp(folder_ / "stderr"); }
  void ExpectErr(const std::string& part) const {
    EXPECT_NE(Err().find(part), std::string::npos) << part << "\n" << Err();
  }
  static void ExpectGone(const std::vector<pid_t>& pids) {
    for (const pid_t pid : pids) EXPECT_FALSE(IsAlive(pid)) << pid;
  }
  int Stopped(int rank) const { return std::atoi(Slurp(folder_ / ("stopped-" + std::to_string(rank))).c_str()); }

  void KillAtRandom(int times, int most_ranks);

  pid_t job_ = 0;
  int ranks_ = 0;
};

TEST_F(Ranks, ComputeWhatOneProcessComputes) {
  for (const int ranks : {1, 2, 3, 4}) {
    Start("exchange", ranks, 60);
    EXPECT_EQ(Finish(), 0) << ranks << " ranks: " << Err();
  }
}

TEST_F(Ranks, OneThatDoesNotAgreeIsNamed) {
  Start("differ", 2, 20);
  EXPECT_EQ(Finish(), 3) << Err();
  ExpectErr("step 5");
  ExpectErr("another fingerprint on rank 1 than on rank 0");
}

TEST_F(Ranks, AnOperationLeftOutIsNamed) {
  Start("skip", 2, 20);
  EXPECT_EQ(Finish(), 3);
  ExpectErr("rank 0 is at step 5 'gradients'");
  ExpectErr("rank 1 is at step 5 'weights'");
}

TEST_F(Ranks, WhatOneOfThemSaysIsShown) {
  Start("fail", 3, 20);
  EXPECT_EQ(Finish(), 3);
  ExpectErr("rank 1: comm_ranks: the disk of rank 1 is full");
}

void Ranks::KillAtRandom(int times, int most_ranks) {
  Rng rng(11, static_cast<std::uint64_t>(most_ranks), "kills");
  double slowest = 0;
  for (int i = 0; i < times; ++i) {
    const int ranks = rng.Int(2, most_ranks), victim = rng.Int(0, ranks - 1);
    Start("loop", ranks, 60);
    const std::vector<pid_t> pids = Pids();
    const fs::path private_folder = FolderOfJob(pids[0]);
    EXPECT_TRUE(fs::exists(private_folder)) << private_folder;
    Sleep(rng.Uniform(0, 0.3));
    const Clock::time_point start = Clock::now();
    ::kill(pids[static_cast<std::size_t>(victim)], SIGKILL);
    EXPECT_EQ(Finish(), 3);
    slowest = std::max(slowest, SecondsSince(start));
    ExpectGone(pids);
    EXPECT_FALSE(fs::exists(private_folder)) << private_folder;
    ExpectErr("rank " + std::to_string(victim) + " of " + std::to_string(ranks));
    ExpectErr("pid " + std::to_string(pids[static_cast<std::size_t>(victim)]) + ") was killed by signal 9");
    ExpectErr("at step ");
    if (HasFailure()) FAIL() << "kill " << i;
  }
  EXPECT_LE(slowest, 5);
  std::printf("slowest end after a kill: %.2f s\n", slowest);
}

TEST_F(Ranks, OneKilledEndsAllAndIsNamed) {
  const char* kills = std::getenv("GENBA_KILLS");
  kills != nullptr ? KillAtRandom(std::atoi(kills), 4) : KillAtRandom(10, 2);
}

TEST_F(Ranks, OneStoppedIsNamedByTheOthers) {
  Start("loop", 2, 3);
  const std::vector<pid_t> pids = Pids();
  const Clock::time_point start = Clock::now();
  ::kill(pids[1], SIGSTOP);
  EXPECT_EQ(Finish(), 3);
  EXPECT_GE(SecondsSince(start), 3);
  EXPECT_LE(SecondsSince(start), 3 + 5);
  ExpectErr("rank 0 of 2");
  ExpectErr("waited 3 s for rank 1");
  ExpectGone(pids);
}

// A signal that only one of them gets, and one that the launcher gets: all stop at the same step.
TEST_F(Ranks, StopTogether) {
  Start("loop", 3, 20);
  ::kill(Pids()[2], SIGTERM);
  EXPECT_EQ(Finish(), 143) << Err();
  EXPECT_GT(Stopped(0), 0);
  EXPECT_EQ(Stopped(0), Stopped(1));
  EXPECT_EQ(Stopped(0), Stopped(2));
  Start("loop", 2, 20);
  Pids();
  ::kill(job_, SIGINT);
  EXPECT_EQ(Finish(), 130) << Err();
  EXPECT_GT(Stopped(0), 0);
  EXPECT_EQ(Stopped(0), Stopped(1));
}

// Whoever of the launcher, the keeper and mpirun is killed: no orphans.
TEST_F(Ranks, NobodyIsLeftWhenALauncherIsKilled) {
  for (int generation = 0; generation < 3; ++generation) {
    Start("loop", 2, 60);
    const std::vector<pid_t> pids = Pids();
    const fs::path private_folder = FolderOfJob(pids[0]);
    const pid_t mpirun = ParentOf(pids[0]), keeper = ParentOf(mpirun);
    ASSERT_EQ(ParentOf(keeper), job_);
    ::kill(generation == 0 ? job_ : generation == 1 ? keeper : mpirun, SIGKILL);
    EXPECT_EQ(Finish(), generation == 0 ? 137 : 3) << Err();
    for (int i = 0; i < 500 && IsAlive(keeper); ++i) Sleep(0.01);
    ExpectGone({pids[0], pids[1], mpirun, keeper});
    EXPECT_FALSE(fs::exists(private_folder)) << private_folder;
  }
}

TEST_F(Ranks, NothingCanBeReachedFromOutside) {
  Start("loop", 2, 60);
  Pids();
  const std::set<std::string> sockets = SocketsOf(WithChildren(job_));
  EXPECT_FALSE(sockets.empty());  // there are some; in a network of their own
  EXPECT_EQ(Reachable(sockets), 0);
  ::kill(job_, SIGTERM);
  EXPECT_EQ(Finish(), 143);
  Start("loop", 2, 60, true);  // the control: with --allow-listening something is seen
  Pids();
  EXPECT_GT(Reachable(SocketsOf(WithChildren(job_))), 0);
  ::kill(job_, SIGTERM);
  EXPECT_EQ(Finish(), 143);
}

// Where the kernel gives no namespace (here: a limit of 0), the start is refused; with --allow-listening it is not.
TEST_F(Ranks, AreRefusedWithoutAPrivateNetwork) {
  const std::string limited = "unshare -r sh -c 'echo 0 > /proc/sys/user/max_net_namespaces && ";
  if (std::system((limited + "true' 2>/dev/null").c_str()) != 0) GTEST_SKIP() << "no user namespaces here";
  const std::string job = limited + COMM_RANKS + " exchange 2 20 " + folder_.string(),
                    said = "' 2>" + (folder_ / "stderr").string();
  EXPECT_EQ(WEXITSTATUS(std::system((job + said).c_str())), 3);
  ExpectErr("no network namespace");
  ExpectErr("--allow-listening");
  EXPECT_EQ(WEXITSTATUS(std::system((job + " listen" + said).c_str())), 0) << Err();
}

}  // namespace
}  // namespace genba::trainer
