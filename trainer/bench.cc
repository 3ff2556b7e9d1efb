#include "trainer/bench.h"

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
#include "trainer/temporary_folder.h"

namespace genba::trainer {

namespace {

constexpr ExpertNoise kNoise{.deviation = 0.3};  // the same pushes in every figure: with others, other physics is done
constexpr int kCollected = 1000;                 // episodes, at least: the last worlds to finish should not count much
constexpr int kSpreadSteps = 60;                 // about half an episode, before anything is timed

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

std::shared_ptr<const sim::Model> WithoutSleep(const envs::VecEnv& env, int world) {
  return env.config().sleep ? sim::CellBuilder(env.cell(world)).Build(false) : env.model(world);
}

// Experts in worlds that are spread over all phases of an episode, as they are in real work, and beside them a second
// batch that plays nothing but the engine: never asleep, from the same states, with the same controls.
class Bench {
 public:
  Bench(const BenchConfig& config, bool sleep)
      : env_(EnvConfig(config, sleep)),
        batch_(env_.spec(), env_.num_worlds()),
        actor_(MakeExpertActor(kNoise)),
        bare_(WithoutSleep(env_, 0), {config.worlds, config.threads}),
        episodes_(static_cast<std::size_t>(config.worlds), UINT64_MAX),
        ids_(sim::FindCellIds(*env_.model(0))),
        servo_(mj_makeData(env_.model(0)->get()), mj_deleteData) {
    env_.Reset(batch_);
    for (int i = 0; i < kSpreadSteps; ++i) EnvStep();
  }
  envs::VecEnv& env() { return env_; }
  double env_seconds() const { return env_seconds_; }
  double bare_seconds() const { return bare_seconds_; }

  // One control step of all worlds, resets included, by the environment and then by the engine alone.
  void Round() {
    for (int world = 0; world < env_.num_worlds(); ++world) CopyState(world);
    env_seconds_ += EnvStep();
    FillControls();
    const auto start = std::chrono::steady_clock::now();
    bare_.StepBare(env_.spec().substeps, controls_);
    bare_seconds_ += Seconds(start);
  }

 private:
  static envs::VecEnvConfig EnvConfig(const BenchConfig& config, bool sleep) {
    envs::VecEnvConfig env;
    env.task = config.task;
    env.num_worlds = config.worlds;
    env.num_threads = config.threads;
    env.sleep = sleep;
    return env;
  }

  double EnvStep() {
    CheckInterrupt();
    const auto start = std::chrono::steady_clock::now();
    actor_->Act(env_, batch_, commands_);
    env_.Step(commands_, batch_);
    return Seconds(start);
  }

  void CopyState(int world) {
    std::uint64_t& episode = episodes_[static_cast<std::size_t>(world)];
    if (episode != env_.plan(world).episode) bare_.SetModel(world, WithoutSleep(env_, world));
    episode = env_.plan(world).episode;
    const std::span<const double> row = env_.integration_row(world);
    std::copy(row.begin(), row.end(), bare_.row(world).begin());
  }

  void FillControls() {
    controls_.clear();
    for (int world = 0; world < env_.num_worlds(); ++world) {
      for (int i = 0; i < env_.spec().substeps; ++i) {
        sim::Servo(ids_, i, env_.spec().substeps, env_.commanded(world), servo_.get());
        controls_.insert(controls_.end(), servo_->ctrl, servo_->ctrl + env_.model(world)->get()->nu);
      }
    }
  }

