#include "trainer/learner.h"

#include <chrono>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/version.h"

namespace genba::trainer {

namespace {

using Clock = std::chrono::steady_clock;
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

void SaveNow(const Learner& learner, const RunFolder& run, int keep) {
  const FinishFirst finish;
  run.CheckThere();
  policies::Checkpoint checkpoint;
  learner.Save(checkpoint);
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

// Rates since the last line; they go to the event file only.
class Rates {
 public:
  explicit Rates(int samples_per_step) : samples_(samples_per_step) {}
  Scalars Since(std::int64_t step, std::int64_t first) {
    const double rate = static_cast<double>(step - std::max(first, last_step_)) / SecondsSince(last_time_);
    last_step_ = step, last_time_ = Clock::now();
    return {{"Perf/steps_per_s", rate}, {"Perf/samples_per_s", rate * samples_}};
  }

 private:
  int samples_;
  std::int64_t last_step_ = 0;
  Clock::time_point last_time_ = Clock::now();
};

}  // namespace

LoopResult RunLearner(Learner& learner, RunFolder& run, const LoopConfig& config) {
  LoadNewest(learner, run);
  run.Begin();
  learner.Begun(run);
  const std::int64_t first = learner.step();
  Metrics metrics(run.path(), first);
  Progress progress(config.label, "steps", config.steps);
  const auto start = Clock::now();
  Rates rates(config.samples_per_step);
  while (learner.step() < config.steps) {
    const Scalars measured = learner.Step();
    const std::int64_t step = learner.step();
    const bool last = step == config.steps, stop = Interrupted() && !last;
    run.CheckThere();
    if (step % config.log_every == 0 || last) {
      Scalars timing = rates.Since(step, first);
      timing.merge(learner.Timing());
      metrics.Write(step, measured, timing);
    }
    if (step % config.checkpoint_every == 0 || last || stop) SaveNow(learner, run, config.keep_checkpoints);
    progress.Update(step, LossNote(learner));
    if (stop) {
      LogInfo("stopped at step " + std::to_string(step) + ", which is saved; --resume goes on from there");
      CheckInterrupt();
    }
  }
  return {learner.step(), learner.loss(), SecondsSince(start)};
}

}  // namespace genba::trainer
