// A learner as docs/adding-a-learner.md has it: a line through points that are drawn anew in every step. One file, and one
// line in main that registers it; lock, checkpoints, resuming, stopping, metrics and ranks are the loop's.
#include "cli/training.h"
#include "core/error.h"
#include "core/rng.h"
#include "tests/rank_program.h"
#include "trainer/learner.h"
#include "trainer/shards.h"
#include "trainer/tensors.h"

namespace genba::cli {
namespace {

struct LineJob {
  int steps = 50, shards = 1, seed = 1;
};
void Register(ConfigTable& table, LineJob& job) {
  table.Add("line.steps", &job.steps, {1, 1e6}, "steps");
  table.Add("line.shards", &job.shards, {1, 64}, "points of a step, which ranks share");
  table.Add("line.seed", &job.seed, {0, 1e9}, "of the points");
}

class LineLearner final : public trainer::Learner {
 public:
  LineLearner(const LineJob& job, trainer::Comm& comm)
      : job_(job), comm_(comm), shards_(trainer::ShardsOf(comm, job.shards, "line.shards")) {}
  std::int64_t step() const override { return step_; }
  std::optional<double> loss() const override { return loss_; }
  trainer::Scalars Step() override {
    std::vector<at::Tensor> own;
    for (int shard = shards_.first; shard < shards_.first + shards_.own; ++shard) {
      Rng rng(static_cast<std::uint64_t>(job_.seed), static_cast<std::uint64_t>(step_),
              "point " + std::to_string(shard));
      const double x = rng.Uniform(-1, 1), error = line_[0] * x + line_[1] - (3 * x - 2);
      own.push_back(trainer::DoubleTensor(std::vector{error * x, error, error * error}));
    }
    const at::Tensor sum = trainer::SumOfShards(comm_, own, "gradients");
    for (std::size_t i = 0; i < 2; ++i) line_[i] -= 0.3 / job_.shards * sum.const_data_ptr<double>()[i];
    loss_ = sum.const_data_ptr<double>()[2] / job_.shards;
    ++step_;
    return {{"Loss/square", *loss_}};
  }
  void Save(policies::Checkpoint& checkpoint) const override {
    checkpoint.policy.tensors["line"] = trainer::ToTensorData(line_);
    checkpoint.state = {{"loss", *loss_}};
  }
  void Load(const policies::Checkpoint& checkpoint, const std::string& file) override {
    const std::vector<double> line = trainer::DoublesOf(checkpoint.policy, "line");
    if (line.size() != 2) throw BadInput({file, "line", "a slope and a height", "something else"});
    line_ = line, step_ = checkpoint.state.at("step"), loss_ = checkpoint.state.at("loss");
  }

 private:
  LineJob job_;
  trainer::Comm& comm_;
  trainer::Shards shards_;
  std::vector<double> line_{0, 0};  // slope, height
  std::int64_t step_ = 0;
  std::optional<double> loss_;
};

struct LineLearning {
  LineJob job;
  void AddTo(CLI::App&) {}
  void ShareOut(int ranks) { job.shards = ranks; }
  std::vector<GivenSetting> Given(bool) const { return {}; }
  Learned Train(trainer::Comm& comm, trainer::RunFolder& run) const {
    LineLearner learner(job, comm);
    trainer::RunLearner(learner, comm, run,
                        {.label = "line", .steps = job.steps, .checkpoint_every = 10, .log_every = 1});
    return {{{"loss", *learner.loss()}}, "loss " + std::to_string(*learner.loss())};
  }
};

}  // namespace
}  // namespace genba::cli

// genba's own main does this for every learner (cli/main.cc, cli/train.cc).
int main(int count, char** words) {
  return genba::trainer::RankProgram("example", [&] {
    CLI::App app("an example");
    genba::cli::AddLearner<genba::cli::LineLearning>(app, "line", "a line through points");  // the registration
    app.parse(count, words);
  });
}
