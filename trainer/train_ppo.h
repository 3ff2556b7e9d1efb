// train_ppo.h - proximal policy optimisation on the worlds themselves: words first (the reading part, from texts in
// scenes without physics), then how to move. The policy it leaves is one like any other, with a chunk of one action.
// On several ranks each plays worlds of its own and learns from them. Called by `genba train ppo`; one thread of ours, the worlds' and the matrix library's are settings. The loop around
// it, with lock, checkpoints and resuming, is learner.h's. Failure: Error; a loss that is not finite stops the run.
#pragma once
#include <cstdint>

#include "trainer/learner.h"
#include "trainer/ppo_config.h"
#include "trainer/ranks/comm.h"

namespace genba::trainer {

// Where the time of the iterations went. [s]
struct PpoSeconds {
  double collection = 0;  // playing: the worlds' steps, and all that decides what is done in them
  double simulation = 0;  // of it, the worlds' steps
  double learning = 0;
};

struct PpoResult {
  LoopResult loop;
  PpoSeconds seconds;  // since it began or was resumed
  std::int64_t parameters = 0, env_steps = 0;
  double megaflops_per_action = 0;
};
PpoResult TrainPpo(const PpoJob& job, Comm& comm, RunFolder& run);

}  // namespace genba::trainer
