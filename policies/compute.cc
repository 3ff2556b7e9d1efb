#include "policies/compute.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/log.h"

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

int GrantedThreads(int asked) {
  std::atomic<int> granted = 0;
  at::parallel_for(0, asked, 1, [&](std::int64_t, std::int64_t) { ++granted; });  // one call per thread
  return granted;
}

}  // namespace

void UseMatrixThreads(int count, const char* setting) {
  GENBA_CHECK(count >= 1, "at least one thread computes");
  CheckThreadsCanStart(count);
  at::set_num_threads(count);
  const int granted = GrantedThreads(count);
  if (granted != count) {
    LogWarning(std::string(setting) + " is " + std::to_string(count) + ", but the system grants " +
               std::to_string(granted) + ": the last bits of all results are those of " + std::to_string(granted));
  }
}

MatrixThreads::MatrixThreads(int count) : before_(at::get_num_threads()) {
  if (before_ != count) at::set_num_threads(count);
}

MatrixThreads::~MatrixThreads() {
  if (at::get_num_threads() != before_) at::set_num_threads(before_);
}

}  // namespace genba::policies
