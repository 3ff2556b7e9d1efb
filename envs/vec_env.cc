#include "envs/vec_env.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "envs/measure.h"
#include "envs/observation.h"
#include "envs/task.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::envs {

namespace {

using Clock = std::chrono::steady_clock;

double Lap(Clock::time_point& since) {
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - since).count();
  since = now;
  return seconds;
}

struct Slot {  // one world; it writes only its own, so the pass needs no locks
  Episode episode;
  TaskState state;
  Touches touches;  // of the last control step
  Measured measured;
  Judgement judgement;
  std::vector<double> ctrl;  // [nu] last given
  bool active = false;
  std::uint64_t next_episode = 0;  // the one it plays after this one
  bool starting = false;           // between two episodes
  sim::FaultReport bad_action;     // an action that was not finite
  sim::ControllerState commanded;  // of the last step played
  std::string mjcf;                // of its model, where config asks for it
  PhaseSeconds phases;
  struct {
    EpisodePlan plan;
    sim::FaultReport fault;
    bool did_old_task = false;
    std::vector<double> physics;  // [physics_size]
    std::vector<double> ctrl;     // [nu]
  } ended;
};

void ReadDisturbances(const EnvSpec& spec, const Disturbances& disturbances, Episode& episode) {
  episode.action_delay = DelaySteps(spec, "action_delay", disturbances.action_delay);
  episode.observation_delay = DelaySteps(spec, "observation_delay", disturbances.observation_delay);
  episode.lost = LostColumns(spec, disturbances.lost);
  episode.controller = ControllerOf(spec);
  episode.controller.max_joint_acceleration = disturbances.joint_acceleration;
}

VecEnvConfig Checked(const VecEnvConfig& config) {
  if (config.num_worlds < 1 || config.num_worlds > 65536)
    throw BadInput({"environment", "worlds", "1 … 65536", std::to_string(config.num_worlds)});
  if (config.num_threads < 0 || config.num_threads > 4096)
    throw BadInput({"environment", "threads", "0 … 4096", std::to_string(config.num_threads)});
  if (!config.options.forced_order.empty() && config.num_episodes != 1)
    throw BadInput({"environment", "forced_order", "one episode", std::to_string(config.num_episodes)});
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
  Impl(const VecEnvConfig& c, Scene first, const std::shared_ptr<const sim::Model>& model)
      : config(Checked(c)),
        task(MakeTask(c.task)),
        spec(task->spec()),
        sim(model, {c.num_worlds, c.num_threads}),
        ids(sim::FindCellIds(*model)),
        chain(sim::ReadArmChain(*model, ids)),
        slots(static_cast<std::size_t>(c.num_worlds)),
        success(CauseIndex(spec, "success")),
        declined(CauseIndex(spec, "declined")),
        timeout(CauseIndex(spec, "timeout")),
        wrong_part(CauseIndex(spec, "wrong_part")),
        fault(CauseIndex(spec, "fault")),
        physics_size(1 + static_cast<int>(model->get()->nq + model->get()->nv)),
        ctrl_size(static_cast<int>(model->get()->nu)),
        fixed(std::move(first)) {
    for (Slot& slot : slots) slot.episode.cell = fixed.cell;  // of the model that every world has until Reset
  }

  VecEnvConfig config;
  std::unique_ptr<Task> task;
  EnvSpec spec;
  sim::BatchSim sim;
  sim::CellIds ids;
  sim::ArmChain chain;
  std::vector<Slot> slots;
  int success, declined, timeout, wrong_part, fault;  // indices into spec.terminations
  int physics_size, ctrl_size;
  std::uint64_t next_number = 0;  // the first that no world has been given
  bool replay = false;            // plays `fixed` instead of drawing
  Scene fixed;

  Slot& At(int world) { return slots[static_cast<std::size_t>(world)]; }
  std::uint64_t EpisodesEnd() const {
    return config.num_episodes > UINT64_MAX - config.first_episode ? UINT64_MAX
                                                                   : config.first_episode + config.num_episodes;
  }
  std::shared_ptr<const sim::Model> Plan(Slot& slot, std::uint64_t episode) const;
  std::shared_ptr<const sim::Model> Build(Slot& slot) const;
  Episode PlayedIn(Scene scene) const;
  // Numbers are handed out one after the other, in the order of the worlds and one ahead, so that they do not depend on
  // threads, and no world runs ahead of another by more than two episodes last: what a recorder must hold back is bounded
  // by the worlds, not by the episodes.
  void Reserve(Slot& slot) { slot.next_episode = next_number < EpisodesEnd() ? next_number++ : EpisodesEnd(); }
  void StartEpisodes(const std::vector<int>& worlds, StepBatch& batch);
  void CheckStarted(int world);
  void BeginEpisode(mjData* d, int world, StepBatch& batch);
  void StepWorld(const mjModel* m, mjData* d, int world, std::span<const float> action, StepBatch& batch);
  void NoteMotion(const mjData* d, Slot& slot) const;
  std::array<double, sim::kActionSize> Hold(const Slot& slot) const;
  void Step(View2<const float> actions, std::span<const Answer> answers, StepBatch& batch);
  void Show(int world, StepBatch& batch);
  void EndFaulted(const std::vector<int>& worlds, StepBatch& batch);
  void FinishWorld(int world, sim::Fault trouble, StepBatch& batch);
  void EndEpisode(int world, const sim::FaultReport& trouble);
  World ViewOf(Slot& slot) const { return {slot.episode, slot.episode.controller, ids, slot.measured}; }
};

