// Kernels of learning against their references, bit for bit: the same operations in the same order, none fused.
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <gtest/gtest.h>

#include "tests/cuda/device.h"
#include "tests/trainer/played.h"
#include "tests/trainer/windows.h"
#include "trainer/cuda/gae_op.h"
#include "trainer/cuda/window_gather_op.h"

namespace genba::trainer {
namespace {

template <class T>
at::Tensor Device(const std::vector<T>& values, at::IntArrayRef shape, at::ScalarType type) {
  return at::from_blob(const_cast<T*>(values.data()), shape, at::TensorOptions(type)).cuda();
}

template <class T>
std::vector<T> Here(const at::Tensor& device) {
  const at::Tensor here = device.cpu().contiguous();
  const T* data = static_cast<const T*>(here.const_data_ptr());
  return {data, data + here.numel()};
}

AdvantageTensors OnDevice(const Played& played, double gamma, double lambda) {
  const std::vector<std::int64_t> shape{played.steps, played.worlds};
  return ScanGae({Device(played.reward, shape, at::kFloat), Device(played.value, shape, at::kFloat),
                  Device(played.next_value, shape, at::kFloat), Device(played.terminated, shape, at::kByte),
                  Device(played.truncated, shape, at::kByte)},
                 gamma, lambda);
}

TEST(GaeKernel, IsTheReferenceBitForBit) {
  GENBA_NEEDS_CUDA_DEVICE();
  for (const auto& [steps, worlds] : {std::pair(1, 1), std::pair(40, 5), std::pair(64, 1000)}) {
    const Played played = Random(steps, worlds, 7);
    const Advantages expected = ComputeGae(played.Input(0.97, 0.9));
    const AdvantageTensors found = OnDevice(played, 0.97, 0.9);
    EXPECT_EQ(Here<float>(found.advantage), expected.advantage) << steps << " " << worlds;
    EXPECT_EQ(Here<float>(found.returns), expected.returns);
  }
}

GatheredWindows OnDevice(const WindowSample& s, at::ScalarType type) {
  const WindowTensors table{
      Device(s.obs, {s.kSteps, s.kObs}, at::kFloat),  Device(s.actions, {s.kSteps, s.kAction}, at::kFloat),
      Device(s.episode_end, {s.kSteps}, at::kLong),   Device(s.pushed, {s.kSteps}, at::kByte),
      Device(s.obs_mean, {s.kObs}, at::kFloat),       Device(s.obs_scale, {s.kObs}, at::kFloat),
      Device(s.action_mean, {s.kAction}, at::kFloat), Device(s.action_scale, {s.kAction}, at::kFloat)};
  return GatherWindows(table, Device(s.start, {s.num_windows()}, at::kLong), s.kChunk, type);
}

template <class T>
void ExpectReference(at::ScalarType type, Cast cast) {
  const WindowSample sample;
  const Gathered<T> expected(sample, cast);
  const GatheredWindows found = OnDevice(sample, type);
  EXPECT_EQ(Here<T>(found.obs), expected.obs);
  EXPECT_EQ(Here<T>(found.actions), expected.actions);
  EXPECT_EQ(Here<float>(found.mask), expected.mask);
}

TEST(WindowGatherKernel, IsTheReferenceBitForBit) {
  GENBA_NEEDS_CUDA_DEVICE();
  ExpectReference<float>(at::kFloat, Cast::kFloat);
  ExpectReference<std::uint16_t>(at::kBFloat16, Cast::kBFloat16);
}

}  // namespace
}  // namespace genba::trainer
