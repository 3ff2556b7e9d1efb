#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "core/error.h"
#include "envs/measure.h"
#include "envs/observation.h"
#include "envs/vec_env_impl.h"
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

}  // namespace

void ReadDisturbances(const EnvSpec& spec, const Disturbances& disturbances, Episode& episode) {
  episode.action_delay = DelaySteps(spec, "action_delay", disturbances.action_delay);
  episode.observation_delay = DelaySteps(spec, "observation_delay", disturbances.observation_delay);
  episode.lost = LostColumns(spec, disturbances.lost);
  episode.controller = ControllerOf(spec);
  episode.controller.max_joint_acceleration = disturbances.joint_acceleration;
}

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

}  // namespace genba::envs
