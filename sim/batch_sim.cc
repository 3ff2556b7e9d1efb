#include "sim/batch_sim.h"

#include <sched.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include <array>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/hash.h"
#include "sim/engine_log.h"

namespace genba::sim {

namespace {

constexpr double kLargest = 1e10;  // MuJoCo's mjMAXVAL: what it calls a bad number

int UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof(set), &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

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

}  // namespace

struct BatchSim::Impl {
  std::unique_ptr<mjBatch, BatchDeleter> batch;
  std::vector<std::shared_ptr<const Model>> models;  // [N]
  std::vector<const mjModel*> model_pointers;        // [N] what the batch was told
  bool models_changed = true;
  std::vector<FaultReport> faults;  // [N]
  std::vector<double> default_row;  // of the prototype; qpos is replaced per model
  std::size_t state_size = 0;
  int qpos_offset = 0, num_checked = 0;  // qpos and qvel inside a row
  std::vector<int> runnable;             // scratch of Apply

  double* Row(int world) { return mjb_state(batch.get()) + static_cast<std::size_t>(world) * state_size; }
  void TellModels() {
    if (!models_changed) return;
    mjb_setModels(batch.get(), model_pointers.data());
    models_changed = false;
  }
  void ClearFault(int world) {
    faults[static_cast<std::size_t>(world)] = {};
    std::memset(mjb_warning(batch.get()) + static_cast<std::ptrdiff_t>(world) * mjNWARNING, 0,
                sizeof(mjWarningStat) * mjNWARNING);
  }
  void CheckWorld(int world);
  void SetFault(int world, Fault fault, const std::string& detail) {
    faults[static_cast<std::size_t>(world)] = {fault, detail, Row(world)[0]};
  }
};

// The engine's word first (it knows more), then its counters, then the row itself: a NaN in one control is only
// counted, a NaN written from outside is only in the row.
void BatchSim::Impl::CheckWorld(int world) {
  if (mjb_status(batch.get())[world] != 0) return SetFault(world, Fault::kEngineError, mjb_error(batch.get(), world));
  const mjWarningStat* warnings = mjb_warning(batch.get()) + static_cast<std::ptrdiff_t>(world) * mjNWARNING;
  for (const NamedWarning& named : kWarnings) {
    if (warnings[named.warning].number > 0) return SetFault(world, named.fault, named.what);
  }
  const double* row = Row(world) + qpos_offset;
  for (int i = 0; i < num_checked; ++i) {
    if (!(std::abs(row[i]) <= kLargest))
      return SetFault(world, Fault::kBadState, "qpos or qvel is NaN, infinite or huge");
  }
}

BatchSim::BatchSim(std::shared_ptr<const Model> prototype, const BatchSimConfig& config)
    : impl_(std::make_unique<Impl>()) {
  QuietEngine();
  if (config.num_worlds < 1) throw BadInput({"simulation", "worlds", "at least 1", std::to_string(config.num_worlds)});
  if (config.num_threads < 0)
    throw BadInput({"simulation", "threads", "0 (all cores) or more", std::to_string(config.num_threads)});
  const mjModel* m = prototype->get();
  mjBatchConfig batch_config;
  mjb_defaultConfig(&batch_config);
  batch_config.nthread = config.num_threads > 0 ? config.num_threads : UsableCores();
  std::array<char, 512> error{};
  impl_->batch.reset(mjb_makeBatch(m, config.num_worlds, &batch_config, error.data(), static_cast<int>(error.size())));
  if (impl_->batch == nullptr)
    throw Error(ErrorKind::kEnvironment, std::string("the simulation batch cannot be made: ") + error.data());

  const auto n = static_cast<std::size_t>(config.num_worlds);
  impl_->models.assign(n, prototype);
  impl_->model_pointers.assign(n, m);
  impl_->faults.resize(n);
  impl_->state_size = static_cast<std::size_t>(mjb_nstate(impl_->batch.get()));
  impl_->default_row.assign(mjb_state(impl_->batch.get()), mjb_state(impl_->batch.get()) + impl_->state_size);
  impl_->qpos_offset = static_cast<int>(mj_stateSize(m, mjSTATE_TIME));
  impl_->num_checked = static_cast<int>(m->nq + m->nv);
}

BatchSim::~BatchSim() = default;

int BatchSim::num_worlds() const { return mjb_nsim(impl_->batch.get()); }
int BatchSim::num_threads() const { return mjb_nthread(impl_->batch.get()); }
int BatchSim::state_size() const { return static_cast<int>(impl_->state_size); }

void BatchSim::SetModel(int world, std::shared_ptr<const Model> model) {
  const auto w = static_cast<std::size_t>(world);
  GENBA_CHECK(w < impl_->models.size(), "no such world");
  // The engine would end the process over a model of other sizes.
  const std::string difference = Model::SizeDifference(*impl_->models[w], *model);
  if (!difference.empty())
    throw BadInput({"simulation", "model of world " + std::to_string(world), "the batch's sizes", difference});
  double* row = impl_->Row(world);
  std::copy(impl_->default_row.begin(), impl_->default_row.end(), row);
  std::copy(model->get()->qpos0, model->get()->qpos0 + model->get()->nq, row + impl_->qpos_offset);
  impl_->models[w] = std::move(model);
  impl_->model_pointers[w] = impl_->models[w]->get();
  impl_->models_changed = true;
  impl_->ClearFault(world);
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
  ApplyToWorlds(impl_->batch.get(), impl_->runnable, fn, arg);
  for (const int world : impl_->runnable) impl_->CheckWorld(world);
}

void BatchSim::StepBare(int num_steps) {
  impl_->TellModels();
  mjb_step(impl_->batch.get(), nullptr, num_worlds(), num_steps, mjSTAGE_NONE);
}

std::span<double> BatchSim::row(int world) { return {impl_->Row(world), impl_->state_size}; }
std::span<const double> BatchSim::row(int world) const { return {impl_->Row(world), impl_->state_size}; }

void BatchSim::Save(int world, std::vector<double>& state) const {
  const std::span<const double> from = row(world);
  state.assign(from.begin(), from.end());
}

void BatchSim::Restore(int world, std::span<const double> state) {
  if (state.size() != impl_->state_size) {
    throw BadInput(
        {"simulation", "state", std::to_string(impl_->state_size) + " numbers", std::to_string(state.size())});
  }
  std::copy(state.begin(), state.end(), impl_->Row(world));
  impl_->ClearFault(world);
}

std::uint64_t BatchSim::Hash(int world) const { return Hash64(row(world)); }
const FaultReport& BatchSim::fault(int world) const { return impl_->faults[static_cast<std::size_t>(world)]; }

}  // namespace genba::sim
