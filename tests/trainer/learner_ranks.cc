// Learning on ranks, as a small job that learner_ranks_test.cc starts.
//   learner_ranks optimizer RANKS FOLDER FROM TO    steps (FROM, TO] of a sharded optimiser, from FOLDER/FROM.safetensors
//                                                   to FOLDER/TO.safetensors; FOLDER/bytes-K: what rank K's moments take
//   learner_ranks train RANKS FOLDER RUN RANK FIRST LAST    BC on FOLDER/data; RANK's gradient is NaN at steps FIRST…LAST;
//                                                         goes on where LEARNER_RANKS_RESUME is set
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/rng.h"
#include "policies/parameters.h"
#include "tests/rank_program.h"
#include "tests/trainer/toy_cloning.h"
#include "trainer/run_folder.h"
#include "trainer/sharded_optimizer.h"

namespace {

using namespace genba;
using namespace genba::trainer;

constexpr int kShards = 4, kNumbers = 1003;  // no multiple of anything: the last part is shorter

// Rows of the gradients of these shards, of many magnitudes.
at::Tensor GradientsOf(int first, int shards, int step) {
  const at::Tensor rows = at::empty({shards, kNumbers}, at::kFloat);
  for (int shard = 0; shard < shards; ++shard) {
    Rng rng(9, static_cast<std::uint64_t>(1000 * step + first + shard), "shard");
    float* values = rows.select(0, shard).mutable_data_ptr<float>();
    for (int i = 0; i < kNumbers; ++i) values[i] = static_cast<float>(std::ldexp(rng.Normal(), rng.Int(-12, 2)));
  }
  return rows;
}

std::string FileOf(const std::string& folder, int step) { return folder + "/" + std::to_string(step) + ".safetensors"; }

void StepOptimizer(Comm& comm, const std::string& folder, int from, int to) {
  const at::Tensor flat = WithRoom(at::full({kNumbers}, 0.5, at::kFloat), kShards),
                   gradient = WithRoom(at::zeros_like(flat), kShards);
  ShardedAdamW optimizer(comm, kShards, flat, gradient, {});
  if (from > 0) {
    const policies::TensorFile file = policies::ReadSafetensors(FileOf(folder, from));
    flat.copy_(policies::TensorLike(file, "weights", flat, "saved"));
    optimizer.Restore(file, "saved", from);
  }
  policies::TensorFile file;
  const at::Tensor norms = at::empty({to - from}, at::kDouble);
  const int shards = kShards / comm.size();
  for (int step = from + 1; step <= to; ++step) {
    const at::Tensor rows = GradientsOf(comm.rank() * shards, shards, step);
    SumInPairs(rows);
    gradient.copy_(rows.select(0, 0));
    norms[step - from - 1] = optimizer.Step(1e-2);
  }
  optimizer.Save(file);
  std::ofstream(folder + "/bytes-" + std::to_string(comm.rank())) << optimizer.moment_bytes();
  if (comm.rank() != 0) return;
  file.tensors["weights"] = policies::ToTensorData(flat);
  file.tensors["norms"] = policies::ToTensorData(norms.to(at::kFloat));
  policies::WriteSafetensors(FileOf(folder, to), file);
}

// Another Comm, and NaN in what a rank brings to the sum of gradients at some steps.
class Poisoned : public Comm {
 public:
  Poisoned(Comm& comm, int rank, std::int64_t first, std::int64_t last)
      : comm_(comm), rank_(rank), first_(first), last_(last) {}
  int rank() const override { return comm_.rank(); }
  int size() const override { return comm_.size(); }
  void AtStep(std::int64_t step) override { comm_.AtStep(step_ = step); }
  void Broadcast(const at::Tensor& data, int root, const char* name) override { comm_.Broadcast(data, root, name); }
  void AllGather(const at::Tensor& mine, const at::Tensor& all, const char* name) override {
    comm_.AllGather(mine, all, name);
  }
  void Sum(const at::Tensor& data, const char* name) override { comm_.Sum(data, name); }
  void SumParts(const at::Tensor& all, const at::Tensor& mine, const char* name) override {
    if (rank() == rank_ && step_ >= first_ && step_ <= last_) all[3] = std::numeric_limits<float>::quiet_NaN();
    comm_.SumParts(all, mine, name);
  }
  void Barrier(const char* name) override { comm_.Barrier(name); }
  void Agree(std::uint64_t fingerprint, const char* name) override { comm_.Agree(fingerprint, name); }
  int StopSignal() const override { return comm_.StopSignal(); }

 private:
  Comm& comm_;
  int rank_;
  std::int64_t first_, last_, step_ = 0;
};

void Train(Comm& comm, const std::string& folder, const std::string& name) {
  Clone({folder + "/" + name,
         {folder + "/data"},
         {"trainer.steps=12", "trainer.batch=16", "trainer.checkpoint_every=6", "trainer.warmup=1", "trainer.threads=1",
          "trainer.shards=2", "trainer.log_every=1", "policy.width=16", "trainer.reading_texts=100",
          "trainer.calibration_texts=100", "policy.backbone=bag_of_words", "policy.trunk_width=16"},
         std::getenv("LEARNER_RANKS_RESUME") != nullptr},
        comm);
}

void Run(char** words) {
  const std::string what = words[1], folder = words[3];
  const Joined joined = Join(std::atoi(words[2]), 60);
  if (what == "optimizer") return StepOptimizer(*joined.comm, folder, std::atoi(words[4]), std::atoi(words[5]));
  Poisoned poisoned(*joined.comm, std::atoi(words[5]), std::atoi(words[6]), std::atoi(words[7]));
  Train(poisoned, folder, words[4]);
}

}  // namespace

int main(int count, char** words) {
  if (count < 6) return 2;
  return RankProgram("learner_ranks", [&] { Run(words); });
}