std::shared_ptr<const sim::Model> VecEnv::Impl::Plan(Slot& slot, std::uint64_t episode) const {
  Scene scene = replay ? fixed : DrawScene(task->verb(), task->limits(), config.seed, episode, config.options);
  slot.episode = PlayedIn(std::move(scene));
  return Build(slot);
}

std::shared_ptr<const sim::Model> VecEnv::Impl::Build(Slot& slot) const {
  return sim::CellBuilder(slot.episode.cell).Build(config.sleep, config.write_mjcf ? &slot.mjcf : nullptr);
}

Episode VecEnv::Impl::PlayedIn(Scene scene) const {
  Episode episode;
  const EpisodePlan& plan = scene.plan;
  const bool acts = plan.expect == Answer::kAct;
  if (acts) episode.goal = GoalOf(plan.order, plan, scene.cell);
  if (acts && !(plan.order == plan.old_order)) episode.old_goal = GoalOf(plan.old_order, plan, scene.cell);
  if (OnTheWay(episode.old_goal, episode.goal)) episode.old_goal = {};
  episode.horizon = acts ? task->Horizon(plan) : spec.Steps(kMovedTime);
  ReadDisturbances(spec, plan.disturbances, episode);
  episode.plan = std::move(scene.plan);
  episode.cell = std::move(scene.cell);
  return episode;
}

// A world that ended in a fault starts afresh.
void VecEnv::Impl::StartEpisodes(const std::vector<int>& worlds, StepBatch& batch) {
  for (const int world : worlds) {
    if (sim.fault(world).fault != sim::Fault::kNone) sim.SetModel(world, sim.model(world));
  }
  sim.Apply(worlds, [&](const mjModel*, mjData* d, int world) { BeginEpisode(d, world, batch); });
  for (const int world : worlds) CheckStarted(world);
}

void VecEnv::Impl::CheckStarted(int world) {
  if (!At(world).starting) return;
  throw Error(ErrorKind::kEnvironment,
              "episode " + std::to_string(At(world).next_episode) + " cannot be started: " + sim.fault(world).detail);
}

