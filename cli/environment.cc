// The environment changes no result and no waiting: before anything else runs, the program takes out of it what would
// steer the matrix libraries (OMP_NUM_THREADS, MKL_CBWR, ATEN_CPU_CAPABILITY, …) or glibc's choice of mathematics, asks
// libgomp to wait without spinning, and starts itself again. libgomp reads these when it is loaded, so this is a
// .preinit_array function: it runs before the constructors of every library. An environment that is already as wanted
// starts nothing, so the program restarts at most once. Where it cannot restart itself it goes on as it is, and
// UseMatrixThreads says what was not granted. Not in sanitizer builds, whose runtime is not up yet at this point.
#include <unistd.h>

#include <cstring>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

constexpr const char* kSteering[] = {"OMP_",  "GOMP_",  "KMP_",     "MKL_",      "DNNL_",         "ONEDNN_",
                                     "ATEN_", "TORCH_", "PYTORCH_", "OPENBLAS_", "GLIBC_TUNABLES"};
// Beside a busy core spinning threads made a training step five times as long; idle, waking costs microseconds.
constexpr const char* kWanted[] = {"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=0"};
constexpr int kNumWanted = sizeof(kWanted) / sizeof(kWanted[0]);
constexpr int kMostVariables = 16384;

bool Steers(const char* variable) {
  for (const char* prefix : kSteering) {
    if (std::strncmp(variable, prefix, std::strlen(prefix)) == 0) return true;
  }
  return false;
}

bool IsWanted(const char* variable) {
  for (const char* wanted : kWanted) {
    if (std::strcmp(variable, wanted) == 0) return true;
  }
  return false;
}

void RestartInACleanEnvironment(int, char** argv, char** environment) {
  static const char* clean[kMostVariables + kNumWanted + 1];
  int count = 0, already_wanted = 0;
  bool steered = false;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (IsWanted(*variable)) {
      ++already_wanted;
    } else if (Steers(*variable)) {
      steered = true;
    } else if (count < kMostVariables) {
      clean[count++] = *variable;
    } else {
      return;  // nobody's environment
    }
  }
  if (!steered && already_wanted == kNumWanted) return;
  for (const char* wanted : kWanted) clean[count++] = wanted;
  clean[count] = nullptr;
  // By its own name where that is known, so that ps and killall still find it; a deleted file goes by the link.
  char program[4096];
  const ssize_t length = ::readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0) {
    program[length] = '\0';
    ::execve(program, argv, const_cast<char**>(clean));
  }
  ::execve("/proc/self/exe", argv, const_cast<char**>(clean));
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const restart)(int, char**, char**) = RestartInACleanEnvironment;

}  // namespace
#endif
