#include "sim/batch_sim.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>

#include "core/error.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/threads.h"
#include "sim/engine_log.h"
#include "sim/free_memory.h"

namespace genba::sim {

namespace {

constexpr double kOutOfTheWay = 10;        // [m]
constexpr double kLargest = 1e10;          // MuJoCo's mjMAXVAL: what it calls a bad number
constexpr int kAwake = -(1 + mjMINAWAKE);  // tree_asleep of a tree that has just moved

// mjb_apply, for ThreadSanitizer too. The engine hands worlds to its threads and takes them back with atomics inside a
// library that the sanitizer does not see; it is told about the two hand-overs, so that it sees worlds touch each
// other.
#ifdef __SANITIZE_THREAD__
struct Handover {
  mjfBatchFunc fn;
  void* arg;
  char out = 0, back = 0;  // only their addresses count
};

void PlayHandedOver(const mjModel* m, mjData* d, int world, void* arg) {
  auto& handover = *static_cast<Handover*>(arg);
  __tsan_acquire(&handover.out);
  handover.fn(m, d, world, handover.arg);
  __tsan_release(&handover.back);
}

void ApplyToWorlds(mjBatch* batch, const std::vector<int>& worlds, mjfBatchFunc fn, void* arg) {
  Handover handover{fn, arg};
  __tsan_release(&handover.out);
  mjb_apply(batch, worlds.data(), static_cast<int>(worlds.size()), PlayHandedOver, &handover, 1);
  __tsan_acquire(&handover.back);
}
#else
void ApplyToWorlds(mjBatch* batch, const std::vector<int>& worlds, mjfBatchFunc fn, void* arg) {
  mjb_apply(batch, worlds.data(), static_cast<int>(worlds.size()), fn, arg, 1);
}
#endif

struct BatchDeleter {
  void operator()(mjBatch* batch) const { mjb_deleteBatch(batch); }
};

struct NamedWarning {
  int warning;
  Fault fault;
  const char* what;
};
constexpr std::array<NamedWarning, 7> kWarnings{
    {{mjWARN_BADCTRL, Fault::kBadControl, "a control is NaN or infinite"},
     {mjWARN_BADQPOS, Fault::kBadState, "qpos is NaN, infinite or huge"},
     {mjWARN_BADQVEL, Fault::kBadState, "qvel is NaN, infinite or huge"},
     {mjWARN_BADQACC, Fault::kBadAcceleration, "qacc is NaN, infinite or huge"},
     {mjWARN_INERTIA, Fault::kBadAcceleration, "the inertia matrix is singular"},
     {mjWARN_CONTACTFULL, Fault::kContactOverflow, "contacts were dropped: the arena is full"},
     {mjWARN_CNSTRFULL, Fault::kContactOverflow, "constraints were dropped: the arena is full"}}};

// The engine's counters first (they know more), then the numbers: a NaN in one control is only counted, a NaN written
// from outside is only in qpos or qvel, which lie one behind the other in a row.
FaultReport Look(const mjWarningStat* warnings, std::span<const double> qpos, std::span<const double> qvel,
                 double time) {
  for (const NamedWarning& named : kWarnings) {
    if (warnings[named.warning].number > 0) return {named.fault, named.what, time};
  }
  const auto bad = [](double x) { return !(std::abs(x) <= kLargest); };
  if (std::any_of(qpos.begin(), qpos.end(), bad) || std::any_of(qvel.begin(), qvel.end(), bad))
    return {Fault::kBadState, "qpos or qvel is NaN, infinite or huge", time};
  return {};
}

// tree_asleep at a model's defaults.
int AsleepAtReset(const mjModel* m, std::size_t tree) {
  return m->tree_sleep_policy[tree] == mjSLEEP_INIT ? static_cast<int>(tree) : kAwake;
}

// The engine leaves in the accelerations of what sleeps whatever it computed last, and copies that into the warm start
// of the next step: nothing that a state holds. So they are zero whenever a world is given out or saved.
void Settle(const mjModel* m, mjData* d, std::size_t num_trees) {
  for (std::size_t t = 0; t < num_trees; ++t) {
    if (d->tree_asleep[t] < 0) continue;
    for (mjtNum* of : {d->qacc, d->qacc_smooth, d->qacc_warmstart})
      std::fill_n(of + m->tree_dofadr[t], m->tree_dofnum[t], 0.0);
  }
}

std::size_t DataBytes(const mjModel* m) {
  mjData* d = mj_makeData(m);
  const auto bytes = sizeof(mjData) + static_cast<std::size_t>(d->nbuffer) + static_cast<std::size_t>(d->narena);
  mj_deleteData(d);
  return bytes;
}

}  // namespace

struct BatchSim::Impl {
  std::unique_ptr<mjBatch, BatchDeleter> batch;
  bool sleeps = false;                                // an mjData per world, whose parts may sleep
  std::vector<std::shared_ptr<const Model>> models;   // [N]
  std::vector<std::shared_ptr<const Model>> retired;  // [N] replaced in this pass; the engine still reads them
  std::vector<const mjModel*> model_pointers;         // [N] what the batch was told
  std::atomic<bool> models_changed = true;
  std::vector<FaultReport> faults;           // [N]
  std::vector<std::exception_ptr> failures;  // [N] of this pass
  std::vector<std::uint8_t> stale;           // [N] the world's mjData is not that of its row: rebuild before use
  std::vector<int> asleep;                   // [N, ntree] mjData::tree_asleep, when sleeps
  std::vector<double> default_row;           // of the prototype; qpos is replaced per model
  std::size_t row_size = 0, num_trees = 0, num_qpos = 0, num_qvel = 0, bytes_per_world = 0;
  int qpos_offset = 0;        // inside a row; qvel follows qpos
  std::vector<int> runnable;  // scratch of Apply

