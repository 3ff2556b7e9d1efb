#include "trainer/bench_ppo.h"

#include <nlohmann/json.hpp>

#include "trainer/temporary_folder.h"
#include "trainer/train_ppo.h"

namespace genba::trainer {

namespace {

PpoResult Run(PpoJob& job) {
  const TemporaryFolder folder("genba-bench-ppo");
  RunFolder run(folder.path(), false);
  ConfigTable table;
  Register(table, job);
  run.Resolve(table, [](ConfigTable&) {});
  SelfComm alone;
  return TrainPpo(job, alone, run);
}

}  // namespace

nlohmann::json BenchPpo(PpoJob job) {
  job.ppo.reading_steps = 1;
  job.ppo.reading_texts = job.ppo.calibration_texts = job.ppo.reading_batch;
  const PpoResult result = Run(job);
  const double steps = static_cast<double>(result.env_steps);
  return {{"task", job.ppo.task},
          {"worlds", job.ppo.worlds},
          {"steps", job.ppo.steps},
          {"iterations", job.ppo.iterations},
          {"epochs", job.ppo.epochs},
          {"minibatches", job.ppo.minibatches},
          {"threads", job.ppo.threads},
          {"env_steps_per_s", steps / result.seconds.collection},
          {"simulation_env_steps_per_s", steps / result.seconds.simulation},
          {"ratio_to_simulation", result.seconds.simulation / result.seconds.collection},
          {"learning_s", result.seconds.learning / job.ppo.iterations},
          {"megaflops_per_step", result.megaflops_per_action},
          {"parameters", result.parameters}};
}

}  // namespace genba::trainer
