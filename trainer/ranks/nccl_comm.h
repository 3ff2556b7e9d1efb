// nccl_comm.h - ranks that exchange tensors on their devices, over NCCL; one device a rank. Only in builds with CUDA. Goes on top
// of another Comm (MpiComm), which must outlive it and carries what is no tensor on a device: NCCL's identity at the start,
// and before each operation where every rank is, so that one that left an operation out is named and nothing hangs on it.
// NCCL only moves data; sums are made here, neighbours first (comm.h): the bits of MpiComm. One thread, on the current stream.
// All waiting is bounded by the timeout: then NCCL is aborted. Every operation waits for its end.
// Failure: see comm.h.
#pragma once
#include <cstdint>
#include <string>

#include "trainer/ranks/comm.h"

struct ncclComm;

namespace genba::trainer {

struct NcclSettings {
  int device = 0;         // of this rank, as CUDA counts them
  double timeout_s = 60;  // longest wait for the other ranks
};

class NcclComm : public Comm {
 public:
  NcclComm(Comm& bootstrap, const NcclSettings& settings);
  ~NcclComm() override;
  NcclComm(const NcclComm&) = delete;
  NcclComm& operator=(const NcclComm&) = delete;

  int rank() const override { return bootstrap_.rank(); }
  int size() const override { return bootstrap_.size(); }
  void AtStep(std::int64_t step) override;
  void Broadcast(const at::Tensor& data, int root, const char* operation) override;
  void AllGather(const at::Tensor& mine, const at::Tensor& all, const char* operation) override;
  void Sum(const at::Tensor& data, const char* operation) override;
  void SumParts(const at::Tensor& all, const at::Tensor& mine, const char* operation) override;
  void Barrier(const char* operation) override { bootstrap_.Barrier(operation); }
  void Agree(std::uint64_t fingerprint, const char* operation) override { bootstrap_.Agree(fingerprint, operation); }
  int StopSignal() const override { return bootstrap_.StopSignal(); }

 private:
  enum class Kind { kBroadcast, kAllGather, kSum, kSumParts };
  void Join();
  void Begin(Kind kind, const at::Tensor& data, const char* operation);
  void Settle(const char* doing);
  void WaitFor(const at::Tensor& data);
  std::string Waited() const;
  void Check(int result, const char* call);
  void Gather(const at::Tensor& mine, const at::Tensor& all);
  at::Tensor SumOfMyPiece(const at::Tensor& pieces);
  [[noreturn]] void Fail(const std::string& what);

  Comm& bootstrap_;
  NcclSettings settings_;
  ncclComm* nccl_ = nullptr;
  std::int64_t step_ = -1;
  std::string operation_ = "join";
};

}  // namespace genba::trainer