  double* Row(int world) { return mjb_state(batch.get()) + static_cast<std::size_t>(world) * row_size; }
  std::span<int> Asleep(int world) { return {asleep.data() + static_cast<std::size_t>(world) * num_trees, num_trees}; }
  mjWarningStat* Warnings(int world) {
    return mjb_warning(batch.get()) + static_cast<std::ptrdiff_t>(world) * mjNWARNING;
  }
  void TellModels() {
    if (!models_changed.exchange(false)) return;
    mjb_setModels(batch.get(), model_pointers.data());
  }
  void Replace(int world, std::shared_ptr<const Model> model);
  void Freshen(int world) {
    faults[static_cast<std::size_t>(world)] = {};
    std::memset(Warnings(world), 0, sizeof(mjWarningStat) * mjNWARNING);
    stale[static_cast<std::size_t>(world)] = 1;
  }
  void CheckWorld(int world);
  void Rebuild(const mjModel* m, mjData* d, int world);
  void CheckMemory(const mjModel* m, int num_worlds, int num_threads);
};

void BatchSim::Impl::CheckWorld(int world) {
  const double* row = Row(world);
  FaultReport& fault = faults[static_cast<std::size_t>(world)];
  if (mjb_status(batch.get())[world] != 0) {
    fault = {Fault::kEngineError, mjb_error(batch.get(), world), row[0]};
    return;
  }
  const double* qpos = row + qpos_offset;
  fault = Look(Warnings(world), {qpos, num_qpos}, {qpos + num_qpos, num_qvel}, row[0]);
}

FaultReport BatchSim::Trouble(const mjModel* m, const mjData* d) {
  return Look(d->warning, {d->qpos, static_cast<std::size_t>(m->nq)}, {d->qvel, static_cast<std::size_t>(m->nv)},
              d->time);
}

// A world's own mjData remembers the poses of its static bodies and of what sleeps; the engine computes neither again.
// So after a change from outside it is reset on the world's own model. What is to sleep is put to sleep by the engine
// itself, where it lies: for the reset, the model says that it begins there, asleep; what is awake would wake it, and
// begins high above.
void BatchSim::Impl::Rebuild(const mjModel* m, mjData* d, int world) {
  const std::span<const int> wanted = Asleep(world);
  const double* qpos = Row(world) + qpos_offset;
  std::vector<double> start(m->qpos0, m->qpos0 + m->nq);
  std::vector<int> policy(m->tree_sleep_policy, m->tree_sleep_policy + m->ntree);
  for (std::size_t t = 0; t < num_trees; ++t) {
    const int joint = m->body_jntadr[m->tree_bodyadr[t]];
    const bool free = joint >= 0 && m->jnt_type[joint] == mjJNT_FREE;
    if (wanted[t] < 0) {
      if (policy[t] == mjSLEEP_INIT) policy[t] = mjSLEEP_ALLOWED;
      if (free) start[static_cast<std::size_t>(m->jnt_qposadr[joint]) + 2] += kOutOfTheWay * static_cast<double>(t + 1);
      continue;
    }
    GENBA_CHECK(free, "only free bodies sleep");
    std::copy_n(qpos + m->jnt_qposadr[joint], 7, start.begin() + m->jnt_qposadr[joint]);
    policy[t] = mjSLEEP_INIT;
  }
  mjModel begins = *m;
  begins.qpos0 = start.data();
  begins.tree_sleep_policy = policy.data();
  mj_resetData(&begins, d);
  mj_setState(m, d, Row(world), mjSTATE_INTEGRATION);
  std::ranges::copy(wanted, d->tree_asleep);
  Settle(m, d, num_trees);
}

void BatchSim::Impl::CheckMemory(const mjModel* m, int num_worlds, int num_threads) {
  const std::size_t data = DataBytes(m), model = 2 * static_cast<std::size_t>(mj_sizeModel(m));
  const std::size_t row = static_cast<std::size_t>(mj_stateSize(m, mjSTATE_INTEGRATION)) * sizeof(double);
  bytes_per_world = row + model + (sleeps ? data : 0);
  CheckFreeMemory(std::to_string(num_worlds) + " worlds", static_cast<std::size_t>(num_worlds) * bytes_per_world +
                                                              static_cast<std::size_t>(num_threads) * data);
}

BatchSim::BatchSim(std::shared_ptr<const Model> prototype, const BatchSimConfig& config)
    : impl_(std::make_unique<Impl>()) {
  QuietEngine();
  if (config.num_worlds < 1) throw BadInput({"simulation", "worlds", "at least 1", std::to_string(config.num_worlds)});
  if (config.num_threads < 0)
    throw BadInput({"simulation", "threads", "0 (all cores) or more", std::to_string(config.num_threads)});
  const mjModel* m = prototype->get();
  impl_->sleeps = (m->opt.enableflags & mjENBL_SLEEP) != 0;
  mjBatchConfig batch_config;
  mjb_defaultConfig(&batch_config);
  batch_config.nthread = config.num_threads > 0 ? config.num_threads : UsableCores();
  batch_config.persistent = impl_->sleeps;
  impl_->CheckMemory(m, config.num_worlds, std::min(batch_config.nthread, config.num_worlds));
  std::array<char, 512> error{};
  impl_->batch.reset(mjb_makeBatch(m, config.num_worlds, &batch_config, error.data(), static_cast<int>(error.size())));
  if (impl_->batch == nullptr)
    throw Error(ErrorKind::kEnvironment, std::string("the simulation batch cannot be made: ") + error.data());
  if (num_threads() < config.num_threads)
    LogInfo(std::to_string(config.num_threads) + " threads were asked for; " + std::to_string(config.num_worlds) +
            " worlds use " + std::to_string(num_threads()));

  const auto n = static_cast<std::size_t>(config.num_worlds);
  impl_->models.assign(n, prototype);
  impl_->retired.resize(n);
  impl_->model_pointers.assign(n, m);
  impl_->faults.resize(n);
  impl_->failures.resize(n);
  impl_->stale.assign(n, 1);
  impl_->row_size = static_cast<std::size_t>(mjb_nstate(impl_->batch.get()));
  impl_->num_trees = impl_->sleeps ? static_cast<std::size_t>(m->ntree) : 0;
  impl_->asleep.resize(n * impl_->num_trees);
  for (std::size_t i = 0; i < impl_->asleep.size(); ++i) impl_->asleep[i] = AsleepAtReset(m, i % impl_->num_trees);
  impl_->default_row.assign(mjb_state(impl_->batch.get()), mjb_state(impl_->batch.get()) + impl_->row_size);
  impl_->qpos_offset = static_cast<int>(mj_stateSize(m, mjSTATE_TIME));
  impl_->num_qpos = static_cast<std::size_t>(m->nq);
  impl_->num_qvel = static_cast<std::size_t>(m->nv);
}

BatchSim::~BatchSim() = default;

int BatchSim::num_worlds() const { return mjb_nsim(impl_->batch.get()); }
int BatchSim::num_threads() const { return mjb_nthread(impl_->batch.get()); }
std::size_t BatchSim::bytes_per_world() const { return impl_->bytes_per_world; }

// The engine would end the process over a model of other sizes.
void BatchSim::Impl::Replace(int world, std::shared_ptr<const Model> model) {
  const auto w = static_cast<std::size_t>(world);
  GENBA_CHECK(w < models.size(), "no such world");
  const std::string difference = Model::SizeDifference(*models[w], *model);
  if (!difference.empty())
    throw BadInput({"simulation", "model of world " + std::to_string(world), "the batch's sizes", difference});
  if (retired[w] == nullptr) retired[w] = std::move(models[w]);
  models[w] = std::move(model);
  model_pointers[w] = models[w]->get();
  models_changed = true;
}

void BatchSim::SetModel(int world, std::shared_ptr<const Model> model) {
  impl_->Replace(world, std::move(model));
  impl_->retired[static_cast<std::size_t>(world)] = nullptr;  // no pass is reading it
  const mjModel* m = impl_->model_pointers[static_cast<std::size_t>(world)];
  double* row = impl_->Row(world);
  std::copy(impl_->default_row.begin(), impl_->default_row.end(), row);
  std::copy(m->qpos0, m->qpos0 + m->nq, row + impl_->qpos_offset);
  for (std::size_t t = 0; t < impl_->num_trees; ++t) impl_->Asleep(world)[t] = AsleepAtReset(m, t);
  impl_->Freshen(world);
}

void BatchSim::EnterModel(int world, std::shared_ptr<const Model> model, mjData* d) {
  impl_->Replace(world, std::move(model));
  const mjModel* m = impl_->model_pointers[static_cast<std::size_t>(world)];
  mj_resetData(m, d);
  for (std::size_t t = 0; t < impl_->num_trees; ++t) d->tree_asleep[t] = AsleepAtReset(m, t);
}

const std::shared_ptr<const Model>& BatchSim::model(int world) const {
  return impl_->models[static_cast<std::size_t>(world)];
}

void BatchSim::ApplyRaw(std::span<const int> worlds, mjfBatchFunc fn, void* arg) {
  impl_->TellModels();
  impl_->runnable.clear();
  for (const int world : worlds) {
    if (fault(world).fault == Fault::kNone) impl_->runnable.push_back(world);
  }
  if (impl_->runnable.empty()) return;
  struct Pass {
    Impl* impl;
    mjfBatchFunc fn;
    void* arg;
  } pass{impl_.get(), fn, arg};
  const auto play = [](const mjModel* m, mjData* d, int world, void* raw) {
    auto& [impl, play_world, world_arg] = *static_cast<Pass*>(raw);
    const auto w = static_cast<std::size_t>(world);
    try {
      if (impl->stale[w] != 0) impl->Rebuild(m, d, world);
      impl->stale[w] = 0;
      play_world(m, d, world, world_arg);
    } catch (...) {
      impl->failures[w] = std::current_exception();
    }
    Settle(impl->model_pointers[w], d, impl->num_trees);
    std::copy_n(d->tree_asleep, impl->num_trees, impl->Asleep(world).begin());
  };
  ApplyToWorlds(impl_->batch.get(), impl_->runnable, play, &pass);
  std::exception_ptr failure;
  for (const int world : impl_->runnable) {
    const auto w = static_cast<std::size_t>(world);
    impl_->retired[w] = nullptr;
    impl_->CheckWorld(world);
    if (!failure) failure = impl_->failures[w];
    impl_->failures[w] = nullptr;
  }
  if (failure) std::rethrow_exception(failure);
}

void BatchSim::StepBare(int num_steps, std::span<const double> controls) {
  impl_->TellModels();
  const auto worlds = static_cast<std::size_t>(num_worlds());
  const auto size = worlds * static_cast<std::size_t>(num_steps) * static_cast<std::size_t>(model(0)->get()->nu);
  GENBA_CHECK(controls.size() == size, "controls of every world and step");
  mjb_rollout(impl_->batch.get(), nullptr, num_worlds(), num_steps, controls.data(), mjSTATE_CTRL, nullptr, 0);
}

std::span<double> BatchSim::row(int world) { return {impl_->Row(world), impl_->row_size}; }
std::span<const double> BatchSim::row(int world) const { return {impl_->Row(world), impl_->row_size}; }

void BatchSim::Save(int world, std::vector<double>& state) const {
  const std::span<const double> from = row(world);
  const std::span<const int> asleep = impl_->Asleep(world);
  state.assign(from.begin(), from.end());
  state.insert(state.end(), asleep.begin(), asleep.end());
}

void BatchSim::Restore(int world, std::span<const double> state) {
  const std::size_t size = impl_->row_size + impl_->num_trees;
  if (state.size() != size)
    throw BadInput({"simulation", "state", std::to_string(size) + " numbers", std::to_string(state.size())});
  const auto asleep = state.last(impl_->num_trees);
  for (const double next : asleep) {
    if (!(next >= kAwake && next < static_cast<double>(impl_->num_trees)))
      throw BadInput({"simulation", "state", "what sleeps", std::to_string(next)});
  }
  std::copy_n(state.begin(), impl_->row_size, impl_->Row(world));
  std::transform(asleep.begin(), asleep.end(), impl_->Asleep(world).begin(),
                 [](double next) { return static_cast<int>(next); });
  impl_->Freshen(world);
}

std::uint64_t BatchSim::Hash(int world) const {
  const std::span<const int> asleep = impl_->Asleep(world);
  return Hash64(asleep, Hash64(row(world)));
}
const FaultReport& BatchSim::fault(int world) const { return impl_->faults[static_cast<std::size_t>(world)]; }

}  // namespace genba::sim
