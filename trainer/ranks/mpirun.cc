#include "trainer/ranks/mpirun.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/error.h"
#include "trainer/ranks/rank_files.h"

namespace genba::trainer {
namespace {

// Who runs inside an allocation of a cluster, or under another MPI, still gets ranks on this host.
constexpr const char* kSteering[] = {"OMPI_", "PMIX_", "PMI_",    "PRTE_",       "SLURM_",
                                     "PBS_",  "LSB_",  "TMPDIR=", "GENBA_RANKS="};

bool Steers(const std::string& variable) {
  for (const char* prefix : kSteering) {
    if (variable.starts_with(prefix)) return true;
  }
  return false;
}

// In a bundle the program is started through its loader: then this is the loader, and the program is its first word.
std::string Executable() {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw SystemError("read", "/proc/self/exe", error.value());
  return file.string();
}

std::vector<std::string> WordsAfterTheFirst() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(word);
  if (words.empty()) throw SystemError("read", "/proc/self/cmdline", EIO);
  words.erase(words.begin());
  return words;
}

// Whether a process may read the memory of another one of the same job: five times as fast for long tensors, and
// refused in some containers, where MPI would find out only when it tries.
bool MayReadOthers() {
  char secret = 'x';
  const pid_t parent = ::getpid(), child = ::fork();
  if (child == 0) {
    char got = 0;
    const iovec to{&got, 1}, from{&secret, 1};
    ::_exit(::process_vm_readv(parent, &to, 1, &from, 1, 0) == 1 ? 0 : 1);
  }
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

void AppendSetting(std::vector<std::string>& words, const std::string& name, const std::string& value) {
  words.insert(words.end(), {"--mca", name, value});
}

}  // namespace

MpirunCommand MakeMpirunCommand(int ranks, const std::string& folder) {
  MpirunCommand command;
  std::vector<std::string>& words = command.words;
  words = {
      "mpirun.openmpi", "-n",  std::to_string(ranks), "--host", "localhost:" + std::to_string(ranks), "--oversubscribe",
      "--bind-to",      "none"};
  AppendSetting(words, "pml", "ob1");
  AppendSetting(words, "btl", "self,vader");  // shared memory only
  AppendSetting(words, "btl_vader_backing_directory", folder);
  AppendSetting(words, "btl_vader_single_copy_mechanism", MayReadOthers() ? "cma" : "none");
  AppendSetting(words, "orte_tmpdir_base", folder);
  AppendSetting(words, "plm", "isolated");
  words.push_back(Executable());
  for (std::string& word : WordsAfterTheFirst()) words.push_back(std::move(word));
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!Steers(*variable)) command.environment.emplace_back(*variable);
  }
  for (const char* ours : {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"})
    command.environment.emplace_back(ours);
  command.environment.push_back("TMPDIR=" + folder);
  command.environment.push_back(std::string(kRanksFolder) + "=" + folder);
  return command;
}

void BecomeMpirun(const MpirunCommand& command, const std::string& output) {
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
  };
  const int nothing = ::open("/dev/null", O_RDONLY), file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(nothing, STDIN_FILENO), ::dup2(file, STDOUT_FILENO), ::dup2(file, STDERR_FILENO);
  const std::vector<char*> words = pointers(command.words), environment = pointers(command.environment);
  ::execvpe(words[0], words.data(), environment.data());
  ::execvpe("mpirun", words.data(), environment.data());
}

}  // namespace genba::trainer
