// genba train: learn a head from a data set (bc), or from the worlds themselves (ppo).
#include <array>
#include <cstdio>

#include "cli/training.h"
#include "trainer/train_bc.h"
#include "trainer/train_ppo.h"

namespace genba::cli {

namespace {

struct BcLearning {
  trainer::TrainJob job;
  std::vector<std::string> data, weights, episodes;

  void AddTo(CLI::App& command) {
    command
        .add_option("--data", data, "folder of a data set (repeatable); with --resume, where each lies now if it moved")
        ->type_name("DIR");
    command
        .add_option("--weight", weights,
                    "of the windows of each --data in a batch (repeatable); without it, of each as many as it has")
        ->type_name("NUMBER");
    command
        .add_option("--episodes", episodes,
                    "of each --data (repeatable), or one for all: success | all (those that failed, too)")
        ->type_name("WHICH");
  }
  void ShareOut(int ranks) { job.trainer.shards = ranks, job.trainer.threads = 1; }
  std::vector<GivenSetting> Given(bool) const {
    std::vector<GivenSetting> settings;
    if (!data.empty()) settings.push_back({"--data", "run.data", KeptPaths(data)});
    if (!weights.empty()) settings.push_back({"--weight", "trainer.weights", weights});
    if (!episodes.empty()) settings.push_back({"--episodes", "trainer.episodes", episodes});
    return settings;
  }
  Learned Train(trainer::Comm& comm, trainer::RunFolder& run) {
    if (!data.empty()) job.data = data;
    const trainer::TrainResult r = trainer::TrainBc(job, comm, run);
    std::array<char, 200> line{};
    std::snprintf(
        line.data(), line.size(), "%lld steps in %.0f s, loss %s, %lld parameters, %.2f MFLOP a plan, weights %s",
        static_cast<long long>(r.loop.steps), r.loop.seconds, r.loop.loss ? std::to_string(*r.loop.loss).c_str() : "–",
        static_cast<long long>(r.parameters), r.megaflops_per_action, r.weights_hash.c_str());
    return {{{"out", run.path().string()},
             {"steps", r.loop.steps},
             {"loss", r.loop.loss ? nlohmann::json(*r.loop.loss) : nlohmann::json()},
             {"seconds", r.loop.seconds},
             {"parameters", r.parameters},
             {"megaflops_per_plan", r.megaflops_per_action},
             {"weights_hash", r.weights_hash}},
            line.data()};
  }
};

struct PpoLearning {
  trainer::PpoJob job;
  std::string task, from;
  bool residual = false;

  void AddTo(CLI::App& command) {
    command.add_option("task", task, "what is learned; with --resume, the run's");
    command.add_option("--from", from, "a run or checkpoint: its policy goes on learning, with what it reads as it is");
    command
        .add_flag("--residual", residual,
                  "leave that policy as it is, whatever its head, and learn to correct its actions as they are played")
        ->needs("--from");
    AddWhole(command, "--threads", &job.world_threads, 0, 1024, "that step worlds; 0: one per core");
  }
  void ShareOut(int ranks) { job.ppo.shards = ranks, job.ppo.threads = 1; }
  std::vector<GivenSetting> Given(bool resumes) {
    if (!task.empty()) job.ppo.task = task;
    if (!from.empty() && !resumes) (residual ? trainer::BeginCorrecting : trainer::BeginFrom)(KeptPath(from), job);
    if (task.empty()) return {};
    return {{"task", "run.task", {task}}};
  }
  Learned Train(trainer::Comm& comm, trainer::RunFolder& run) const {
    const trainer::PpoResult r = trainer::TrainPpo(job, comm, run);
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%lld steps of worlds in %.0f s, %lld parameters, %.2f MFLOP a step",
                  static_cast<long long>(r.env_steps), r.loop.seconds, static_cast<long long>(r.parameters),
                  r.megaflops_per_action);
    return {{{"out", run.path().string()},
             {"steps", r.loop.steps},
             {"env_steps", r.env_steps},
             {"seconds", r.loop.seconds},
             {"parameters", r.parameters},
             {"megaflops_per_step", r.megaflops_per_action}},
            line.data()};
  }
};

}  // namespace

void AddTrain(CLI::App& app) {
  CLI::App* train = app.add_subcommand("train", "Train a policy");
  train->require_subcommand(1);
  AddLearner<BcLearning>(*train, "bc",
                         "Behaviour cloning: a head on the frozen language backbone from recorded episodes");
  AddLearner<PpoLearning>(*train, "ppo",
                          "Proximal policy optimisation: words from texts, then motion from the worlds themselves");
}

}  // namespace genba::cli
