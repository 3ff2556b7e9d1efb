// learner.h - what a step of learning is, and the one loop that drives every learner: step, log, checkpoint, stop.
// Behaviour cloning, PPO and pretraining are its learners. One thread. No torch. Law: interrupted at any step and resumed
// equals uninterrupted: same weights, same metrics, bit for bit. Of several ranks each has its learner, and rank 0 the
// folder; all stop at the same step.
// Failure: Error; an interrupt saves the step it is at and ends with InterruptedError.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/phases.h"
#include "policies/checkpoint.h"
#include "trainer/metrics.h"
#include "trainer/ranks/comm.h"
#include "trainer/run_folder.h"

namespace genba::trainer {

class Learner {
 public:
  virtual ~Learner() = default;
  virtual std::int64_t step() const = 0;  // done so far
  // One optimiser step, together with the other ranks; what it measured, by the names of the metrics: the same on all.
  virtual Scalars Step() = 0;
  virtual Scalars Timing() const { return {}; }  // of the last step; for the event file, which may differ between runs
  // That the last step of all ranks computed, forward and backward, where it is known; two a multiply-add. For Perf/mflops_per_s and
  // Perf/share_of_peak.
  virtual std::optional<double> StepMegaFlops() const { return {}; }
  virtual std::optional<double> loss() const = 0;  // running mean over the last steps; nothing before the first
  // On every rank, which may have to hand over its part; what rank 0 puts in is what is written.
  virtual void Save(policies::Checkpoint& checkpoint) const = 0;
  // Everything is checked before anything is taken over; file names it in refusals.
  virtual void Load(const policies::Checkpoint& checkpoint, const std::string& file) = 0;
  // Of what every rank has to have the same of: the weights, say. Compared whenever a line is logged, where there are several.
  virtual std::uint64_t Fingerprint() const { return 0; }
  // What else it leaves in a run folder that is now its own.
  virtual void Begun(const RunFolder&) const {}
  // Where its time goes, its own and the loop's: Perf/<phase>_s of the event file, and spans of the run's trace. Seen from
  // outside, as a clock is: timing what is constant does not change it.
  Phases& phases() const { return phases_; }

 private:
  mutable Phases phases_;
};

struct LoopConfig {
  std::string label;  // of the progress bar
  std::int64_t steps = 0;
  int checkpoint_every = 500, keep_checkpoints = 2, log_every = 20;
  int samples_per_step = 1;
  double peak_megaflops = 0;  // a second, that all ranks together can reach; 0: not known
};

struct LoopResult {
  std::int64_t steps = 0;
  std::optional<double> loss;
  double seconds = 0;
};

// Loads the run's newest checkpoint, begins the run (nothing is written before), and steps to the end.
LoopResult RunLearner(Learner& learner, Comm& comm, RunFolder& run, const LoopConfig& config);

}  // namespace genba::trainer
