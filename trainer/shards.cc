#include "trainer/shards.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include "core/error.h"

namespace genba::trainer {

Shards ShardsOf(const Comm& comm, int all, const std::string& key) {
  if (all % comm.size() != 0)
    throw BadInput(
        {"settings", key, "a multiple of the ranks (" + std::to_string(comm.size()) + ")", std::to_string(all)});
  const int own = all / comm.size();
  return {all, comm.rank() * own, own};
}

Slice RowsOf(const Shards& shards, int own, int batch) { return SliceOf(batch, shards.first + own, shards.all); }

Slice OwnRows(const Shards& shards, int batch) {
  return {RowsOf(shards, 0, batch).first, RowsOf(shards, shards.own - 1, batch).last};
}

at::Tensor SumOfShards(Comm& comm, const std::vector<at::Tensor>& own, const char* operation) {
  const at::Tensor rows = at::stack(own);
  SumInPairs(rows);
  const at::Tensor sum = rows.select(0, 0).contiguous();
  comm.Sum(sum, operation);
  return sum;
}

at::Tensor GatherShards(Comm& comm, const std::vector<at::Tensor>& own, const char* operation) {
  const at::Tensor mine = at::stack(own), all = at::empty({comm.size() * mine.size(0), mine.size(1)}, mine.options());
  comm.AllGather(mine.view({-1}), all.view({-1}), operation);
  return all;
}

ShardGradients::ShardGradients(Comm& comm, const Shards& shards, at::Tensor gradient)
    : comm_(comm), gradient_(std::move(gradient)) {
  if (shards.own > 1) kept_ = at::empty({shards.own, gradient_.numel()}, gradient_.options());
}

void ShardGradients::Keep(int own) {
  if (!kept_.defined()) return;
  kept_.select(0, own).copy_(gradient_);
  gradient_.zero_();
}

void ShardGradients::Add() {
  if (!kept_.defined()) return;
  SumInPairs(kept_);
  gradient_.copy_(kept_.select(0, 0));
}

void ShardGradients::Sum(const char* operation) {
  Add();
  comm_.Sum(gradient_, operation);
}

}  // namespace genba::trainer
