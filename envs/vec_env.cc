#include "envs/vec_env.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "envs/measure.h"
#include "envs/observation.h"
#include "envs/task.h"

namespace genba::envs {

namespace {

using Clock = std::chrono::steady_clock;

// Seconds by phase of one world; each world writes only its own, so the pass needs no locks.
struct Phases {
  double control = 0, physics = 0, observe = 0, reset = 0;
};

double Lap(Clock::time_point& since) {
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - since).count();
  since = now;
  return seconds;
}

struct Slot {  // one world
  Episode episode;
  TaskState state;
  Measured measured;
  Judgement judgement;
  bool active = false;
  std::shared_ptr<const sim::Model> next_model;  // built in the pass, put in place after it
  sim::FaultReport bad_action;                   // an action that was not finite
  Phases phases;
  struct {
    EpisodePlan plan;
    sim::FaultReport fault;
    bool did_old_task = false;
    std::vector<double> physics;  // [physics_size]
  } ended;
};

VecEnvConfig Checked(const VecEnvConfig& config) {
  if (config.num_worlds < 1 || config.num_worlds > 65536)
    throw BadInput({"environment", "worlds", "1 … 65536", std::to_string(config.num_worlds)});
  if (config.num_threads < 0 || config.num_threads > 4096)
    throw BadInput({"environment", "threads", "0 … 4096", std::to_string(config.num_threads)});
  return config;
}

}  // namespace

const char* Name(Probe probe) {
  switch (probe) {
    case Probe::kNone:
      return "none";
    case Probe::kBlank:
      return "blank";
    case Probe::kCounterfactual:
      return "counterfactual";
    case Probe::kOtherLanguage:
      return "other_language";
  }
  return "unknown";
}

struct VecEnv::Impl {
  Impl(const VecEnvConfig& c, Scene first, std::shared_ptr<const sim::Model> model)
      : config(Checked(c)),
        task(MakeTask(c.task)),
        spec(task->spec()),
        sim(model, {c.num_worlds, c.num_threads}),
        ids(sim::FindCellIds(*model)),
        chain(sim::ReadArmChain(*model, ids)),
        slots(static_cast<std::size_t>(c.num_worlds)),
        timeout(CauseIndex(spec, "timeout")),
        wrong_part(CauseIndex(spec, "wrong_part")),
        fault(CauseIndex(spec, "fault")),
        physics_size(1 + static_cast<int>(model->get()->nq + model->get()->nv)),
        fixed(std::move(first)),
        fixed_model(std::move(model)) {}

  VecEnvConfig config;
  std::unique_ptr<Task> task;
  EnvSpec spec;
  sim::BatchSim sim;
  sim::CellIds ids;
  sim::ArmChain chain;
  sim::ControllerConfig controller;
  std::vector<Slot> slots;
  int timeout, wrong_part, fault;  // indices into spec.terminations
  int physics_size;
  bool replay = false;  // plays `fixed` instead of drawing
  Scene fixed;
  std::shared_ptr<const sim::Model> fixed_model;

  Slot& At(int world) { return slots[static_cast<std::size_t>(world)]; }
  std::uint64_t EpisodesEnd() const {
    return config.num_episodes > UINT64_MAX - config.first_episode ? UINT64_MAX
                                                                   : config.first_episode + config.num_episodes;
  }
  void Plan(Slot& slot, std::uint64_t episode);
  void StartEpisodes(const std::vector<int>& worlds, StepBatch& batch);
  void BeginWorld(mjData* d, int world, StepBatch& batch);
  void StepWorld(const mjModel* m, mjData* d, int world, std::span<const float> action, StepBatch& batch);
  void Show(int world, StepBatch& batch);
  void FinishWorld(int world, StepBatch& batch);
  void KeepEnded(int world);
  World ViewOf(Slot& slot) const { return {slot.episode, controller, ids, slot.measured}; }
};

void VecEnv::Impl::Plan(Slot& slot, std::uint64_t episode) {
  Scene scene = replay ? fixed : DrawScene(task->verb(), task->limits(), config.seed, episode, config.options);
  slot.next_model = replay ? fixed_model : sim::CellBuilder(scene.cell).Build();
  slot.episode.goal = GoalOf(scene.plan.order, scene.plan, scene.cell);
  slot.episode.old_goal =
      scene.plan.order == scene.plan.old_order ? Goal{} : GoalOf(scene.plan.old_order, scene.plan, scene.cell);
  slot.episode.horizon = task->Horizon(scene.plan);
  slot.episode.plan = std::move(scene.plan);
  slot.episode.cell = std::move(scene.cell);
}

