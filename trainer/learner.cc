#include "trainer/learner.h"

#include <chrono>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/version.h"
#include "trainer/progress_table.h"
#include "trainer/ranks/timed_comm.h"

namespace genba::trainer {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTablePeriod = std::chrono::seconds(10);  // what scrolls faster is not read
double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void LoadNewest(Learner& learner, const RunFolder& run) {
  if (run.newest().empty()) return;
  const policies::Checkpoint checkpoint = policies::LoadCheckpoint(run.newest(), true);
  const std::string file = (run.newest() / "state.json").string();
  std::string keys;
  for (const std::string& key : FixedDifferences(JsonText(checkpoint.state, "settings", file), run.fixed_settings()))
    keys += (keys.empty() ? "" : ", ") + key;
  if (!keys.empty()) throw BadInput({file, keys, "the settings of config.toml", "others"});
  learner.Load(checkpoint, file);
}

void Write(policies::Checkpoint checkpoint, const Learner& learner, const RunFolder& run, int keep) {
  checkpoint.state["step"] = learner.step();
  checkpoint.state["settings"] = run.fixed_settings();
  checkpoint.state["genba"] = Version();
  checkpoint.state["revision"] = Revision();
  policies::SaveCheckpoint(run.checkpoints(), learner.step(), checkpoint);
  policies::PruneCheckpoints(run.checkpoints(), keep);
}

std::string LossNote(const Learner& learner) {
  const std::optional<double> loss = learner.loss();
  return loss ? "loss " + std::to_string(*loss) : "";
}

// FILE of rank 0, FILE with .rankN before its extension of another.
std::filesystem::path OfRank(std::filesystem::path file, int rank) {
  if (rank == 0) return file;
  const std::string extension = file.extension().string();
  return file.replace_extension(".rank" + std::to_string(rank) + extension);
}

void BeginTrace(const Learner& learner, const Comm& comm, const RunFolder& run) {
  if (run.trace().empty()) return;
  learner.phases().Into(std::make_unique<Trace>(OfRank(run.trace(), comm.rank()), comm.rank() + 1,
                                                "rank " + std::to_string(comm.rank())));
}

// Since the last line: rates, and the seconds of a step's phases. They go to the event file only.
class Rates {
 public:
  Rates(const Learner& learner, const LoopConfig& config) : learner_(learner), config_(config) {}
  Scalars Since(std::int64_t step, std::int64_t first) {
    const double steps = static_cast<double>(step - std::max(first, last_step_)),
                 rate = steps / SecondsSince(last_time_);
    last_step_ = step, last_time_ = Clock::now();
    Scalars rates{{"Perf/steps_per_s", rate}, {"Perf/samples_per_s", rate * config_.samples_per_step}};
    if (const auto work = learner_.StepMegaFlops()) {
      rates["Perf/mflops_per_s"] = rate * *work;
      if (config_.peak_megaflops > 0) rates["Perf/share_of_peak"] = rate * *work / config_.peak_megaflops;
    }
    for (const auto& [phase, seconds] : learner_.phases().Lap()) rates["Perf/" + phase + "_s"] = seconds / steps;
    return rates;
  }

 private:
  const Learner& learner_;
  const LoopConfig& config_;
  std::int64_t last_step_ = 0;
  Clock::time_point last_time_ = Clock::now();
};

// What a run says of itself while it goes on: rank 0's part.
class Teller {
 public:
  Teller(const Learner& learner, RunFolder& run, const LoopConfig& config)
      : learner_(learner), run_(run), config_(config), first_(learner.step()), rates_(learner, config) {
    run.Begin();
    learner.Begun(run);
    metrics_.emplace(run.path(), first_);
    progress_.emplace(config.label, "steps", config.steps, first_);
  }
  void After(const Scalars& measured, bool tells) {
    const Phases::Scope in = learner_.phases().In("log");
    run_.CheckThere();
    progress_->Update(learner_.step(), LossNote(learner_));
    if (tells) {
      Scalars timing = rates_.Since(learner_.step(), first_);
      timing.merge(learner_.Timing());
      metrics_->Write(learner_.step(), measured, timing);
      ShowTable(measured, timing);
    }
  }

 private:
  // Above the bar of a terminal.
  void ShowTable(const Scalars& measured, const Scalars& timing) {
    const bool last = learner_.step() == config_.steps;
    if (progress_->columns() == 0 || (!last && Clock::now() - last_table_ < kTablePeriod)) return;
    last_table_ = Clock::now();
    progress_->PrintAbove(ProgressTable(
        {config_.label, learner_.step(), config_.steps, SecondsSince(start_), progress_->rate(), measured, timing},
        progress_->columns()));
  }

  const Learner& learner_;
  RunFolder& run_;
  const LoopConfig& config_;
  std::int64_t first_;
  Clock::time_point start_ = Clock::now(), last_table_ = start_;
  Rates rates_;
  std::optional<Metrics> metrics_;
  std::optional<Progress> progress_;
};

void Save(const Learner& learner, Comm& comm, const RunFolder& run, const LoopConfig& config) {
  const FinishFirst finish;  // also who only waits for it
  const Phases::Scope in = learner.phases().In("checkpoint");
  if (comm.rank() == 0) run.CheckThere();
  policies::Checkpoint checkpoint;
  learner.Save(checkpoint);
  if (comm.rank() == 0) Write(std::move(checkpoint), learner, run, config.keep_checkpoints);
  comm.Barrier("checkpoint");
}

}  // namespace

LoopResult RunLearner(Learner& learner, Comm& ranks, RunFolder& run, const LoopConfig& config) {
  TimedComm comm(ranks, learner.phases());
  LoadNewest(learner, run);
  comm.Barrier("begin");  // all have read what is there
  std::optional<Teller> teller;
  if (comm.rank() == 0) teller.emplace(learner, run, config);
  BeginTrace(learner, comm, run);
  const auto start = Clock::now();
  while (learner.step() < config.steps) {
    comm.AtStep(learner.step() + 1);
    const Scalars measured = learner.phases().Of("step", [&] { return learner.Step(); });
    const std::int64_t step = learner.step();
    const bool last = step == config.steps, tells = step % config.log_every == 0 || last;
    if (tells && comm.size() > 1) comm.Agree(learner.Fingerprint(), "fingerprint");
    const int signal = last ? 0 : comm.StopSignal();
    if (teller) teller->After(measured, tells);
    if (step % config.checkpoint_every == 0 || last || signal != 0) Save(learner, comm, run, config);
    if (signal == 0) continue;
    LogInfo("stopped at step " + std::to_string(step) + ", which is saved; --resume goes on from there");
    throw InterruptedError(signal);
  }
  return {learner.step(), learner.loss(), SecondsSince(start)};
}

}  // namespace genba::trainer
