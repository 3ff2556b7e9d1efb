// example_learner.h - a learner as docs/adding-a-learner.md has it: a line through points drawn anew in every step.
#pragma once
#include "cli/training.h"
#include "core/error.h"
#include "core/rng.h"
#include "trainer/learner.h"
#include "trainer/shards.h"
#include "trainer/tensors.h"

namespace genba::cli {

struct LineJob {
  int steps = 50, shards = 1, seed = 1;
};
inline void Register(ConfigTable& table, LineJob& job) {
  table.Add("line.steps", &job.steps, {1, 1e6}, "steps");
  table.Add("line.shards", &job.shards, {1, 64}, "points of a step, which ranks share");
  table.Add("line.seed", &job.seed, {0, 1e9}, "of the points");
}

struct LineLearner final : trainer::Learner {
  LineLearner(const LineJob& settings, trainer::Comm& ranks) : job(settings), comm(ranks) {}
  std::int64_t step() const override { return done; }
  std::optional<double> loss() const override { return square; }
  trainer::Scalars Step() override {
    std::vector<at::Tensor> own;
    for (int shard = shards.first; shard < shards.first + shards.own; ++shard) {
      Rng rng(static_cast<std::uint64_t>(job.seed), static_cast<std::uint64_t>(done), "point " + std::to_string(shard));
      const double x = rng.Uniform(-1, 1), error = line[0] * x + line[1] - (3 * x - 2);
      own.push_back(trainer::DoubleTensor(std::vector{error * x, error, error * error}));
    }
    const at::Tensor sum = trainer::SumOfShards(comm, own, "gradients");
    for (std::size_t i = 0; i < 2; ++i) line[i] -= 0.3 / job.shards * sum.const_data_ptr<double>()[i];
    square = sum.const_data_ptr<double>()[2] / job.shards;
    ++done;
    return {{"Loss/square", *square}};
  }
  void Save(policies::Checkpoint& checkpoint) const override {
    checkpoint.policy.tensors["line"] = trainer::ToTensorData(line);
    checkpoint.state = {{"loss", *square}};
  }
  void Load(const policies::Checkpoint& checkpoint, const std::string& file) override {
    const std::vector<double> saved = trainer::DoublesOf(checkpoint.policy, "line");
    if (saved.size() != 2) throw BadInput({file, "line", "a slope and a height", "something else"});
    line = saved, done = checkpoint.state.at("step"), square = checkpoint.state.at("loss");
  }

  LineJob job;
  trainer::Comm& comm;
  trainer::Shards shards = trainer::ShardsOf(comm, job.shards, "line.shards");
  std::vector<double> line{0, 0};  // slope, height
  std::int64_t done = 0;
  std::optional<double> square;
};

struct LineLearning {
  LineJob job;
  void ShareOut(int ranks) { job.shards = ranks; }
  Learned Train(trainer::Comm& comm, trainer::RunFolder& run) const {
    LineLearner learner(job, comm);
    RunLearner(learner, comm, run, {.label = "line", .steps = job.steps, .checkpoint_every = 10, .log_every = 1});
    return {{{"loss", *learner.loss()}}, "loss " + std::to_string(*learner.loss())};
  }
};

}  // namespace genba::cli
