// batch_sim.h - N worlds over MuJoCo's batch API: a world is one row of integration state and what of it sleeps. Owns
// the rows; keeps every world's Model alive. Models that let parts sleep have an mjData per world, others one per
// thread. One caller at a time; Apply() fans out inside and returns when all are done. Determinism: bits do not depend
// on the number of threads. Auto-reset is off; engine errors become per-world faults. Failure: bad sizes, or more
// memory than is free, throw Error before any world moves; a world in trouble gets a FaultReport and is frozen until
// SetModel.
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

  // Gives a world another scene, at the model's defaults, and clears its fault.
  // Error(kBadInput) naming the size that differs.
  void SetModel(int world, std::shared_ptr<const Model> model);
  // The same from inside Apply(), of the world that Apply() gave, on its d. The m that Apply() gave stays valid.
  void EnterModel(int world, std::shared_ptr<const Model> model, mjData* d);
  const std::shared_ptr<const Model>& model(int world) const;

  // Runs fn(const mjModel*, mjData*, int world) once per listed world, in parallel, and keeps the state it leaves. fn
  // may call any mj_* function; it must touch only that world's memory. Engine errors longjmp out of it: keep no owning
  // objects alive across mj_* calls inside. What it throws is thrown again here, of the first world, when all are done.
  // Faulted worlds are skipped.
  template <class Fn>
  void Apply(std::span<const int> worlds, Fn&& fn) {
    ApplyRaw(
        worlds,
        [](const mjModel* m, mjData* d, int world, void* arg) {
          (*static_cast<std::remove_reference_t<Fn>*>(arg))(m, d, world);
        },
        &fn);
  }

  // The engine alone, for benchmarks: num_steps of every world, with controls [N, num_steps, nu].
  void StepBare(int num_steps, std::span<const double> controls);

  // What the engine has counted against d since it was given out: the fault that this world is about to have.
  static FaultReport Trouble(const mjModel* m, const mjData* d);

  std::span<double> row(int world);  // mjSTATE_INTEGRATION, in mj_getState order
  std::span<const double> row(int world) const;
  // A world's whole state: its row and which of its parts sleep. Restoring it into a world of the same model continues
  // bit for bit. Error when the size is wrong; clears the fault.
  void Save(int world, std::vector<double>& state) const;
  void Restore(int world, std::span<const double> state);
  std::uint64_t Hash(int world) const;  // of the whole state
  const FaultReport& fault(int world) const;

  // Of one world: rows, mjData, its model and the one it is about to get. [bytes]
  std::size_t bytes_per_world() const;

 private:
  void ApplyRaw(std::span<const int> worlds, mjfBatchFunc fn, void* arg);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace genba::sim
