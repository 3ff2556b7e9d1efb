#include "policies/compute.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/log.h"

// MKL, inside LibTorch, asks this whether it runs on a processor of its maker and takes a narrower path on any other,
// whatever the processor can do. It looks at the processor's own flags behind it, so every path it takes exists; which
// one is a fact of the processor type, as all other bits are.
extern "C" [[gnu::visibility("default")]] int mkl_serv_intel_cpu_true() { return 1; }

namespace genba::policies {
namespace {

// libgomp ends the process when the system refuses a thread; this asks first.
void CheckThreadsCanStart(int count) {
  std::vector<std::jthread> threads;
  try {
    for (int i = 1; i < count; ++i) threads.emplace_back([] {});
  } catch (const std::system_error& error) {
    throw SystemError("start " + std::to_string(count) + " threads", "the matrix library", error.code().value());
  }
}

// How many threads a parallel region of libgomp gets, asked of the library that LibTorch brought. (at::parallel_for,
// compiled here without OpenMP, would run alone.)
int GrantedThreads(int asked) {
  using Parallel = void (*)(void (*)(void*), void*, unsigned, unsigned);
  const auto parallel = reinterpret_cast<Parallel>(::dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  if (parallel == nullptr) return asked;
  std::atomic<int> granted = 0;
  parallel([](void* count) { ++*static_cast<std::atomic<int>*>(count); }, &granted, 0, 0);
  return granted;
}

// LibTorch reads in /proc/cpuinfo which vectors the processor has. Where that is not to be had (a root without /proc), it goes on without
// them: slower, and with other last bits.
bool WarnOfNarrowPaths() {
#if defined(__x86_64__)
  const std::string path = at::get_cpu_capability();
  if (__builtin_cpu_supports("avx2") && path.rfind("AVX", 0) != 0) {
    LogWarning("/proc/cpuinfo: expected a processor with AVX2, as this one, LibTorch reads " + path +
               ": it computes without, more slowly, and the last bits of all results are others");
    return true;
  }
#endif
  return false;
}

// Once, by whoever computes first.
void CheckPaths() { [[maybe_unused]] static const bool warned = WarnOfNarrowPaths(); }

// A step takes and frees the same megabytes over and over: they stay with the process. Given back and taken anew they
// would be zeroed by the system page by page, a fifth of a step.
void KeepFreedMemory() {
  constexpr int kLargestAllowed = 32 << 20;  // what glibc accepts
  mallopt(M_MMAP_THRESHOLD, kLargestAllowed);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, kLargestAllowed);
}

}  // namespace

void UseMatrixThreads(int count, const char* setting) {
  GENBA_CHECK(count >= 1, "at least one thread computes");
  CheckPaths();
  KeepFreedMemory();
  CheckThreadsCanStart(count);
  at::set_num_threads(count);
  const int granted = GrantedThreads(count);
  if (granted != count) {
    LogWarning(std::string(setting) + " is " + std::to_string(count) + ", but the system grants " +
               std::to_string(granted) + ": the last bits of all results are those of " + std::to_string(granted));
  }
}

double PeakMegaFlops() {
  constexpr std::int64_t kColumns = 1024;
  constexpr int kProducts = 5;
  const at::NoGradGuard no_gradients;
  const at::Tensor a = at::ones({kColumns, kColumns}, at::kFloat);
  at::Tensor product = at::empty_like(a);
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kProducts; ++i) {
    const auto start = std::chrono::steady_clock::now();
    at::mm_out(product, a, a);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return 1e-6 * 2 * static_cast<double>(kColumns * kColumns * kColumns) / best;
}

MatrixThreads::MatrixThreads(int count) : before_(at::get_num_threads()) {
  CheckPaths();
  if (before_ != count) at::set_num_threads(count);
}

MatrixThreads::~MatrixThreads() {
  if (at::get_num_threads() != before_) at::set_num_threads(before_);
}

}  // namespace genba::policies
