// The environment changes no result and no waiting: before anything else runs, the program takes out of it what would
// steer the matrix libraries (OMP_NUM_THREADS, MKL_CBWR, ATEN_CPU_CAPABILITY, …) or glibc's choice of mathematics, and
// asks libgomp to wait without spinning. libgomp reads its variables when it is loaded, so this is a .preinit_array
// function: it runs before the constructors of every library, and edits the list of variables where it lies. The list
// cannot grow there; where no place is free, and where glibc has already been steered, the program starts itself again
// (once: the second time the list is as wanted). Where it cannot, it goes on as it is, and UseMatrixThreads says what
// was not granted. Not in sanitizer builds, whose runtime is not up yet at this point.
#include <sys/auxv.h>
#include <unistd.h>

#include <cstring>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

constexpr const char* kSteering[] = {"OMP_",  "GOMP_",  "KMP_",     "MKL_",      "DNNL_",          "ONEDNN_",
                                     "ATEN_", "TORCH_", "PYTORCH_", "OPENBLAS_", "GLIBC_TUNABLES="};
// Beside a busy core, spinning threads made a training step five times as long; waking costs microseconds.
char wait_passively[] = "OMP_WAIT_POLICY=passive";
constexpr int kMostVariables = 16384;

bool StartsWith(const char* variable, const char* prefix) {
  return std::strncmp(variable, prefix, std::strlen(prefix)) == 0;
}

bool Steers(const char* variable) {
  for (const char* prefix : kSteering) {
    if (StartsWith(variable, prefix)) return true;
  }
  return false;
}

// By its own name where that is known, so that ps and killall still find it; a deleted file goes by the link. Where there is no
// /proc, by what was executed.
void Restart(char** argv, char** environment) {
  char program[4096];
  const ssize_t length = ::readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0) {
    program[length] = '\0';
    ::execve(program, argv, environment);
  }
  ::execve("/proc/self/exe", argv, environment);
  ::execve(reinterpret_cast<const char*>(::getauxval(AT_EXECFN)), argv, environment);
}

void RestartWith(char* added, char** argv, char** environment, int count) {
  static char* longer[kMostVariables + 2];
  if (count > kMostVariables) return;
  std::memcpy(longer, environment, sizeof(char*) * static_cast<std::size_t>(count));
  longer[count] = added;
  Restart(argv, longer);
}

void CleanEnvironment(int, char** argv, char** environment) {
  int read = 0, kept = 0;
  bool is_passive = false, glibc_was_steered = false;
  char** spare = nullptr;
  for (; environment[read] != nullptr; ++read) {
    char* variable = environment[read];
    if (std::strcmp(variable, wait_passively) == 0) {
      is_passive = true;
    } else if (Steers(variable)) {
      glibc_was_steered = glibc_was_steered || StartsWith(variable, "GLIBC_TUNABLES=");
      continue;
    }
    environment[kept] = variable;
    if (StartsWith(variable, "_=")) spare = &environment[kept];  // what a shell last ran; nobody reads it
    ++kept;
  }
  const bool has_room = kept < read || spare != nullptr;
  if (!is_passive && kept < read) {
    environment[kept++] = wait_passively;
  } else if (!is_passive && spare != nullptr) {
    *spare = wait_passively;
  }
  environment[kept] = nullptr;
  if (!is_passive && !has_room) RestartWith(wait_passively, argv, environment, kept);
  if (glibc_was_steered) Restart(argv, environment);
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const clean)(int, char**, char**) = CleanEnvironment;

}  // namespace
#endif
