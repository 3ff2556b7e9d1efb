// batch_sim.h - N worlds over MuJoCo's batch API: a world is one row of integration state, mjData exists per
// thread. Owns the rows; keeps every world's Model alive. One caller at a time; Apply() fans out inside and
// returns when all are done. Determinism: bits do not depend on the number of threads. Auto-reset is off;
// engine errors become per-world faults. Failure: bad sizes throw Error before any world moves; a world in
// trouble gets a FaultReport and is frozen until SetModel.
#pragma once
#include <mujoco/mjbatch.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/fault.h"
#include "sim/model.h"

namespace genba::sim {

struct BatchSimConfig {
  int num_worlds = 64;  // N
  int num_threads = 0;  // 0: one per core this process may use
};

class BatchSim {
 public:
  // Every world starts on prototype at its default state. Later models must have prototype's sizes.
  BatchSim(std::shared_ptr<const Model> prototype, const BatchSimConfig& config);
  ~BatchSim();
  BatchSim(const BatchSim&) = delete;
  BatchSim& operator=(const BatchSim&) = delete;

  int num_worlds() const;
  int num_threads() const;
  int state_size() const;  // doubles in a row: mjSTATE_INTEGRATION

  // Gives a world another scene, resets its row to the model's defaults and clears its fault.
  // Error(kBadInput) naming the size that differs.
  void SetModel(int world, std::shared_ptr<const Model> model);
  const std::shared_ptr<const Model>& model(int world) const;

  // Runs fn(const mjModel*, mjData*, int world) once per listed world, in parallel, and keeps the state it
  // leaves. fn may call any mj_* function; it must touch only that world's memory and be noexcept C++ (engine
  // errors longjmp out of it: keep no owning objects alive across mj_* calls inside). Faulted worlds are
  // skipped.
  template <class Fn>
  void Apply(std::span<const int> worlds, Fn&& fn) {
    ApplyRaw(
        worlds,
        [](const mjModel* m, mjData* d, int world, void* arg) {
          (*static_cast<std::remove_reference_t<Fn>*>(arg))(m, d, world);
        },
        &fn);
  }

  // Bare engine stepping of all worlds (benchmarks compare against this); ctrl is in the rows.
  void StepBare(int num_steps);

  std::span<double> row(int world);  // [state_size()], mj_getState order
  std::span<const double> row(int world) const;
  void Save(int world, std::vector<double>& state) const;
  void Restore(int world, std::span<const double> state);  // Error when the size is wrong; clears the fault
  std::uint64_t Hash(int world) const;                     // of the row
  const FaultReport& fault(int world) const;

 private:
  void ApplyRaw(std::span<const int> worlds, mjfBatchFunc fn, void* arg);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace genba::sim
