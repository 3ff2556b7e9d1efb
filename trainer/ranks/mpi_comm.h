// mpi_comm.h - ranks over MPI, on one host or many; CPU tensors. Loads libgenba_mpi.so (trainer/ranks/mpi), and with it MPI,
// when it is made. One thread. Every operation begins with an exchange of 64 bytes that say where each rank is (how many
// operations it has begun, step, name, bytes, a signal it got), which are compared: a rank that left one out is named,
// and nothing is computed from its data. All waiting is bounded by the timeout.
// Failure: see comm.h; also Error(kEnvironment) naming the package when MPI is not there.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "trainer/ranks/comm.h"
#include "trainer/ranks/rank_page.h"

struct GenbaMpi;

namespace genba::trainer {

struct MpiSettings {
  int rank = 0, size = 1;          // as the launcher said; MPI has to agree
  double timeout_s = 60;           // longest wait for the other ranks
  bool several_hosts = false;      // as the launcher said
  std::string interface = {};      // --interface (mpi_network.h)
  const RankPage* page = nullptr;  // where the launcher reads what this rank is doing, when there is one
};

class MpiComm : public Comm {
 public:
  explicit MpiComm(const MpiSettings& settings);
  // All ranks leave together; not after a failure, nor when an exception passes that the others know nothing of.
  ~MpiComm() override;
  MpiComm(const MpiComm&) = delete;
  MpiComm& operator=(const MpiComm&) = delete;

  int rank() const override { return settings_.rank; }
  int size() const override { return settings_.size; }
  void AtStep(std::int64_t step) override { step_ = step; }
  void Broadcast(const at::Tensor& data, int root, const char* operation) override;
  void AllGather(const at::Tensor& mine, const at::Tensor& all, const char* operation) override;
  void Sum(const at::Tensor& data, const char* operation) override;
  void SumParts(const at::Tensor& all, const at::Tensor& mine, const char* operation) override;
  void Barrier(const char* operation) override;
  void Agree(std::uint64_t fingerprint, const char* operation) override;
  int StopSignal() const override { return stop_signal_; }

 private:
  struct Place;  // where a rank is
  class Operation;

  void Compare();
  void Wait();
  void AskWhoIsHere() const;
  std::vector<int> Missing() const;
  void Gather(const at::Tensor& mine, const at::Tensor& all);
  at::Tensor SumOfMyPiece(const at::Tensor& pieces);
  void SumBlock(const at::Tensor& block);
  std::string Me() const;
  [[noreturn]] void Fail(const std::string& what);

  MpiSettings settings_;
  const GenbaMpi* mpi_ = nullptr;
  std::vector<Place> places_;  // of all ranks, in the operation under way
  std::unique_ptr<Place> here_;
  std::int64_t step_ = -1, operations_ = 0;
  int stop_signal_ = 0;
  bool failed_ = false;
};

// A single process never meets MPI.
std::unique_ptr<Comm> MakeComm(const MpiSettings& settings);

}  // namespace genba::trainer