// Drawn, compiled and put in place by the thread that played the world's last step.
void VecEnv::Impl::BeginEpisode(mjData* d, int world, StepBatch& batch) {
  Slot& slot = At(world);
  auto since = Clock::now();
  slot.starting = true;
  sim.EnterModel(world, Plan(slot, slot.next_episode), d);
  slot.state = TaskState{};
  const Disturbances& disturbances = slot.episode.plan.disturbances;
  if (disturbances.start_push > 0 || disturbances.start_tilt > 0) {
    const StartOffset start = DrawStart(slot.episode.plan);
    sim::OffsetArm(ids, chain, start.push, start.tilt, d);
  }
  for (auto& late : slot.state.late_actions) late[sim::kActionSize - 1] = 1;  // until the first action arrives: open
  sim::ResetController(ids, chain, nullptr, d, slot.state.controller);
  for (std::size_t i = 0; i < static_cast<std::size_t>(ids.num_parts); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis)
      slot.state.p_start[i][axis] = d->qpos[static_cast<std::size_t>(ids.part_qpos[i]) + axis];
  }
  slot.touches = {};
  slot.ctrl.assign(d->ctrl, d->ctrl + ctrl_size);
  slot.measured = Measure(slot.episode, ids, chain, d, {});
  const Eigen::Vector3d& p_tcp = slot.measured.tcp.p_WT;
  slot.state.p_start_tcp = {p_tcp.x(), p_tcp.y(), p_tcp.z()};
  for (std::size_t i = 0; i < ids.arm_qpos.size(); ++i) slot.state.q_start[i] = d->qpos[ids.arm_qpos[i]];
  Show(world, batch);
  slot.starting = false;
  slot.phases.reset += Lap(since);
  ++slot.phases.resets;
}

void VecEnv::Impl::StepWorld(const mjModel* m, mjData* d, int world, std::span<const float> action, StepBatch& batch) {
  Slot& slot = At(world);
  auto since = Clock::now();
  std::array<double, sim::kActionSize> command{};
  std::copy(action.begin(), action.end(), command.begin());
  if (slot.state.answer != Answer::kAct) command = Hold(slot);
  command = Delayed(slot.episode.action_delay, slot.state.step, command, slot.state.late_actions);
  sim::Command(slot.episode.controller, ids, chain, m, d, command, slot.state.controller);
  slot.commanded = slot.state.controller;
  slot.phases.control += Lap(since);

  slot.touches = {};
  for (int i = 0; i < spec.substeps; ++i) {
    sim::Servo(ids, i, spec.substeps, slot.state.controller, d);
    mj_step(m, d);
    NoteTouches(ids, m, d, slot.touches, slot.state.release);
  }
  std::copy_n(d->ctrl, slot.ctrl.size(), slot.ctrl.begin());
  slot.phases.physics += Lap(since);

  ++slot.state.step;
  slot.measured = Measure(slot.episode, ids, chain, d, slot.touches);
  NoteMotion(d, slot);
  slot.judgement = task->Judge(ViewOf(slot), slot.state);
  Show(world, batch);
  const bool sound = sim::BatchSim::Trouble(m, d).fault == sim::Fault::kNone;
  if (sound) FinishWorld(world, sim::Fault::kNone, batch);
  slot.phases.observe += Lap(since);
  if (!sound || !batch.done(world)) return;
  std::vector<double>& physics = slot.ended.physics;
  physics.assign(1, d->time);
  physics.insert(physics.end(), d->qpos, d->qpos + m->nq);
  physics.insert(physics.end(), d->qvel, d->qvel + m->nv);
  EndEpisode(world, {});
  if (slot.active) BeginEpisode(d, world, batch);
}

// The action that changes nothing.
std::array<double, sim::kActionSize> VecEnv::Impl::Hold(const Slot& slot) const {
  const sim::ControllerState& now = slot.state.controller;
  std::array<double, sim::kActionSize> action{};
  action[sim::kActionSize - 1] = now.opening / sim::kGripperOpening * 2 - 1;
  return action;
}