// Scenes are drawn and compiled on the batch's own threads; a world that ended in a fault is skipped there and is done
// here.
void VecEnv::Impl::StartEpisodes(const std::vector<int>& worlds, StepBatch& batch) {
  if (worlds.empty()) return;
  for (const int world : worlds) At(world).next_model = nullptr;
  auto draw = [&](Slot& slot) {
    auto since = Clock::now();
    Plan(slot, slot.episode.plan.episode);
    slot.phases.reset += Lap(since);
  };
  sim.Apply(worlds, [&](const mjModel*, mjData*, int world) noexcept { draw(At(world)); });
  for (const int world : worlds) {
    if (At(world).next_model == nullptr) draw(At(world));
    sim.SetModel(world, std::move(At(world).next_model));
  }
  sim.Apply(worlds, [&](const mjModel*, mjData* d, int world) noexcept { BeginWorld(d, world, batch); });
}

void VecEnv::Impl::BeginWorld(mjData* d, int world, StepBatch& batch) {
  Slot& slot = At(world);
  slot.state = TaskState{};
  sim::ResetController(ids, chain, nullptr, d, slot.state.controller);
  for (std::size_t i = 0; i < static_cast<std::size_t>(ids.num_parts); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis)
      slot.state.p_start[i][axis] = d->qpos[static_cast<std::size_t>(ids.part_qpos[i]) + axis];
  }
  slot.measured = Measure(slot.episode, ids, chain, d, {}, 0);
  Show(world, batch);
}

void VecEnv::Impl::StepWorld(const mjModel* m, mjData* d, int world, std::span<const float> action, StepBatch& batch) {
  Slot& slot = At(world);
  auto since = Clock::now();
  std::array<double, sim::kActionSize> command{};
  std::copy(action.begin(), action.end(), command.begin());
  sim::Command(controller, ids, chain, m, d, command, slot.state.controller);
  slot.phases.control += Lap(since);

  sim::ContactSummary contacts;
  double peak = 0;
  for (int i = 0; i < spec.substeps; ++i) {
    sim::Servo(ids, i, spec.substeps, slot.state.controller, d);
    mj_step(m, d);
    sim::SummariseContacts(ids, m, d, contacts);
    peak = std::max(peak, contacts.peak);
  }
  slot.phases.physics += Lap(since);

  ++slot.state.step;
  slot.measured = Measure(slot.episode, ids, chain, d, contacts, peak);
  slot.judgement = task->Judge(ViewOf(slot), slot.state);
  Show(world, batch);
  slot.phases.observe += Lap(since);
}

// Observation and label for what the world shows now.
void VecEnv::Impl::Show(int world, StepBatch& batch) {
  Slot& slot = At(world);
  const auto w = static_cast<std::size_t>(world), dim = static_cast<std::size_t>(spec.obs_dim()),
             width = static_cast<std::size_t>(spec.action_dim());
  WriteObservation(ViewOf(slot), slot.state, {batch.obs.data() + w * dim, dim});
  const auto label = task->Expert(ViewOf(slot), slot.state);
  for (std::size_t i = 0; i < width; ++i) batch.expert_action[w * width + i] = static_cast<float>(label[i]);
}

void VecEnv::Impl::KeepEnded(int world) {
  Slot& slot = At(world);
  slot.ended.plan = slot.episode.plan;
  slot.ended.fault = slot.bad_action.fault != sim::Fault::kNone ? slot.bad_action : sim.fault(world);
  slot.ended.did_old_task = slot.state.did_old_task;
  const auto row = sim.row(world);
  slot.ended.physics.assign(row.begin(), row.begin() + physics_size);
}

