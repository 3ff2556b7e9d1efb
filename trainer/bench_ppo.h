// bench_ppo.h - what an iteration of PPO costs: how much of the time of collection is simulation, what learning takes. A
// short run of `genba train ppo` in a folder of its own, with a policy that hardly reads: what it does is not judged.
// Called by `genba bench ppo`.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "trainer/ppo_config.h"

namespace genba::trainer {

// {task, worlds, threads, env_steps_per_s (collection), simulation_env_steps_per_s (the same steps, alone),
// ratio_to_simulation, learning_s (an iteration), megaflops_per_step, parameters, settings}
nlohmann::json BenchPpo(PpoJob job);

}  // namespace genba::trainer