// Whether something has moved since the start, while that is asked.
void VecEnv::Impl::NoteMotion(const mjData* d, Slot& slot) const {
  TaskState& state = slot.state;
  if (state.moved || state.step > spec.Steps(kMovedTime)) return;
  const Eigen::Vector3d start(state.p_start_tcp[0], state.p_start_tcp[1], state.p_start_tcp[2]);
  state.moved = (slot.measured.tcp.p_WT - start).norm() > kMovedTool;
  for (std::size_t i = 0; i < ids.arm_qpos.size(); ++i)
    state.moved = state.moved || std::abs(d->qpos[ids.arm_qpos[i]] - state.q_start[i]) > kMovedJoint;
  for (std::size_t part = 0; part < kMaxParts; ++part) {
    const auto& p = state.p_start[part];
    const double moved = (slot.measured.parts[part].p - Eigen::Vector3d(p[0], p[1], p[2])).norm();
    state.moved = state.moved || (slot.episode.cell.parts[part].present && moved > kMovedPart);
  }
}

// Observation and label for what the world shows now.
void VecEnv::Impl::Show(int world, StepBatch& batch) {
  Slot& slot = At(world);
  const auto w = static_cast<std::size_t>(world), dim = static_cast<std::size_t>(spec.obs_dim()),
             width = static_cast<std::size_t>(spec.action_dim());
  Observe(ViewOf(slot), slot.state, {batch.obs.data() + w * dim, dim});
  batch.expert_answer[w] = slot.episode.plan.expect;
  const auto label = slot.episode.plan.expect == Answer::kAct ? task->Expert(ViewOf(slot), slot.state) : Hold(slot);
  for (std::size_t i = 0; i < width; ++i) batch.expert_action[w * width + i] = static_cast<float>(label[i]);
}

// ended.physics is filled already.
void VecEnv::Impl::EndEpisode(int world, const sim::FaultReport& trouble) {
  Slot& slot = At(world);
  slot.ended.plan = slot.episode.plan;
  slot.ended.fault = trouble;
  slot.ended.did_old_task = slot.state.did_old_task;
  slot.ended.ctrl = slot.ctrl;
  slot.active = slot.next_episode < EpisodesEnd();
}

// Turns what the pass left into the batch's rows. A faulted world's numbers are not shown to anybody.
void VecEnv::Impl::FinishWorld(int world, sim::Fault trouble, StepBatch& batch) {
  Slot& slot = At(world);
  const auto w = static_cast<std::size_t>(world), dim = static_cast<std::size_t>(spec.obs_dim());
  const auto num_terms = spec.reward_terms.size(), num_measures = spec.measures.size();
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
  batch.success[w] = cause == (slot.episode.plan.expect == Answer::kAct ? success : declined);
  if (!batch.done(world)) return;
  std::copy_n(batch.obs.begin() + static_cast<std::ptrdiff_t>(w * dim), dim,
              batch.final_obs.begin() + static_cast<std::ptrdiff_t>(w * dim));
}

// What the pass could not finish: the action was bad, or the engine was in trouble.
void VecEnv::Impl::EndFaulted(const std::vector<int>& worlds, StepBatch& batch) {
  std::vector<int> next;
  for (const int world : worlds) {
    CheckStarted(world);
    Slot& slot = At(world);
    const sim::FaultReport trouble = slot.bad_action.fault != sim::Fault::kNone ? slot.bad_action : sim.fault(world);
    FinishWorld(world, trouble.fault, batch);
    const auto row = sim.row(world);
    slot.ended.physics.assign(row.begin(), row.begin() + physics_size);
    EndEpisode(world, trouble);
    if (slot.active) next.push_back(world);
  }
  if (!next.empty()) StartEpisodes(next, batch);
}

namespace {

Scene FirstScene(const VecEnvConfig& config) {
  const std::unique_ptr<Task> task = MakeTask(config.task);
  return DrawScene(task->verb(), task->limits(), config.seed, config.first_episode, config.options);
}

}  // namespace

