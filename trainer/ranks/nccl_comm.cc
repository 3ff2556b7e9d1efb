#include "trainer/ranks/nccl_comm.h"

#include <ATen/core/Tensor.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <nccl.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "core/error.h"
#include "core/hash.h"
#include "core/processor.h"

namespace genba::trainer {
namespace {

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void Rest() { std::this_thread::sleep_for(std::chrono::microseconds(20)); }

std::size_t Bytes(const at::Tensor& data) {
  return static_cast<std::size_t>(data.numel()) * static_cast<std::size_t>(data.element_size());
}

void CheckFlat(const at::Tensor& data) {
  GENBA_CHECK(data.is_contiguous() && data.is_cuda(), "NCCL exchanges contiguous tensors on devices");
}

c10::cuda::CUDAStream StreamOf(const at::Tensor& data) {
  return c10::cuda::getCurrentCUDAStream(data.device().index());
}

void CheckParts(const at::Tensor& all, const at::Tensor& mine, int ranks) {
  CheckFlat(all), CheckFlat(mine);
  GENBA_CHECK(all.numel() == mine.numel() * ranks && all.dtype() == mine.dtype(), "a part for each rank");
}

}  // namespace

NcclComm::NcclComm(Comm& bootstrap, const NcclSettings& settings) : bootstrap_(bootstrap), settings_(settings) {
  int version = 0;
  Check(ncclGetVersion(&version), "ncclGetVersion");
  if (version != NCCL_VERSION_CODE)
    Fail("expected NCCL " + std::to_string(NCCL_VERSION_CODE) + ", that of this build, got " + std::to_string(version));
  Join();
}

// Rank 0 makes up an identity, everyone joins under it; returns when all have, or fails at the timeout.
void NcclComm::Join() {
  ncclUniqueId id{};
  if (rank() == 0) Check(ncclGetUniqueId(&id), "ncclGetUniqueId");
  const at::Tensor carried = at::empty({static_cast<std::int64_t>(sizeof id)}, at::kByte);
  std::memcpy(carried.mutable_data_ptr(), &id, sizeof id);
  bootstrap_.Broadcast(carried, 0, "nccl identity");
  std::memcpy(&id, carried.const_data_ptr(), sizeof id);
  const c10::cuda::CUDAGuard on(static_cast<c10::DeviceIndex>(settings_.device));
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  Check(ncclCommInitRankConfig(&nccl_, size(), id, rank(), &config), "ncclCommInitRankConfig");
  Settle("ncclCommInitRankConfig");
}

// Nobody waits for others here: who leaves last must not hang on who failed.
NcclComm::~NcclComm() {
  if (nccl_ != nullptr) ncclCommAbort(nccl_);
}

void NcclComm::AtStep(std::int64_t step) {
  step_ = step;
  bootstrap_.AtStep(step);
}

void NcclComm::Broadcast(const at::Tensor& data, int root, const char* operation) {
  CheckFlat(data);
  Begin(Kind::kBroadcast, data, operation);
  Check(
      ncclBroadcast(data.const_data_ptr(), data.mutable_data_ptr(), Bytes(data), ncclChar, root, nccl_, StreamOf(data)),
      "ncclBroadcast");
  WaitFor(data);
}

void NcclComm::AllGather(const at::Tensor& mine, const at::Tensor& all, const char* operation) {
  CheckParts(all, mine, size());
  Begin(Kind::kAllGather, mine, operation);
  Gather(mine, all);
  WaitFor(all);
}

// Each rank sums a piece of everyone's, and all gather the pieces: as much is sent as by NCCL's own rings, in an order that is
// ours.
void NcclComm::Sum(const at::Tensor& data, const char* operation) {
  CheckFlat(data);
  Begin(Kind::kSum, data, operation);
  const std::int64_t n = data.numel(), piece = (n + size() - 1) / size(), spare = piece * size() - n;
  const at::Tensor whole = spare == 0 ? data.view({-1}) : at::constant_pad_nd(data.view({-1}), {0, spare});
  Gather(SumOfMyPiece(whole.view({size(), piece})), whole);
  if (spare > 0) data.view({-1}).copy_(whole.narrow(0, 0, n));
  WaitFor(data);
}

void NcclComm::SumParts(const at::Tensor& all, const at::Tensor& mine, const char* operation) {
  CheckParts(all, mine, size());
  Begin(Kind::kSumParts, mine, operation);
  mine.view({-1}).copy_(SumOfMyPiece(all.view({size(), -1})));
  WaitFor(mine);
}

void NcclComm::Gather(const at::Tensor& mine, const at::Tensor& all) {
  Check(ncclAllGather(mine.const_data_ptr(), all.mutable_data_ptr(), Bytes(mine), ncclChar, nccl_, StreamOf(mine)),
        "ncclAllGather");
}

// pieces [p, n / p], of which rank r has to sum everyone's r-th.
at::Tensor NcclComm::SumOfMyPiece(const at::Tensor& pieces) {
  const at::Tensor got = at::empty_like(pieces);
  Check(ncclAlltoAll(pieces.const_data_ptr(), got.mutable_data_ptr(), Bytes(pieces.select(0, 0)), ncclChar, nccl_,
                     StreamOf(pieces)),
        "ncclAlltoAll");
  SumInPairs(got);
  return got.select(0, 0);
}

// All are at this operation with as much data, or it fails, naming who is not.
void NcclComm::Begin(Kind kind, const at::Tensor& data, const char* operation) {
  GENBA_CHECK(nccl_ != nullptr, "a Comm that failed is of no use");
  GENBA_CHECK(data.device().index() == settings_.device, "tensors on this rank's device");
  operation_ = operation;
  bootstrap_.Agree(Hash64(std::to_string(static_cast<int>(kind)) + " " + std::to_string(Bytes(data))), operation);
}

// A call of a communicator that does not block says that it is in progress; the next may follow when it is not.
void NcclComm::Settle(const char* doing) {
  const Clock::time_point start = Clock::now();
  for (ncclResult_t state = ncclInProgress; state == ncclInProgress;) {
    if (ncclCommGetAsyncError(nccl_, &state) != ncclSuccess || (state != ncclSuccess && state != ncclInProgress))
      Fail(std::string(doing) + ": " + ncclGetLastError(nccl_));
    if (SecondsSince(start) > settings_.timeout_s) Fail(std::string(doing) + ": " + Waited() + "the other ranks");
    if (state == ncclInProgress) Rest();
  }
}

// Until the stream has done all that this operation asked for.
void NcclComm::WaitFor(const at::Tensor& data) {
  at::cuda::CUDAEvent over;
  over.record(StreamOf(data));
  const Clock::time_point start = Clock::now();
  while (!over.query()) {
    ncclResult_t state = ncclSuccess;
    if (ncclCommGetAsyncError(nccl_, &state) != ncclSuccess || (state != ncclSuccess && state != ncclInProgress))
      Fail(ncclGetLastError(nccl_));
    if (SecondsSince(start) > settings_.timeout_s) Fail(Waited() + "data, though every rank had begun");
    Rest();
  }
}

std::string NcclComm::Waited() const {
  return "waited " + std::to_string(static_cast<int>(settings_.timeout_s)) + " s for ";
}

void NcclComm::Check(int result, const char* call) {
  if (result == ncclInProgress) return Settle(call);
  if (result != ncclSuccess) Fail(std::string(call) + ": " + ncclGetErrorString(static_cast<ncclResult_t>(result)));
}

void NcclComm::Fail(const std::string& what) {
  if (nccl_ != nullptr) ncclCommAbort(nccl_);
  nccl_ = nullptr;
  std::string me = "rank " + std::to_string(rank()) + " of " + std::to_string(size()) + " (" + HostName() + ", pid " +
                   std::to_string(::getpid()) + ", device " + std::to_string(settings_.device) + ")";
  if (step_ >= 0) me += ", step " + std::to_string(step_);
  throw Error(ErrorKind::kEnvironment, me + ", '" + operation_ + "': NCCL: " + what);
}

}  // namespace genba::trainer
