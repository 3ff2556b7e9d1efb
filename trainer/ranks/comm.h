// comm.h - who else takes a step: the ranks of a run, and what they exchange. Used by the learners and their loop; one
// thread. Every rank has to call the same operations in the same order, each with its name ("gradients"), which messages
// use. Tensors are flat, contiguous and on the CPU. Costs are bytes sent by a rank for n bytes of data and p ranks.
// Law: the same bits on every rank and in every run, for a given number of ranks. Sums add neighbours first, in the
// order of ranks, ((r0 + r1) + (r2 + r3)); so 1, 2 and 4 ranks make the same sum of micro-shards that go by SumInPairs.
// Failure: Error(kEnvironment) naming rank, host, step and operation when another rank is gone, hangs longer than the
// timeout, or is at another operation. After it the Comm is of no use; the process has to end.
#pragma once
#include <cstdint>

namespace at {
class Tensor;
}

namespace genba::trainer {

// Adds rows [k, n] up into rows[0], neighbours first: ((0 + 1) + (2 + 3)) + …; the other rows are spent.
void SumInPairs(const at::Tensor& rows);

class Comm {
 public:
  virtual ~Comm() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  // From here on what goes wrong goes wrong at this step.
  virtual void AtStep(std::int64_t step) = 0;

  // root's data [n], to everyone. n from the root, at most.
  virtual void Broadcast(const at::Tensor& data, int root, const char* operation) = 0;
  // mine [n] of each rank, into all [p · n], in rank order; mine may be its own place in all. (p - 1) · n.
  virtual void AllGather(const at::Tensor& mine, const at::Tensor& all, const char* operation) = 0;
  // The sum of everyone's data [n], in its place. 2 · n · (p - 1) / p; floating point or whole numbers.
  virtual void Sum(const at::Tensor& data, const char* operation) = 0;
  // The same sum of all [p · n], but each rank gets its own part, mine [n]; that may be its place in all. n · (p - 1).
  virtual void SumParts(const at::Tensor& all, const at::Tensor& mine, const char* operation) = 0;
  virtual void Barrier(const char* operation) = 0;
  // Fails, naming who differs, unless all have the same. 8 · (p - 1).
  virtual void Agree(std::uint64_t fingerprint, const char* operation) = 0;

  // SIGINT or SIGTERM when any rank had got one when it began the last operation, or 0; the same on all ranks between
  // two operations, so that all stop at the same step. A single process: its own.
  virtual int StopSignal() const = 0;
};

// The only rank: nothing is sent.
class SelfComm : public Comm {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void AtStep(std::int64_t) override {}
  void Broadcast(const at::Tensor&, int, const char*) override {}
  void AllGather(const at::Tensor& mine, const at::Tensor& all, const char*) override;
  void Sum(const at::Tensor&, const char*) override {}
  void SumParts(const at::Tensor& all, const at::Tensor& mine, const char*) override;
  void Barrier(const char*) override {}
  void Agree(std::uint64_t, const char*) override {}
  int StopSignal() const override;
};

}  // namespace genba::trainer