VecEnv::VecEnv(const VecEnvConfig& config) {
  const Scene first = FirstScene(Checked(config));
  Episode checked;  // refuses disturbances that cannot be played here, not in the pass
  ReadDisturbances(SpecOf(config.task), config.options.disturbances, checked);
  impl_ = std::make_unique<Impl>(config, first, sim::CellBuilder(first.cell).Build(config.sleep));
}
VecEnv::VecEnv(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VecEnv::~VecEnv() = default;

const EnvSpec& VecEnv::spec() const { return impl_->spec; }
const VecEnvConfig& VecEnv::config() const { return impl_->config; }
int VecEnv::num_worlds() const { return impl_->config.num_worlds; }

void VecEnv::Reset(StepBatch& batch) {
  std::vector<int> worlds;
  impl_->next_number = impl_->config.first_episode;
  for (int world = 0; world < num_worlds(); ++world) {
    Slot& slot = impl_->At(world);
    impl_->Reserve(slot);
    slot.active = slot.next_episode < impl_->EpisodesEnd();
    batch.active[static_cast<std::size_t>(world)] = slot.active;
    if (slot.active) worlds.push_back(world);
  }
  impl_->StartEpisodes(worlds, batch);
  for (const int world : worlds) impl_->Reserve(impl_->At(world));
}

void VecEnv::Step(const Commands& commands, StepBatch& batch) {
  impl_->Step(View2<const float>(commands.actions.data(), num_worlds(), impl_->spec.action_dim()), commands.answers,
              batch);
}
void VecEnv::Step(View2<const float> actions, StepBatch& batch) { impl_->Step(actions, {}, batch); }

// answers [N]; empty: all act.
void VecEnv::Impl::Step(View2<const float> actions, std::span<const Answer> answers, StepBatch& batch) {
  GENBA_CHECK(actions.rows() == config.num_worlds && actions.cols() == spec.action_dim(), "one action per world");
  GENBA_CHECK(answers.empty() || answers.size() == slots.size(), "one answer per world");
  std::vector<int> active, playable, faulted;
  for (int world = 0; world < config.num_worlds; ++world) {
    Slot& slot = At(world);
    const auto w = static_cast<std::size_t>(world);
    batch.active[w] = slot.active;
    batch.terminated[w] = batch.truncated[w] = 0;
    if (!slot.active) continue;
    active.push_back(world);
    const auto action = actions.row(world);
    slot.state.answer = answers.empty() ? Answer::kAct : answers[w];
    slot.bad_action = {};
    if (std::all_of(action.begin(), action.end(), [](float a) { return std::isfinite(a); })) {
      playable.push_back(world);
    } else {
      slot.bad_action = {sim::Fault::kBadControl, "the policy's action is not finite", sim.row(world)[0]};
    }
  }
  sim.Apply(playable,
            [&](const mjModel* m, mjData* d, int world) { StepWorld(m, d, world, actions.row(world), batch); });
  for (const int world : active) {
    if (At(world).bad_action.fault != sim::Fault::kNone || sim.fault(world).fault != sim::Fault::kNone)
      faulted.push_back(world);
  }
  if (!faulted.empty()) EndFaulted(faulted, batch);
  for (const int world : active) {
    if (batch.done(world) && At(world).active) Reserve(At(world));
  }
}

const EpisodePlan& VecEnv::plan(int world) const { return impl_->At(world).episode.plan; }
int VecEnv::step_in_episode(int world) const { return impl_->At(world).state.step; }
const sim::CellSpec& VecEnv::cell(int world) const { return impl_->At(world).episode.cell; }
const std::shared_ptr<const sim::Model>& VecEnv::model(int world) const { return impl_->sim.model(world); }
const std::string& VecEnv::mjcf(int world) const { return impl_->At(world).mjcf; }
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
int VecEnv::ctrl_size() const { return impl_->ctrl_size; }
std::span<const double> VecEnv::Ctrl(int world) const { return impl_->At(world).ctrl; }
std::span<const double> VecEnv::EndedCtrl(int world) const { return impl_->At(world).ended.ctrl; }
std::span<const double> VecEnv::integration_row(int world) const { return std::as_const(impl_->sim).row(world); }

namespace {

// Forces belong to the sub-step that has been made: they cannot be measured again from a state.
struct Carried {
  TaskState task;
  Touches touches;
};
static_assert(std::is_trivially_copyable_v<Carried>);

}  // namespace

std::string VecEnv::SaveWorld(int world) const {
  const Slot& slot = impl_->At(world);
  std::vector<double> physics;
  impl_->sim.Save(world, physics);
  const Carried carried{slot.state, slot.touches};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&carried);
  const nlohmann::json saved{{"task", impl_->config.task},
                             {"plan", ToJson(slot.episode.plan)},
                             {"cell", CellToJson(slot.episode.cell)},
                             {"physics", physics},
                             {"carried", nlohmann::json::binary({bytes, bytes + sizeof(Carried)})},
                             {"next", slot.next_episode},
                             {"active", slot.active}};
  const std::vector<std::uint8_t> cbor = nlohmann::json::to_cbor(saved);
  return {cbor.begin(), cbor.end()};
}

