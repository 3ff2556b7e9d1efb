// The side of local_ranks.h that the user starts.
#include "trainer/ranks/local_ranks.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/error.h"
#include "trainer/ranks/private_network.h"
#include "trainer/ranks/rank_files.h"
#include "trainer/ranks/rank_keeper.h"

namespace genba::trainer {
namespace {

constexpr std::size_t kLongestPlace = 40;  // a socket's path has 107 bytes, and MPI adds to it

// Only this user can enter it. In memory where there is such a place, because ranks exchange through files in it.
class PrivateFolder {
 public:
  PrivateFolder() {
    for (const std::string& place : Places()) {
      path_ = place + "/genba-ranks.XXXXXX";
      if (place.size() <= kLongestPlace && ::mkdtemp(path_.data()) != nullptr) return;
    }
    throw SystemError("make a folder in", "/tmp", errno);
  }
  ~PrivateFolder() { Remove(); }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const std::string& path() const { return path_; }
  void Remove() const {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

 private:
  static std::vector<std::string> Places() {
    const char* wanted = std::getenv("TMPDIR");
    return {"/dev/shm", wanted != nullptr && *wanted == '/' ? wanted : "/tmp", "/tmp"};
  }
  std::string path_;
};

bool IsIgnored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

// Blocked, they are taken in turn (sigwait). What was ignored when the program started (nohup) stays so.
sigset_t BlockSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    if (!IsIgnored(signal)) ::sigaddset(&set, signal);
  }
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return set;
}

// Passes signals on to the keeper until it has ended: its status.
int Accompany(pid_t keeper, const sigset_t& signals) {
  for (int status = 0;;) {
    if (::waitpid(keeper, &status, WNOHANG) == keeper) return status;
    const int signal = ::sigwaitinfo(&signals, nullptr);
    if (signal > 0 && signal != SIGCHLD) ::kill(keeper, signal);
  }
}

int Keep(const LocalRanks& config, const PrivateFolder& folder, pid_t launcher) {
  ::setpgid(0, 0);  // what is typed at the terminal reaches the launcher, and through it all others, once
  ::prctl(PR_SET_NAME, "genba-keeper");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const std::string refusal = config.allow_listening ? "" : EnterPrivateNetwork();
  if (!refusal.empty())
    throw Error(ErrorKind::kEnvironment,
                "--ranks " + std::to_string(config.ranks) + ": " + refusal +
                    "; --allow-listening starts without one, and mpirun then listens on all interfaces of this host");
  RankPage::Create(PageFile(folder.path()), config.ranks);
  return RankKeeper(config.ranks, folder.path(), launcher).Run();
}

}  // namespace

void StartLocalRanks(const LocalRanks& config) {
  const PrivateFolder folder;
  const sigset_t signals = BlockSignals();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // should the keeper be killed, what it leaves comes here, and not to init
  const pid_t launcher = ::getpid(), keeper = ::fork();
  if (keeper < 0) throw SystemError("start", "the keeper of the ranks", errno);
  if (keeper == 0) {
    const int code = Keep(config, folder, launcher);
    folder.Remove();
    ::_exit(code);
  }
  const int status = Accompany(keeper, signals);
  WaitForOrphans();
  folder.Remove();
  if (WIFSIGNALED(status))
    throw Error(ErrorKind::kEnvironment,
                "the keeper of the ranks was killed by signal " + std::to_string(WTERMSIG(status)));
  ::_exit(WEXITSTATUS(status));
}

}  // namespace genba::trainer