// Turns what the pass left into the batch's rows. A faulted world's numbers are not shown to anybody.
void VecEnv::Impl::FinishWorld(int world, StepBatch& batch) {
  Slot& slot = At(world);
  const auto w = static_cast<std::size_t>(world), dim = static_cast<std::size_t>(spec.obs_dim());
  const auto num_terms = spec.reward_terms.size(), num_measures = spec.measures.size();
  const sim::Fault trouble =
      slot.bad_action.fault != sim::Fault::kNone ? slot.bad_action.fault : sim.fault(world).fault;
  if (trouble != sim::Fault::kNone) {
    slot.judgement = {};
    slot.judgement.cause = fault;
    std::fill_n(batch.obs.begin() + static_cast<std::ptrdiff_t>(w * dim), dim, 0.0f);
  }
  const Judgement& judgement = slot.judgement;
  float sum = 0;
  for (std::size_t i = 0; i < num_terms; ++i) sum += batch.reward_terms[w * num_terms + i] = judgement.reward_terms[i];
  for (std::size_t i = 0; i < num_measures; ++i) batch.measures[w * num_measures + i] = judgement.measures[i];
  batch.reward[w] = sum;
  batch.events[w] = judgement.events;
  batch.fault[w] = static_cast<std::uint8_t>(trouble);
  const bool out_of_time = judgement.cause == 0 && slot.state.step >= slot.episode.horizon;
  const int cause = out_of_time ? (slot.state.disturbed ? wrong_part : timeout) : judgement.cause;
  batch.terminated[w] = judgement.cause != 0;
  batch.truncated[w] = out_of_time;
  batch.cause[w] = static_cast<std::uint8_t>(cause);
  batch.success[w] = spec.terminations[static_cast<std::size_t>(cause)] == "success";
  if (!batch.done(world)) return;
  std::copy_n(batch.obs.begin() + static_cast<std::ptrdiff_t>(w * dim), dim,
              batch.final_obs.begin() + static_cast<std::ptrdiff_t>(w * dim));
  KeepEnded(world);
}

namespace {

Scene FirstScene(const VecEnvConfig& config) {
  const std::unique_ptr<Task> task = MakeTask(config.task);
  return DrawScene(task->verb(), task->limits(), config.seed, config.first_episode, config.options);
}

}  // namespace

