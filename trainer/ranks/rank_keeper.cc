#include "trainer/ranks/rank_keeper.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/processor.h"
#include "trainer/ranks/mpirun.h"
#include "trainer/ranks/rank_files.h"

namespace genba::trainer {
namespace {

using std::chrono::milliseconds;

constexpr timespec kTick = {0, 20'000'000};
// After a rank failed by itself: time for the others to say what they saw. Where one was killed they have seen nothing.
// mpirun ends by itself, and says which signal it was.
constexpr milliseconds kGraceOfRanks{1000}, kGraceOfMpirun{4000};
// After a signal that ranks obeyed: the others save, too.
constexpr milliseconds kGraceOfStopping{10000};

// A handle stays with its process: a number that is used anew is never hit. (As calls of their own: the header of glibc
// 2.36 declares them for C only.)
int OpenProcess(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
void Send(int handle, int signal) { ::syscall(SYS_pidfd_send_signal, handle, signal, nullptr, 0); }

std::string Slurp(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string LastLine(const std::string& text) {
  std::string line, last;
  for (std::istringstream lines(text); std::getline(lines, line);) {
    if (line.find_first_not_of("- \t") != std::string::npos) last = line;
  }
  return last;
}

}  // namespace

void WaitForOrphans() {
  constexpr timespec kOften = {0, 1'000'000};
  for (int tries = 0; tries < 3000; ++tries) {
    const pid_t ended = ::waitpid(-1, nullptr, WNOHANG);
    if (ended < 0) return;
    if (ended == 0) ::nanosleep(&kOften, nullptr);
  }
}

RankKeeper::RankKeeper(int ranks, const std::string& folder, pid_t launcher)
    : folder_(folder),
      launcher_(launcher),
      page_(PageFile(folder), ranks),
      output_(OutputSocket(folder)),
      handles_(static_cast<std::size_t>(ranks), -1) {}

RankKeeper::~RankKeeper() {
  for (const int handle : handles_) {
    if (handle >= 0) ::close(handle);
  }
}

int RankKeeper::Run() {
  StartMpirun();
  while (!MpirunEnded()) {
    TakeSignal();
    output_.GiveToWhoAsks();
    LookAtRanks();
    EndWhoIsLeft();
  }
  LookAtRanks();
  SendRanks(SIGKILL);  // mpirun ends last, unless it was killed
  WaitForOrphans();
  return Verdict();
}

void RankKeeper::StartMpirun() {
  const MpirunCommand command = MakeMpirunCommand(page_.size(), folder_);
  const pid_t keeper = ::getpid();
  mpirun_ = ::fork();
  if (mpirun_ < 0) throw SystemError("start", command.words[0], errno);
  if (mpirun_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(1);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  BecomeMpirun(command, MpirunOutput(folder_));
  ::_exit(127);
}

bool RankKeeper::MpirunEnded() {
  if (!mpirun_ended_) mpirun_ended_ = ::waitpid(mpirun_, &mpirun_status_, WNOHANG) == mpirun_;
  return mpirun_ended_;
}

// Sleeps for a tick, or until a signal comes; the second one ends everything at once.
void RankKeeper::TakeSignal() {
  sigset_t stops;
  ::sigemptyset(&stops);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&stops, signal);
  const int signal = ::sigtimedwait(&stops, nullptr, &kTick);
  if (signal != SIGINT && signal != SIGTERM && signal != SIGHUP) return;
  ++signals_;
  if (signal_ == 0) signal_ = signal == SIGHUP ? SIGTERM : signal;
  SendRanks(signals_ > 1 ? SIGKILL : signal_);
}

void RankKeeper::LookAtRanks() {
  for (int rank = 0; rank < page_.size(); ++rank) {
    int& handle = handles_[static_cast<std::size_t>(rank)];
    const RankRow& row = page_.row(rank);
    if (handle < 0 && row.pid != 0) {
      handle = OpenProcess(row.pid);
      if (handle >= 0 && signal_ != 0) Send(handle, signal_);  // it came before the rank did
    }
    if (first_ || row.pid == 0 || !IsGone(rank)) continue;
    if (row.exit_code != 0) first_ = {rank, Clock::now()};
  }
}

bool RankKeeper::IsGone(int rank) const {
  const int handle = handles_[static_cast<std::size_t>(rank)];
  pollfd ended{handle, POLLIN, 0};
  return handle < 0 || (::poll(&ended, 1, 0) == 1 && (ended.revents & POLLIN) != 0);
}

void RankKeeper::EndWhoIsLeft() {
  const bool launcher_is_gone = ::getppid() != launcher_;
  if (launcher_is_gone || signals_ > 1) {
    SendRanks(SIGKILL);
    ::kill(mpirun_, SIGKILL);
  }
  if (!first_) return;
  const int code = page_.row(first_->rank).exit_code;
  const bool is_stopping = code > 128 || signal_ != 0, was_killed = code < 0;
  const auto since = Clock::now() - first_->when;
  if (since > (is_stopping ? kGraceOfStopping : was_killed ? milliseconds{0} : kGraceOfRanks)) SendRanks(SIGKILL);
  if (since > (is_stopping ? kGraceOfStopping : kGraceOfMpirun)) ::kill(mpirun_, SIGKILL);
}

void RankKeeper::SendRanks(int signal) const {
  for (const int handle : handles_) {
    if (handle >= 0) Send(handle, signal);
  }
}

// 0, what the first bad end says, or that it was a signal that the launcher got.
int RankKeeper::Verdict() const {
  if (signal_ != 0) return 128 + signal_;
  const std::string said = Slurp(MpirunOutput(folder_));
  if (!first_ && WIFEXITED(mpirun_status_) && WEXITSTATUS(mpirun_status_) == 0) return 0;
  if (!first_ && WIFEXITED(mpirun_status_) && WEXITSTATUS(mpirun_status_) == 127 && said.empty())
    throw Error(ErrorKind::kEnvironment, "mpirun: expected OpenMPI's (Debian's openmpi-bin), got none");
  if (!first_) throw Error(ErrorKind::kEnvironment, "mpirun ended without the ranks: " + LastLine(said));
  const int code = page_.row(first_->rank).exit_code, code_of_0 = page_.row(0).exit_code;
  if (code < 0) throw Error(ErrorKind::kEnvironment, HowItDied(first_->rank) + "; the others were ended");
  if (code_of_0 > 0) return code_of_0;  // it has said so
  ShowOutput(first_->rank);
  return code;
}

std::string RankKeeper::HowItDied(int rank) const {
  const std::string said = Slurp(MpirunOutput(folder_)), phrase = "on signal ";
  const std::size_t at = said.find(phrase);
  const std::string how = at == std::string::npos
                              ? "ended without a word"
                              : "was killed by signal " +
                                    said.substr(at + phrase.size(), said.find_first_of(".\n", at) - at - phrase.size());
  return "rank " + std::to_string(rank) + " of " + std::to_string(page_.size()) + " (" + HostName() + ", pid " +
         std::to_string(page_.row(rank).pid) + ") " + how + " " + page_.Place(rank);
}

void RankKeeper::ShowOutput(int rank) const {
  std::istringstream lines(Slurp(RankOutput(folder_, rank)));
  for (std::string line; std::getline(lines, line);) std::fprintf(stderr, "rank %d: %s\n", rank, line.c_str());
}

}  // namespace genba::trainer