  envs::VecEnv env_;
  StepBatch batch_;
  std::unique_ptr<Actor> actor_;
  sim::BatchSim bare_;
  std::vector<std::uint64_t> episodes_;  // [N] whose models bare_ has
  sim::CellIds ids_;
  std::unique_ptr<mjData, void (*)(mjData*)> servo_;  // only its controls
  Commands commands_;
  std::vector<double> controls_;
  double env_seconds_ = 0, bare_seconds_ = 0;
};

// What `steps` rounds took. [s]
struct Measurement {
  double env = 0, bare = 0, resets = 0;  // resets: the share of env that went into starting episodes
  envs::PhaseSeconds phases;
  int threads = 1;
};

Measurement Measure(Bench& bench, int steps) {
  const envs::PhaseSeconds before = bench.env().phases();
  for (int step = 0; step < steps; ++step) bench.Round();
  const envs::PhaseSeconds after = bench.env().phases();
  Measurement m;
  m.env = bench.env_seconds();
  m.bare = bench.bare_seconds();
  m.phases = {after.control - before.control, after.physics - before.physics, after.observe - before.observe,
              after.reset - before.reset, after.resets - before.resets};
  m.threads = bench.env().sim().num_threads();
  m.resets = m.phases.reset / m.threads;
  return m;
}

nlohmann::json Shares(const envs::PhaseSeconds& phases) {
  const double sum = phases.control + phases.physics + phases.observe + phases.reset;
  return {{"control", phases.control / sum},
          {"physics", phases.physics / sum},
          {"observe", phases.observe / sum},
          {"reset", phases.reset / sum}};
}

}  // namespace

nlohmann::json BenchSim(const BenchConfig& config) {
  Measurement awake;
  {
    Bench bench(config, false);
    awake = Measure(bench, config.steps);
  }
  Bench bench(config, true);
  const Measurement asleep = Measure(bench, config.steps);
  const EnvSpec& spec = bench.env().spec();
  const double steps = static_cast<double>(config.steps) * config.worlds;
  const auto& m = *bench.env().model(0)->get();
  const nlohmann::json reset_ms =
      asleep.phases.resets > 0 ? nlohmann::json(1e3 * asleep.phases.reset / static_cast<double>(asleep.phases.resets))
                               : nlohmann::json(nullptr);
  return {{"task", config.task},
          {"worlds", config.worlds},
          {"threads", asleep.threads},
          {"physics_steps_per_s", steps * spec.substeps / awake.bare},
          {"env_steps_per_s", steps / asleep.env},
          {"ratio_to_bare_physics", awake.bare / awake.env},
          {"ratio_to_bare_without_resets", awake.bare / (awake.env - awake.resets)},
          {"ratio_to_bare_without_sleep", asleep.bare / asleep.env},
          {"reset_ms", reset_ms},
          {"phases", Shares(asleep.phases)},
          {"phases_without_sleep", Shares(awake.phases)},
          {"solver",
           {{"dt", spec.timestep},
            {"substeps", spec.substeps},
            {"cone", m.opt.cone == mjCONE_ELLIPTIC ? "elliptic" : "pyramidal"},
            {"iterations", m.opt.iterations},
            {"nv", m.nv},
            {"sleep", (m.opt.enableflags & mjENBL_SLEEP) != 0}}},
          {"bytes_per_world", bench.env().sim().bytes_per_world()}};
}

nlohmann::json BenchCollect(const BenchConfig& config) {
  Bench bench(config, true);
  const Measurement measured = Measure(bench, config.steps);
  const double steps = static_cast<double>(config.steps) * config.worlds;
  const double physics_steps_per_s = steps * bench.env().spec().substeps / measured.bare;

  const TemporaryFolder folder("genba-bench");
  CollectConfig collect;
  collect.task = config.task;
  collect.out = folder.path();
  collect.episodes = static_cast<std::uint64_t>(std::max(4 * config.worlds, kCollected));
  collect.worlds = config.worlds;
  collect.threads = config.threads;
  collect.noise = kNoise;
  const CollectResult result = Collect(collect);
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) bytes += entry.file_size();
  const double env_steps_per_s = static_cast<double>(result.new_steps) / result.seconds;
  return {{"task", config.task},
          {"worlds", config.worlds},
          {"env_steps_per_s", env_steps_per_s},
          {"physics_steps_per_s", physics_steps_per_s},
          {"ratio_to_bench_sim", env_steps_per_s / (steps / measured.env)},
          {"ratio_to_bare_physics", env_steps_per_s * bench.env().spec().substeps / physics_steps_per_s},
          {"bytes_per_s", static_cast<double>(bytes) / result.seconds},
          {"bytes_per_step", static_cast<double>(bytes) / static_cast<double>(result.new_steps)}};
}

}  // namespace genba::trainer
