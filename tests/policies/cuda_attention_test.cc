// What is linked in the preset cuda, and the kernel of attention against policies::Attend.
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/cat.h>
#include <gtest/gtest.h>

#include "policies/cuda/slot_attention.h"
#include "policies/cuda/slot_attention_op.h"
#include "policies/layers.h"
#include "tests/cuda/device.h"
#include "tests/policies/attended.h"

namespace genba::policies {
namespace {

constexpr double kTolerance = 1e-5;  // of values near 1: sums of up to 40 products, added in another order

// Nothing names a symbol of libtorch_cuda: without its kernels every operation on a device would be refused.
TEST(CudaLibraries, BringTheirKernels) {
  const auto has = [](const char* name) {
    const auto found = c10::Dispatcher::singleton().findSchema({name, ""});
    return found && found->hasKernelForDispatchKey(c10::DispatchKey::CUDA);
  };
  EXPECT_TRUE(has("aten::mm"));
  EXPECT_TRUE(has("aten::_fused_adamw_"));
  EXPECT_FALSE(has("aten::no_such_operation"));
}

TEST(CudaDevices, AreCountedOrMissedForAReason) {
  const CudaDevices devices = FindCudaDevices();
  EXPECT_EQ(devices.count == 0, !devices.why_none.empty());
}

TEST(SlotAttentionKernel, FitsSentencesAndSlots) {
  EXPECT_TRUE(FitsSlotAttention(96, 32));
  EXPECT_FALSE(FitsSlotAttention(4096, 32));
}

double Difference(const at::Tensor& device, const at::Tensor& here) {
  return (device.cpu() - here).abs().max().item<double>();
}

at::Tensor OnDevice(const Attended& a) {
  return AttendSlots(a.queries.cuda(), a.keys.cuda(), a.values.cuda(), a.mask.cuda(), a.heads);
}

TEST(SlotAttentionKernel, IsAttendWithinRounding) {
  GENBA_NEEDS_CUDA_DEVICE();
  for (const auto& [queries, keys] : {std::pair(13, 13), std::pair(13, 40), std::pair(1, 1 + 1), std::pair(40, 33)}) {
    const Attended a(5, queries, keys, 4, 16, 3);
    EXPECT_LT(Difference(OnDevice(a), Attend(a.queries, a.keys, a.values, a.mask, a.heads)), kTolerance)
        << queries << " " << keys;
  }
}

// As the encoder has them: keys and values side by side, of several blocks.
TEST(SlotAttentionKernel, TakesPartsOfWiderRows) {
  GENBA_NEEDS_CUDA_DEVICE();
  const Attended a(3, 7, 9, 2, 8, 4);
  const std::vector<at::Tensor> parts = at::cat({a.keys, a.values}, 2).cuda().split(16, 2);
  const at::Tensor mixed = AttendSlots(a.queries.cuda(), parts[0], parts[1], a.mask.cuda(), a.heads);
  EXPECT_TRUE(mixed.equal(OnDevice(a)));
}

}  // namespace
}  // namespace genba::policies
