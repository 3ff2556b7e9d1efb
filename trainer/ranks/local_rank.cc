// The side of local_ranks.h that a rank sees.
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "core/error.h"
#include "trainer/ranks/local_ranks.h"
#include "trainer/ranks/passed_output.h"
#include "trainer/ranks/rank_files.h"
#include "trainer/ranks/rank_place.h"

namespace genba::trainer {
namespace {

std::string Folder() {
  const char* folder = std::getenv(kRanksFolder);
  return folder != nullptr ? folder : "";
}

// The variable is ours, but anybody can set it: the folder must be one that only this user can have made.
void CheckPrivate(const std::string& folder) {
  struct stat found {};
  if (::lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() ||
      (found.st_mode & 077) != 0)
    throw BadInput({"environment", kRanksFolder, "a folder that the launcher of ranks made", folder});
}

void EndWithParent() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == 1) ::_exit(static_cast<int>(ErrorKind::kEnvironment));  // it had ended before
}

void WriteInto(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0 || ::dup2(descriptor, STDOUT_FILENO) < 0 || ::dup2(descriptor, STDERR_FILENO) < 0)
    throw SystemError("write", file, errno);
  ::close(descriptor);
}

// Cores [rank · share, …) of those that this process may use; more ranks than cores share them in turn.
void PinToShare(int rank, int ranks) {
  cpu_set_t all, mine;
  CPU_ZERO(&all);
  CPU_ZERO(&mine);
  if (::sched_getaffinity(0, sizeof all, &all) != 0) return;
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &all)) cores.push_back(core);
  }
  const std::size_t share = std::max<std::size_t>(1, cores.size() / static_cast<std::size_t>(ranks));
  for (std::size_t i = 0; i < share; ++i)
    CPU_SET(cores[(static_cast<std::size_t>(rank) * share + i) % cores.size()], &mine);
  ::sched_setaffinity(0, sizeof mine, &mine);
}

}  // namespace

LocalRank::LocalRank() {
  const std::string folder = Folder();
  if (folder.empty()) return;
  CheckPrivate(folder);
  const RankPlace place = FindRankPlace(::getenv, 0);
  if (place.size == 1)
    throw BadInput({"environment", "OMPI_COMM_WORLD_SIZE", "the rank's, as OpenMPI's mpirun sets it", "none"});
  rank_ = place.rank;
  EndWithParent();
  rank_ == 0 ? TakeOutput(OutputSocket(folder)) : WriteInto(RankOutput(folder, rank_));
  page_ = OpenRankPage(place.size);
  page_->row(rank_).pid = ::getpid();
  PinToShare(rank_, place.size);
}

int LocalRank::Ended(int code) const {
  if (page_ == nullptr) return code;
  page_->row(rank_).exit_code = code;
  return 0;
}

std::unique_ptr<RankPage> OpenRankPage(int ranks) {
  const std::string folder = Folder();
  return folder.empty() ? nullptr : std::make_unique<RankPage>(PageFile(folder), ranks);
}

}  // namespace genba::trainer
