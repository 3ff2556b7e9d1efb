#include "trainer/bench.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/interrupt.h"
#include "datasets/dataset.h"
#include "envs/vec_env.h"
#include "trainer/acting.h"
#include "trainer/collect.h"
#include "trainer/episode_recorder.h"

namespace genba::trainer {

namespace {

constexpr int kSpreadSteps = 60;  // about half an episode, before anything is timed

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

// Experts in worlds that are spread over all phases of an episode, as they are in real work.
class Bench {
 public:
  explicit Bench(const BenchConfig& config)
      : config_(config),
        env_(EnvConfig(config)),
        batch_(env_.spec(), env_.num_worlds()),
        actor_(MakeExpertActor({.deviation = 0.3})) {
    env_.Reset(batch_);
    for (int i = 0; i < kSpreadSteps; ++i) EnvStep();
  }
  envs::VecEnv& env() { return env_; }

  // One control step of all worlds, resets included. [s]
  double EnvStep() {
    CheckInterrupt();
    const auto start = std::chrono::steady_clock::now();
    actor_->Act(env_, batch_, actions_);
    env_.Step(View2<const float>(actions_.data(), env_.num_worlds(), env_.spec().action_dim()), batch_);
    return Seconds(start);
  }
  // The engine alone over the interval that EnvStep plays next: the same models and states, the controls now in force.
  // The rows are put back afterwards, which is not timed. [s]
  double BareStep() {
    sim::BatchSim& sim = env_.sim();
    rows_.resize(static_cast<std::size_t>(env_.num_worlds()));
    for (int w = 0; w < env_.num_worlds(); ++w) sim.Save(w, rows_[static_cast<std::size_t>(w)]);
    const auto start = std::chrono::steady_clock::now();
    sim.StepBare(env_.spec().substeps);
    const double seconds = Seconds(start);
    for (int w = 0; w < env_.num_worlds(); ++w) sim.Restore(w, rows_[static_cast<std::size_t>(w)]);
    return seconds;
  }

 private:
  static envs::VecEnvConfig EnvConfig(const BenchConfig& config) {
    envs::VecEnvConfig env;
    env.task = config.task;
    env.num_worlds = config.worlds;
    env.num_threads = config.threads;
    return env;
  }

  BenchConfig config_;
  envs::VecEnv env_;
  StepBatch batch_;
  std::unique_ptr<Actor> actor_;
  std::vector<float> actions_;
  std::vector<std::vector<double>> rows_;  // [N] kept by BareStep
};

nlohmann::json PhaseShares(const nlohmann::json& before, const nlohmann::json& after) {
  nlohmann::json shares = nlohmann::json::object();
  double sum = 0;
  for (const auto& [phase, seconds] : after.items()) sum += seconds.get<double>() - before[phase].get<double>();
  for (const auto& [phase, seconds] : after.items())
    shares[phase] = (seconds.get<double>() - before[phase].get<double>()) / sum;
  return shares;
}

}  // namespace

nlohmann::json BenchSim(const BenchConfig& config) {
  Bench bench(config);
  const nlohmann::json phases_before = bench.env().PhaseSeconds();
  double bare = 0, env = 0;
  for (int step = 0; step < config.steps; ++step) {
    bare += bench.BareStep();
    env += bench.EnvStep();
  }
  const EnvSpec& spec = bench.env().spec();
  const double steps = static_cast<double>(config.steps) * config.worlds;
  const auto& m = *bench.env().model(0)->get();
  return {{"task", config.task},
          {"worlds", config.worlds},
          {"threads", bench.env().sim().num_threads()},
          {"physics_steps_per_s", steps * spec.substeps / bare},
          {"env_steps_per_s", steps / env},
          {"ratio_to_bare_physics", bare / env},
          {"phases", PhaseShares(phases_before, bench.env().PhaseSeconds())},
          {"solver",
           {{"dt", spec.timestep},
            {"substeps", spec.substeps},
            {"cone", m.opt.cone == mjCONE_ELLIPTIC ? "elliptic" : "pyramidal"},
            {"iterations", m.opt.iterations},
            {"nv", m.nv}}},
          {"bytes_per_world", bench.env().integration_row(0).size() * sizeof(double)}};
}

nlohmann::json BenchCollect(const BenchConfig& config) {
  Bench bench(config);
  double bare = 0;
  for (int step = 0; step < config.steps; ++step) {
    bare += bench.BareStep();
    bench.EnvStep();
  }
  const double physics_steps_per_s =
      static_cast<double>(config.steps) * config.worlds * bench.env().spec().substeps / bare;

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("genba-bench-" + std::to_string(::getpid()));
  CollectConfig collect;
  collect.task = config.task;
  collect.out = folder;
  collect.episodes = static_cast<std::uint64_t>(std::max(config.worlds, 64)) * 2;
  collect.worlds = config.worlds;
  collect.threads = config.threads;
  struct Removal {
    const std::filesystem::path& folder;
    ~Removal() {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
  } const removal{folder};
  const CollectResult result = Collect(collect, "");
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) bytes += entry.file_size();
  const double env_steps_per_s = static_cast<double>(result.new_steps) / result.seconds;
  return {{"task", config.task},
          {"worlds", config.worlds},
          {"env_steps_per_s", env_steps_per_s},
          {"physics_steps_per_s", physics_steps_per_s},
          {"ratio_to_bare_physics", env_steps_per_s * bench.env().spec().substeps / physics_steps_per_s},
          {"bytes_per_s", static_cast<double>(bytes) / result.seconds},
          {"bytes_per_step", static_cast<double>(bytes) / static_cast<double>(result.new_steps)}};
}

}  // namespace genba::trainer
