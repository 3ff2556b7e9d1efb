// timed_comm.h - a Comm whose operations are a phase, "communication", and in a trace are seen by their names: what a rank
// spends on the others, waiting for them included. A single process exchanges nothing, and nothing is timed. Used by the
// learners and their loop; both Comm and Phases must outlive it. One thread. Failure: what the Comm throws.
#pragma once
#include "core/phases.h"
#include "trainer/ranks/comm.h"

namespace genba::trainer {

class TimedComm final : public Comm {
 public:
  TimedComm(Comm& comm, Phases& phases) : comm_(comm), phases_(phases) {}

  int rank() const override { return comm_.rank(); }
  int size() const override { return comm_.size(); }
  void AtStep(std::int64_t step) override { comm_.AtStep(step); }
  void Broadcast(const at::Tensor& data, int root, const char* operation) override {
    Timed(operation, [&] { comm_.Broadcast(data, root, operation); });
  }
  void AllGather(const at::Tensor& mine, const at::Tensor& all, const char* operation) override {
    Timed(operation, [&] { comm_.AllGather(mine, all, operation); });
  }
  void Sum(const at::Tensor& data, const char* operation) override {
    Timed(operation, [&] { comm_.Sum(data, operation); });
  }
  void SumParts(const at::Tensor& all, const at::Tensor& mine, const char* operation) override {
    Timed(operation, [&] { comm_.SumParts(all, mine, operation); });
  }
  void Barrier(const char* operation) override {
    Timed(operation, [&] { comm_.Barrier(operation); });
  }
  void Agree(std::uint64_t fingerprint, const char* operation) override {
    Timed(operation, [&] { comm_.Agree(fingerprint, operation); });
  }
  int StopSignal() const override { return comm_.StopSignal(); }

 private:
  template <class Exchange>
  void Timed(const char* operation, const Exchange& exchange) {
    if (comm_.size() == 1) return exchange();
    const Phases::Scope in = phases_.In("communication");
    const Span span(phases_.trace(), operation);
    exchange();
  }

  Comm& comm_;
  Phases& phases_;
};

}  // namespace genba::trainer