VecEnv::VecEnv(const VecEnvConfig& config) {
  const Scene first = FirstScene(Checked(config));
  impl_ = std::make_unique<Impl>(config, first, sim::CellBuilder(first.cell).Build());
}
VecEnv::VecEnv(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VecEnv::~VecEnv() = default;

const EnvSpec& VecEnv::spec() const { return impl_->spec; }
const VecEnvConfig& VecEnv::config() const { return impl_->config; }
int VecEnv::num_worlds() const { return impl_->config.num_worlds; }

void VecEnv::Reset(StepBatch& batch) {
  std::vector<int> worlds;
  for (int world = 0; world < num_worlds(); ++world) {
    Slot& slot = impl_->At(world);
    const std::uint64_t episode = impl_->config.first_episode + static_cast<std::uint64_t>(world);
    slot.active = episode < impl_->EpisodesEnd();
    batch.active[static_cast<std::size_t>(world)] = slot.active;
    slot.episode.plan.episode = episode;
    if (slot.active) worlds.push_back(world);
  }
  impl_->StartEpisodes(worlds, batch);
}

void VecEnv::Step(View2<const float> actions, StepBatch& batch) {
  GENBA_CHECK(actions.rows() == num_worlds() && actions.cols() == impl_->spec.action_dim(), "one action per world");
  std::vector<int> active, playable;
  for (int world = 0; world < num_worlds(); ++world) {
    Slot& slot = impl_->At(world);
    const auto w = static_cast<std::size_t>(world);
    batch.active[w] = slot.active;
    batch.terminated[w] = batch.truncated[w] = 0;
    if (!slot.active) continue;
    active.push_back(world);
    const auto action = actions.row(world);
    slot.bad_action = {};
    if (std::all_of(action.begin(), action.end(), [](float a) { return std::isfinite(a); })) {
      playable.push_back(world);
    } else {
      slot.bad_action = {sim::Fault::kBadControl, "the policy's action is not finite", impl_->sim.row(world)[0]};
    }
  }
  impl_->sim.Apply(playable, [&](const mjModel* m, mjData* d, int world) noexcept {
    impl_->StepWorld(m, d, world, actions.row(world), batch);
  });

  std::vector<int> next;
  for (const int world : active) {
    impl_->FinishWorld(world, batch);
    if (!batch.done(world)) continue;
    Slot& slot = impl_->At(world);
    const std::uint64_t step = static_cast<std::uint64_t>(num_worlds());
    slot.active = slot.episode.plan.episode < impl_->EpisodesEnd() - std::min(step, impl_->EpisodesEnd());
    slot.episode.plan.episode += step;
    if (slot.active) next.push_back(world);
  }
  impl_->StartEpisodes(next, batch);
}

const EpisodePlan& VecEnv::plan(int world) const { return impl_->At(world).episode.plan; }
int VecEnv::step_in_episode(int world) const { return impl_->At(world).state.step; }
const sim::CellSpec& VecEnv::cell(int world) const { return impl_->At(world).episode.cell; }
const std::shared_ptr<const sim::Model>& VecEnv::model(int world) const { return impl_->sim.model(world); }
const EpisodePlan& VecEnv::ended_plan(int world) const { return impl_->At(world).ended.plan; }
const sim::FaultReport& VecEnv::ended_fault(int world) const { return impl_->At(world).ended.fault; }
bool VecEnv::ended_did_old_task(int world) const { return impl_->At(world).ended.did_old_task; }

int VecEnv::physics_size() const { return impl_->physics_size; }
void VecEnv::PhysicsState(int world, std::span<double> state) const {
  GENBA_CHECK(state.size() == static_cast<std::size_t>(physics_size()), "physics_size() numbers");
  const auto row = impl_->sim.row(world);
  std::copy_n(row.begin(), state.size(), state.begin());
}
void VecEnv::EndedPhysicsState(int world, std::span<double> state) const {
  const std::vector<double>& ended = impl_->At(world).ended.physics;
  GENBA_CHECK(state.size() == ended.size(), "physics_size() numbers of a world that has ended an episode");
  std::copy(ended.begin(), ended.end(), state.begin());
}
std::span<const double> VecEnv::integration_row(int world) const { return std::as_const(impl_->sim).row(world); }

std::string VecEnv::SaveWorld(int world) const {
  static_assert(std::is_trivially_copyable_v<TaskState>);
  Slot& slot = impl_->At(world);
  const auto row = integration_row(world);
  const auto* state = reinterpret_cast<const std::uint8_t*>(&slot.state);
  const nlohmann::json saved{
      {"task", impl_->config.task},
      {"plan", ToJson(slot.episode.plan)},
      {"row", std::vector<double>(row.begin(), row.end())},
      {"state", nlohmann::json::binary(std::vector<std::uint8_t>(state, state + sizeof(TaskState)))},
      {"active", slot.active}};
  const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(saved);
  return {bytes.begin(), bytes.end()};
}

void VecEnv::RestoreWorld(int world, const std::string& bytes) {
  const nlohmann::json saved = nlohmann::json::from_cbor(bytes, true, false);
  if (saved.is_discarded() || !saved.contains("state") || saved["task"] != impl_->config.task) {
    throw BadInput({"saved world", "", "a world of task " + impl_->config.task, "something else"});
  }
  const auto& state = saved["state"].get_binary();
  if (state.size() != sizeof(TaskState))
    throw BadInput(
        {"saved world", "state", std::to_string(sizeof(TaskState)) + " bytes", std::to_string(state.size())});
  Slot& slot = impl_->At(world);
  Episode& episode = slot.episode;
  episode.plan = EpisodePlanFromJson(saved["plan"], "saved world");
  episode.cell = CellFromJson(episode.plan.randomisation, "saved world");
  episode.goal = GoalOf(episode.plan.order, episode.plan, episode.cell);
  episode.old_goal = episode.plan.order == episode.plan.old_order
                         ? Goal{}
                         : GoalOf(episode.plan.old_order, episode.plan, episode.cell);
  episode.horizon = impl_->task->Horizon(episode.plan);
  impl_->sim.SetModel(world, sim::CellBuilder(episode.cell).Build());
  impl_->sim.Restore(world, saved["row"].get<std::vector<double>>());
  std::memcpy(&slot.state, state.data(), sizeof(TaskState));
  slot.active = saved["active"].get<bool>();
}

sim::BatchSim& VecEnv::sim() { return impl_->sim; }

nlohmann::json VecEnv::PhaseSeconds() const {
  Phases sum;
  for (const Slot& slot : impl_->slots) {
    sum.control += slot.phases.control;
    sum.physics += slot.phases.physics;
    sum.observe += slot.phases.observe;
    sum.reset += slot.phases.reset;
  }
  return {{"control", sum.control}, {"physics", sum.physics}, {"observe", sum.observe}, {"reset", sum.reset}};
}

std::unique_ptr<VecEnv> MakeReplayEnv(const std::string& task, const EpisodePlan& plan, const sim::CellSpec& cell) {
  VecEnvConfig config;
  config.task = task;
  config.num_worlds = config.num_threads = 1;
  config.seed = plan.seed;
  config.first_episode = plan.episode;
  config.num_episodes = 1;
  auto impl = std::make_unique<VecEnv::Impl>(config, Scene{plan, cell}, sim::CellBuilder(cell).Build());
  impl->replay = true;
  return std::unique_ptr<VecEnv>(new VecEnv(std::move(impl)));
}

}  // namespace genba::envs
