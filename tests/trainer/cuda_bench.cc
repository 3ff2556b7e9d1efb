// cuda_bench - how long our kernels take beside the ATen operations that do the same, on device 0, as JSON: microseconds of one
// call in a row of many, median of nine rows, and their ratio. Without a device it says so and ends with 3. Not a test and not
// part of genba: ninja cuda_bench.
#include <ATen/core/Tensor.h>
#include <ATen/cuda/CUDAContextLight.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/InferenceMode.h>
#include <c10/cuda/CUDAFunctions.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

#include "policies/cuda/device_count.h"
#include "policies/cuda/slot_attention_op.h"
#include "policies/layers.h"
#include "trainer/cuda/gae_op.h"
#include "trainer/cuda/window_gather_op.h"

namespace genba::trainer {
namespace {

constexpr int kCalls = 50, kRows = 9;
const at::TensorOptions kFloats = at::TensorOptions(at::kFloat).device(at::kCUDA);

double RowMicroseconds(const std::function<void()>& call) {
  at::cuda::CUDAEvent begin(cudaEventDefault), end(cudaEventDefault);
  begin.record();
  for (int i = 0; i < kCalls; ++i) call();
  end.record();
  end.synchronize();
  return 1e3 * static_cast<double>(begin.elapsed_time(end)) / kCalls;
}

double Microseconds(const std::function<void()>& call) {
  RowMicroseconds(call);  // warm
  std::array<double, kRows> rows{};
  for (double& row : rows) row = RowMicroseconds(call);
  std::nth_element(rows.begin(), rows.begin() + kRows / 2, rows.end());
  return rows[kRows / 2];
}

nlohmann::json Compare(const char* name, nlohmann::json shape, const std::function<void()>& kernel,
                       const std::function<void()>& aten) {
  const double ours = Microseconds(kernel), theirs = Microseconds(aten);
  return {{"kernel", name},    {"shape", std::move(shape)},         {"kernel_us", ours},
          {"aten_us", theirs}, {"aten_over_kernel", theirs / ours}, {"calls", kCalls}};
}

// As eager PyTorch does it: a few operations on [N] for each step back.
void AtenGae(const GaeTensors& s, double gamma, double lambda) {
  const at::Tensor advantage = at::empty_like(s.reward);
  const at::Tensor goes_on = 1 - s.terminated.to(at::kFloat), unbroken = goes_on * (1 - s.truncated.to(at::kFloat));
  const at::Tensor delta = s.reward + gamma * s.next_value * goes_on - s.value;
  at::Tensor later = at::zeros_like(s.reward[0]);
  for (std::int64_t t = s.reward.size(0) - 1; t >= 0; --t) {
    later = delta[t] + gamma * lambda * unbroken[t] * later;
    advantage[t].copy_(later);
  }
  const at::Tensor returns = advantage + s.value;
}

nlohmann::json Gae(std::int64_t steps, std::int64_t worlds) {
  const auto random = [&] { return at::randn({steps, worlds}, kFloats); };
  const auto ends = [&] { return (at::rand({steps, worlds}, kFloats) < 0.02).to(at::kByte); };
  const GaeTensors s{random(), random(), random(), ends(), ends()};
  return Compare(
      "gae_scan", {{"steps", steps}, {"worlds", worlds}}, [&] { ScanGae(s, 0.99, 0.95); },
      [&] { AtenGae(s, 0.99, 0.95); });
}

struct Windows {
  static constexpr std::int64_t kSteps = 100000, kObs = 150, kAction = 7, kEpisode = 200;
  WindowTensors table;
  at::Tensor start;
  explicit Windows(std::int64_t batch) {
    const at::TensorOptions whole = kFloats.dtype(at::kLong);
    const at::Tensor episode = at::arange(kSteps, whole).div(kEpisode, "floor");
    table = {at::randn({kSteps, kObs}, kFloats), at::randn({kSteps, kAction}, kFloats),
             (episode + 1) * kEpisode,           (at::rand({kSteps}, kFloats) < 0.05).to(at::kByte),
             at::randn({kObs}, kFloats),         at::rand({kObs}, kFloats) + 0.5,
             at::randn({kAction}, kFloats),      at::rand({kAction}, kFloats) + 0.5};
    start = at::randint(kSteps, {batch}, whole);
  }
};

void AtenWindows(const Windows& w, int chunk) {
  const at::Tensor obs =
      ((w.table.obs.index_select(0, w.start) - w.table.obs_mean) / w.table.obs_scale).to(at::kBFloat16);
  const at::Tensor wanted = w.start.unsqueeze(1) + at::arange(chunk, w.start.options());
  const at::Tensor last = (w.table.episode_end.index_select(0, w.start) - 1).unsqueeze(1);
  const at::Tensor steps = at::minimum(wanted, last).flatten();
  const at::Tensor actions =
      ((w.table.actions.index_select(0, steps) - w.table.action_mean) / w.table.action_scale).to(at::kBFloat16);
  const at::Tensor pushed = w.table.pushed.index_select(0, steps).view(wanted.sizes()).to(at::kInt);
  const at::Tensor mask = (wanted <= last).logical_and(pushed.cumsum(1) - pushed == 0).to(at::kFloat);
}

nlohmann::json Gather(std::int64_t batch, int chunk) {
  const Windows w(batch);
  return Compare(
      "window_gather", {{"windows", batch}, {"chunk", chunk}, {"obs", w.kObs}, {"type", "bfloat16"}},
      [&] { GatherWindows(w.table, w.start, chunk, at::kBFloat16); }, [&] { AtenWindows(w, chunk); });
}

nlohmann::json Attention(std::int64_t batch, std::int64_t queries, std::int64_t keys) {
  constexpr std::int64_t kWidth = 64, kHeads = 4;
  const auto rows = [&](std::int64_t count) { return at::randn({batch, count, kWidth}, kFloats); };
  const at::Tensor q = rows(queries), k = rows(keys), v = rows(keys), mask = at::zeros({batch, 1, 1, keys}, kFloats);
  return Compare(
      "slot_attention", {{"batch", batch}, {"queries", queries}, {"keys", keys}, {"width", kWidth}, {"heads", kHeads}},
      [&] { policies::AttendSlots(q, k, v, mask, kHeads); }, [&] { policies::Attend(q, k, v, mask, kHeads); });
}

nlohmann::json Measured() {
  const c10::InferenceMode no_gradients;
  const cudaDeviceProp* device = at::cuda::getDeviceProperties(0);
  return {{"device", device->name},
          {"compute_capability", std::to_string(device->major) + "." + std::to_string(device->minor)},
          {"kernels",
           {Gae(32, 64), Gae(32, 4096), Gae(128, 1024), Gather(256, 16), Gather(4096, 16), Attention(64, 17, 17),
            Attention(64, 17, 24), Attention(4096, 17, 24)}}};
}

}  // namespace
}  // namespace genba::trainer

int main() {
  const genba::policies::CudaDevices devices = genba::policies::FindCudaDevices();
  const bool there = devices.count > 0;
  const nlohmann::json found =
      there ? genba::trainer::Measured() : nlohmann::json{{"device", nullptr}, {"why", devices.why_none}};
  std::printf("%s\n", found.dump(2).c_str());
  return there ? 0 : 3;
}
