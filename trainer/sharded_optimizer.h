// sharded_optimizer.h - FlatAdamW shared out among ranks (ZeRO stage 1: S. Rajbhandari et al., "ZeRO: memory
// optimizations toward training trillion parameter models", SC 2020). Every rank has all weights and its own gradient;
// it adds up, clips and updates only its part of them, and keeps the moments of that part alone. Used by learners that
// are given a Comm; one thread; every rank calls the same functions in the same order.
//   flat(WithRoom(layout.Initial(seed), shards)), gradient(at::zeros_like in WithRoom), optimizer(comm, shards, …);
//   each step: add this rank's shards up into gradient, neighbours first (SumInPairs); norm = optimizer.Step(rate).
// Law: as many shards are the same bits on 1, 2 and 4 ranks, and one shard is FlatAdamW bit for bit. What is saved does
// not know how many ranks there were. Failure: what Comm throws; Error(kBadInput) naming file and key.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "policies/safetensors.h"
#include "trainer/optimizer.h"
#include "trainer/ranks/comm.h"

namespace genba::trainer {

// A copy of values [n] with room behind it, so that equal parts for as many shards can be exchanged where they lie.
at::Tensor WithRoom(const at::Tensor& values, int shards);

class ShardedAdamW {
 public:
  // flat and gradient [n] are WithRoom's, for as many shards: a multiple of the ranks.
  ShardedAdamW(Comm& comm, int shards, at::Tensor flat, at::Tensor gradient, const AdamWConfig& config);

  // gradient: this rank's, of the sum of all. Updates flat on every rank, zeroes gradient. The norm of the sum before
  // clipping; when that is not finite, nothing was updated, on any rank, and culprits() are whose gradient it came from.
  double Step(double learning_rate);
  const std::vector<int>& culprits() const {
    return culprits_;
  }  // of the last step; empty, too, when only the sum is too large

  std::int64_t step() const { return own_.step(); }  // updates that were made
  std::int64_t moment_bytes() const;                 // that this rank keeps

  // FlatAdamW's names and shapes. On every rank; only rank 0 gets something into file.
  void Save(policies::TensorFile& file, const std::string& prefix = "optimizer") const;
  void Restore(const policies::TensorFile& file, const std::string& name, std::int64_t step,
               const std::string& prefix = "optimizer");

 private:
  at::Tensor Norm() const;
  std::vector<int> WhoIsNotFinite() const;
  at::Tensor Collected(const at::Tensor& part) const;
  void TakePart(const at::Tensor& whole, const at::Tensor& part) const;

  Comm& comm_;
  int shards_;
  at::Tensor flat_, gradient_;              // [n]
  at::Tensor whole_flat_, whole_gradient_;  // the same, and the room behind
  at::Tensor own_flat_;                     // this rank's part of it
  at::Tensor
      own_gradient_;  // the sum's part; apart from this rank's own, so that who brought what is not finite can be told
  FlatAdamW own_;
  std::vector<int> culprits_;
};

}  // namespace genba::trainer
