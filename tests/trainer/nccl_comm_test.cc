// NcclComm with as many ranks as one process has: itself. Sums of several need several devices.
#include "trainer/ranks/nccl_comm.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <nccl.h>

#include "core/error.h"
#include "tests/cuda/device.h"

namespace genba::trainer {
namespace {

TEST(Nccl, IsThatOfThisBuild) {
  int version = 0;
  ASSERT_EQ(ncclGetVersion(&version), ncclSuccess);
  EXPECT_EQ(version, NCCL_VERSION_CODE);
}

at::Tensor Counted(std::int64_t n) { return at::arange(n, at::TensorOptions(at::kFloat).device(at::kCUDA)); }

TEST(NcclComm, OfOneRankIsItself) {
  GENBA_NEEDS_CUDA_DEVICE();
  SelfComm self;
  NcclComm comm(self, {.device = 0, .timeout_s = 30});
  const at::Tensor data = Counted(1001);
  comm.Broadcast(data, 0, "broadcast");
  comm.Sum(data, "sum");
  const at::Tensor all = at::zeros({1001}, data.options()), part = at::zeros({1001}, data.options());
  comm.AllGather(data, all, "gather");
  comm.SumParts(all, part, "parts");
  EXPECT_TRUE(data.equal(Counted(1001)));
  EXPECT_TRUE(all.equal(data));
  EXPECT_TRUE(part.equal(data));
}

TEST(NcclComm, RefusesTensorsThatAreNotOnItsDevice) {
  GENBA_NEEDS_CUDA_DEVICE();
  SelfComm self;
  NcclComm comm(self, {});
  EXPECT_THROW(comm.Sum(at::zeros({4}), "sum"), std::logic_error);
}

}  // namespace
}  // namespace genba::trainer
