// toy_cloning.h - behaviour cloning as `genba train bc` runs it, with settings that make it a matter of seconds.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "trainer/train_bc.h"

namespace genba::trainer {

struct ToyCloning {
  std::filesystem::path run;
  std::vector<std::string> data, settings;  // folders; "trainer.steps=4"
  bool resume = false;
};
inline TrainResult Clone(const ToyCloning& toy, Comm& comm) {
  TrainJob job;
  ConfigTable table;
  Register(table, job);
  RunFolder run(toy.run, toy.resume, comm.rank() == 0);
  run.Resolve(table, [&](ConfigTable& settings) {
    for (const std::string& set : toy.settings) settings.Set(set);
  });
  job.data = toy.data;
  return TrainBc(job, comm, run);
}
inline TrainResult Clone(const ToyCloning& toy) {
  SelfComm alone;
  return Clone(toy, alone);
}

}  // namespace genba::trainer