void VecEnv::RestoreWorld(int world, const std::string& bytes, StepBatch& batch) {
  const nlohmann::json saved = ParseCbor(bytes, "saved world");
  if (!saved.is_object() || !saved.contains("carried") || saved["task"] != impl_->config.task) {
    throw BadInput({"saved world", "", "a world of task " + impl_->config.task, "something else"});
  }
  const auto& from = saved["carried"].get_binary();
  if (from.size() != sizeof(Carried))
    throw BadInput({"saved world", "carried", std::to_string(sizeof(Carried)) + " bytes", std::to_string(from.size())});
  Carried carried;
  std::memcpy(&carried, from.data(), sizeof(Carried));
  const EpisodePlan plan = EpisodePlanFromJson(saved["plan"], "saved world");
  Slot& slot = impl_->At(world);
  const sim::CellSpec cell = CellFromJson(saved.value("cell", ""), "saved world");
  CheckScene(impl_->config.task, plan, cell, "saved world");
  slot.episode = impl_->PlayedIn({plan, cell});
  slot.state = carried.task;
  slot.touches = carried.touches;
  slot.next_episode = saved["next"].get<std::uint64_t>();
  // Of the numbers handed out the last is always some world's next one.
  if (slot.next_episode < impl_->EpisodesEnd())
    impl_->next_number = std::max(impl_->next_number, slot.next_episode + 1);
  slot.active = saved["active"].get<bool>();
  batch.active[static_cast<std::size_t>(world)] = slot.active;
  impl_->sim.SetModel(world, impl_->Build(slot));
  impl_->sim.Restore(world, saved["physics"].get<std::vector<double>>());
  const std::vector<int> one{world};
  impl_->sim.Apply(one, [&](const mjModel*, mjData* d, int) {
    slot.ctrl.assign(d->ctrl, d->ctrl + impl_->ctrl_size);
    slot.measured = Measure(slot.episode, impl_->ids, impl_->chain, d, slot.touches);
    impl_->Show(world, batch);
  });
}

sim::BatchSim& VecEnv::sim() { return impl_->sim; }

const sim::ControllerState& VecEnv::commanded(int world) const { return impl_->At(world).commanded; }

PhaseSeconds VecEnv::phases() const {
  PhaseSeconds sum;
  for (const Slot& slot : impl_->slots) {
    sum.control += slot.phases.control;
    sum.physics += slot.phases.physics;
    sum.observe += slot.phases.observe;
    sum.reset += slot.phases.reset;
    sum.resets += slot.phases.resets;
  }
  return sum;
}

std::unique_ptr<VecEnv> MakeReplayEnv(const std::string& task, const EpisodePlan& plan, const sim::CellSpec& cell) {
  VecEnvConfig config;
  config.task = task;
  config.num_worlds = config.num_threads = 1;
  config.seed = plan.seed;
  config.first_episode = plan.episode;
  config.num_episodes = 1;
  config.write_mjcf = true;
  auto impl = std::make_unique<VecEnv::Impl>(config, Scene{plan, cell}, sim::CellBuilder(cell).Build());
  impl->replay = true;
  return std::unique_ptr<VecEnv>(new VecEnv(std::move(impl)));
}

}  // namespace genba::envs
