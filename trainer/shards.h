// shards.h - a step's work cut into a fixed number of shards, of which each rank does some: what they bring is added up in
// an order that does not depend on how many ranks there are. Used by learners that are given a Comm; one thread; every
// rank calls the same functions in the same order. Law: as many shards are the same bits on 1, 2 and 4 ranks.
// Failure: what Comm throws; Error(kBadInput) naming the setting.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "trainer/ranks/comm.h"
#include "trainer/reading.h"

namespace genba::trainer {

// Which of them are this rank's: own ones, from first on.
struct Shards {
  int all = 1, first = 0, own = 1;
};
// all: a multiple of the ranks; key: the setting that says so.
Shards ShardsOf(const Comm& comm, int all, const std::string& key);

// Rows of a batch of which each shard takes a slice: this rank's i-th shard's, and all of this rank's.
Slice RowsOf(const Shards& shards, int own, int batch);
Slice OwnRows(const Shards& shards, int batch);

// The sum over all shards of what each of this rank's brought, [n] each, neighbours first. On every rank.
at::Tensor SumOfShards(Comm& comm, const std::vector<at::Tensor>& own, const char* operation);

// What every shard brought, [n] each, in their order: [all, n]. On every rank.
at::Tensor GatherShards(Comm& comm, const std::vector<at::Tensor>& own, const char* operation);

// The gradients of this rank's shards, one after another, in the buffer that backward passes write into.
class ShardGradients {
 public:
  ShardGradients(Comm& comm, const Shards& shards, at::Tensor gradient);
  void Keep(int own);               // what the shard's backward pass left in the gradient
  void Add();                       // those of this rank's shards, into the gradient
  void Sum(const char* operation);  // those of all, on every rank

 private:
  Comm& comm_;
  at::Tensor gradient_, kept_;  // [P]; [own, P] where there are several
};

}  // namespace genba::trainer
