#include "trainer/bench_ppo.h"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "trainer/train_ppo.h"

namespace genba::trainer {

namespace {

// A folder that is there while this lives.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("genba-bench-ppo-" + std::to_string(::getpid()))) {}
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

PpoResult Run(PpoJob& job) {
  const Folder folder;
  RunFolder run(folder.path(), false);
  ConfigTable table;
  Register(table, job);
  run.Resolve(table, [](ConfigTable&) {});
  return TrainPpo(job, run);
}

}  // namespace

nlohmann::json BenchPpo(PpoJob job) {
  job.ppo.reading_steps = 1;
  job.ppo.reading_texts = job.ppo.reading_batch;
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
