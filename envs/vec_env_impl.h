// vec_env_impl.h - what a VecEnv keeps of its worlds, and the step of one: control, sub-steps, measures, judgement,
// observation, label. Included by vec_env.cc (what callers see, saving) and vec_env_pass.cc (the parallel pass) alone.
// Threads: a world is one thread's during a pass; all else is the caller's.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "envs/task.h"
#include "envs/vec_env.h"

namespace genba::envs {

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

struct VecEnv::Impl {
  Impl(const VecEnvConfig& c, Scene first, const std::shared_ptr<const sim::Model>& model);

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

// Error(kBadInput) where they cannot be played in this environment.
void ReadDisturbances(const EnvSpec& spec, const Disturbances& disturbances, Episode& episode);

}  // namespace genba::envs
