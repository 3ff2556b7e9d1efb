// train_bc.h - behaviour cloning: a data set and frozen language features in, a run folder with checkpoints out.
// Called by `genba train bc` and the demo; one thread of ours, the matrix library's threads are a setting.
// The loop around it, with lock, checkpoints and resuming, is learner.h's. A data set and a backbone are known by
// content: a run goes on with the same ones wherever they lie now. Failure: Error; a loss that leaps, or gradients that
// are not finite several times in a row, stop the run with the step, the batch and the rank that did it.
#pragma once
#include <cstdint>
#include <string>

#include "trainer/bc_config.h"
#include "trainer/learner.h"
#include "trainer/ranks/comm.h"

namespace genba::trainer {

struct TrainResult {
  LoopResult loop;
  std::int64_t parameters = 0;
  double megaflops_per_action = 0;  // forward pass of one plan
  std::string weights_hash;         // Hash64 of the averaged weights
};

TrainResult TrainBc(const TrainJob& job, Comm& comm, RunFolder& run);

}  // namespace genba::trainer
