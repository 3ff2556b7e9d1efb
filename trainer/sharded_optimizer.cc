#include "trainer/sharded_optimizer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "policies/parameters.h"

namespace genba::trainer {
namespace {

constexpr std::int64_t kLine = 16;                  // numbers: fused AdamW works in such, and has other bits for a rest
constexpr std::int64_t kCollectedAtOnce = 1 << 20;  // numbers of a rank: bounds what the others hold of it

// Numbers of one shard. Depends on nothing else, and so do the bits of the norm.
std::int64_t ShardSize(std::int64_t numbers, int shards) {
  if (shards == 1) return numbers;
  return ((numbers + shards - 1) / shards + kLine - 1) / kLine * kLine;
}

at::Tensor Whole(const at::Tensor& values, int shards) {
  const std::int64_t size = shards * ShardSize(values.numel(), shards);
  GENBA_CHECK(values.is_contiguous() && values.storage_offset() == 0 &&
                  values.storage().nbytes() >= static_cast<std::size_t>(size * values.element_size()),
              "expected a tensor of WithRoom's");
  return values.as_strided({size}, {1});
}

at::Tensor PartOf(const at::Tensor& whole, const Comm& comm) {
  const std::int64_t size = whole.numel() / comm.size();
  return whole.narrow(0, comm.rank() * size, size);
}

}  // namespace

at::Tensor WithRoom(const at::Tensor& values, int shards) {
  const std::int64_t n = values.numel();
  const at::Tensor room = at::zeros({shards * ShardSize(n, shards)}, values.options());
  return room.narrow(0, 0, n).copy_(values);
}

ShardedAdamW::ShardedAdamW(Comm& comm, int shards, at::Tensor flat, at::Tensor gradient, const AdamWConfig& config)
    : comm_(comm),
      shards_(shards),
      flat_(std::move(flat)),
      gradient_(std::move(gradient)),
      whole_flat_(Whole(flat_, shards)),
      whole_gradient_(Whole(gradient_, shards)),
      own_flat_(PartOf(whole_flat_, comm)),
      own_gradient_(comm.size() == 1 ? whole_gradient_ : at::zeros_like(own_flat_)),
      own_(own_flat_, own_gradient_, config) {
  GENBA_CHECK(shards % comm.size() == 0, "shards: expected a multiple of the ranks");
}

double ShardedAdamW::Step(double learning_rate) {
  comm_.SumParts(whole_gradient_, own_gradient_, "gradients");
  const at::Tensor norm = Norm();
  const double length = norm.item<double>();
  culprits_.clear();
  if (std::isfinite(length)) {
    own_.Update(learning_rate, norm);
    comm_.AllGather(own_flat_, whole_flat_, "weights");
  } else {
    culprits_ = WhoIsNotFinite();
  }
  gradient_.zero_();
  return length;
}

// Of the shards' norms, whoever computed them.
at::Tensor ShardedAdamW::Norm() const {
  std::vector<at::Tensor> norms;
  for (const at::Tensor& shard : own_gradient_.view({shards_ / comm_.size(), -1}).unbind())
    norms.push_back(shard.norm());
  const at::Tensor mine = at::stack(norms), all = at::empty({shards_}, mine.options());
  comm_.AllGather(mine, all, "norms");
  return shards_ == 1 ? all[0] : all.norm();
}

std::vector<int> ShardedAdamW::WhoIsNotFinite() const {
  const at::Tensor mine = gradient_.isfinite().all().logical_not().to(at::kByte).view({1}),
                   all = at::empty({comm_.size()}, mine.options());
  comm_.AllGather(mine, all, "who is not finite");
  std::vector<int> ranks;
  for (int rank = 0; rank < comm_.size(); ++rank) {
    if (all[rank].item<bool>()) ranks.push_back(rank);
  }
  return ranks;
}

std::int64_t ShardedAdamW::moment_bytes() const {
  return static_cast<std::int64_t>(own_.exp_avg().storage().nbytes() + own_.exp_avg_sq().storage().nbytes());
}

// All parts, on rank 0; nothing on the others.
at::Tensor ShardedAdamW::Collected(const at::Tensor& part) const {
  const bool collects = comm_.rank() == 0;
  const int ranks = comm_.size();
  const at::Tensor all = collects ? at::empty({ranks, part.numel()}, part.options()) : at::Tensor();
  for (std::int64_t first = 0; first < part.numel(); first += kCollectedAtOnce) {
    const std::int64_t n = std::min(kCollectedAtOnce, part.numel() - first);
    const at::Tensor got = at::empty({ranks, n}, part.options());
    comm_.AllGather(part.narrow(0, first, n), got, "moments");
    if (collects) all.narrow(1, first, n).copy_(got);
  }
  return collects ? all.view({-1}).narrow(0, 0, flat_.numel()) : all;
}

void ShardedAdamW::Save(policies::TensorFile& file, const std::string& prefix) const {
  const at::Tensor average = Collected(own_.exp_avg()), squares = Collected(own_.exp_avg_sq());
  if (comm_.rank() != 0) return;
  file.tensors[prefix + ".exp_avg"] = policies::ToTensorData(average);
  file.tensors[prefix + ".exp_avg_sq"] = policies::ToTensorData(squares);
}

void ShardedAdamW::TakePart(const at::Tensor& whole, const at::Tensor& part) const {
  const std::int64_t first = std::min(comm_.rank() * part.numel(), whole.numel()),
                     n = std::min(part.numel(), whole.numel() - first);
  part.narrow(0, 0, n).copy_(whole.narrow(0, first, n));
}

void ShardedAdamW::Restore(const policies::TensorFile& file, const std::string& name, std::int64_t step,
                           const std::string& prefix) {
  const at::Tensor average = policies::TensorLike(file, prefix + ".exp_avg", flat_, name),
                   squares = policies::TensorLike(file, prefix + ".exp_avg_sq", flat_, name);
  TakePart(average, own_.exp_avg());
  TakePart(squares, own_.exp_avg_sq());
  own_.set_step(step);
}

}  // namespace genba::trainer
