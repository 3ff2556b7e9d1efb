#include "trainer/ranks/bench_comm.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/rng.h"

namespace genba::trainer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kSizes[] = {1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24};  // [B]
constexpr std::int64_t kLong = 1 << 20;  // [B] from here on a tenth of the repeats
constexpr int kWarmUp = 3, kPattern = 1 << 16;

// What a rank brings: numbers of many magnitudes, so that another order of adding gives other bits.
void Fill(const at::Tensor& data, int rank) {
  Rng rng(7, static_cast<std::uint64_t>(rank), "comm");
  std::vector<float> pattern(kPattern);
  for (float& value : pattern) value = static_cast<float>(std::ldexp(rng.Normal(), rng.Int(-12, 12)));
  float* values = data.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < data.numel(); ++i) values[i] = pattern[static_cast<std::size_t>(i % kPattern)];
}

at::Tensor Brought(std::int64_t n, int ranks) {
  const at::Tensor all = at::empty({ranks, n}, at::kFloat);
  for (int rank = 0; rank < ranks; ++rank) Fill(all.select(0, rank), rank);
  return all;
}

void ExpectBits(const at::Tensor& got, const at::Tensor& expected, const std::string& operation) {
  if (!got.equal(expected))
    throw Error(ErrorKind::kFailed, "bench comm: " + operation + ": other bits than the local ones");
}

void CheckBits(Comm& comm, std::int64_t n) {
  const at::Tensor all = Brought(n, comm.size()), mine = all.select(0, comm.rank()).clone(),
                   gathered = at::empty({comm.size() * n}, at::kFloat);
  comm.AllGather(mine, gathered, "gather to check");
  ExpectBits(gathered, all.view({-1}), "gather");
  comm.Sum(mine, "sum to check");
  SumInPairs(all);
  ExpectBits(mine, all.select(0, 0), "sum");
}

nlohmann::json Row(const std::string& operation, std::int64_t bytes, std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2], high = seconds[seconds.size() * 9 / 10];
  return {{"operation", operation},
          {"bytes", bytes},
          {"median_us", median * 1e6},
          {"p90_us", high * 1e6},
          {"MB_per_s", static_cast<double>(bytes) / median / 1e6}};
}

std::vector<double> Time(Comm& comm, int repeats, const std::function<void()>& run) {
  std::vector<double> seconds;
  for (int i = -kWarmUp; i < repeats; ++i) {
    comm.AtStep(std::max(0, i));
    const Clock::time_point start = Clock::now();
    run();
    if (i >= 0) seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    if (comm.StopSignal() != 0) throw InterruptedError(comm.StopSignal());
  }
  return seconds;
}

}  // namespace

nlohmann::json BenchComm(Comm& comm, int repeats) {
  nlohmann::json rows = nlohmann::json::array();
  for (const std::int64_t bytes : kSizes) {
    const std::int64_t n = bytes / static_cast<std::int64_t>(sizeof(float));
    const int times = bytes < kLong ? repeats : std::max(1, repeats / 10);
    CheckBits(comm, n);
    const at::Tensor data = at::empty({n}, at::kFloat), all = at::empty({comm.size() * n}, at::kFloat);
    data.zero_();
    rows.push_back(Row("sum", bytes, Time(comm, times, [&] { comm.Sum(data, "sum"); })));
    // A rank's part is the size over the ranks: what sharing out an optimiser takes is a row of each of these two.
    const std::int64_t part = n / comm.size();
    const at::Tensor whole = data.narrow(0, 0, part * comm.size()), mine = whole.narrow(0, comm.rank() * part, part);
    rows.push_back(Row("parts", bytes, Time(comm, times, [&] { comm.SumParts(whole, mine, "parts"); })));
    rows.push_back(Row("gather parts", bytes, Time(comm, times, [&] { comm.AllGather(mine, whole, "gather parts"); })));
    rows.push_back(Row("gather", bytes, Time(comm, times, [&] { comm.AllGather(data, all, "gather"); })));
  }
  return {{"ranks", comm.size()}, {"repeats", repeats}, {"bits_equal", true}, {"rows", rows}};
}

}  // namespace genba::trainer
