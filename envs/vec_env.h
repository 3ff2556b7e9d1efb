// vec_env.h - N worlds of one task behind Step(actions) → StepBatch: control, physics, measures, observation,
// reward, termination and the expert's label in one parallel pass. Called by trainer, viewer and tests; one
// caller at a time. Bits do not depend on threads, worlds or episode order. Failure: bad sizes throw; physics
// trouble ends that world's episode with a fault.
#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/spec.h"
#include "core/step_batch.h"
#include "core/view.h"
#include "envs/disturbances.h"
#include "envs/language.h"
#include "envs/order.h"
#include "sim/batch_sim.h"
#include "sim/cartesian_control.h"
#include "sim/cell_builder.h"

namespace genba::envs {

class Task;

// What the policy is told, against the order it is judged by.
enum class Probe {
  kNone,            // the generated sentence
  kBlank,           // ""
  kCounterfactual,  // same scene, another well-posed order; success judges the new one, did_old_task the old
                    // one
  kOtherLanguage,   // same order, the other language than kNone would say
};
const char* Name(Probe probe);

// A sentence to say instead of a generated one.
struct GivenText {
  std::string order;  // canonical text of the order it is said for; empty: for any
  std::string text;
  std::optional<Language> language;  // nothing: whatever the episode drew
  Answer expect = Answer::kAct;
  std::string family;
};

struct EpisodeOptions {
  Split split = Split::kTrain;
  Probe probe = Probe::kNone;
  std::string language = "both";        // en | ja | both: each episode draws one
  std::vector<GivenText> instructions;  // each episode draws among those that fit; template_id is then "given <index>"
  // Viewer's live mode: play this order (canonical text) in the drawn scene, with this sentence; refused where it
  // cannot be done. For environments of one episode.
  std::string forced_order;
  std::string forced_text;
  // Not kAct: the sentence is said without an order, and this is what should be made of it (as of a GivenText); it is
  // taken as it is, braces too.
  Answer forced_expect = Answer::kAct;
  Disturbances disturbances;
  bool to_learn_from = false;         // held-out pairs are named in no way, not even to leave them out
  double negatives = 0;               // share of the episodes whose instruction is not to be acted on (refusals.h)
  std::vector<std::string> families;  // of those; empty: all that are not held out
  bool other_tasks = false;           // its robot does the other tasks of this cell, too: their orders are not refused
  int max_wanted = 0;                 // most parts that an order asks for; 0: as many as the task's scenes allow
  // Counterfactual: the orders differ in this only, in scenes that have such a pair; nothing: in any one aspect.
  std::optional<Aspect> aspect;
};

// All that defines an episode before its first action; pure in (task, seed, episode, options).
struct EpisodePlan {
  std::uint64_t seed = 0;
  std::uint64_t episode = 0;     // global number
  std::vector<ScenePart> parts;  // in slot order of the observation
  Order order;                   // what success means
  Order old_order;               // counterfactual: what the scene was drawn for; otherwise equal to order
  Language language = Language::kEnglish;
  Split split = Split::kTrain;
  std::string text;  // what the policy is told
  std::string template_id;
  Disturbances disturbances;
  double chance = 0;             // success of guessing the target uniformly: 1 / number of equally legal targets
  Answer expect = Answer::kAct;  // what should be made of the text; if not to act, order is only what it talks about
  std::string family;            // the kind of instruction it is a case of
};

struct VecEnvConfig {
  std::string task = "pick_bin";
  int num_worlds = 64;  // N
  int num_threads = 0;  // 0: one per core
  std::uint64_t seed = 1;
  std::uint64_t first_episode = 0;          // a world whose episode ended plays the next one that nobody has begun
  std::uint64_t num_episodes = UINT64_MAX;  // worlds without an episode left become inactive
  EpisodeOptions options;
  bool sleep = true;        // parts at rest sleep; off only where bench compares the two
  bool write_mjcf = false;  // for who records: a millisecond an episode
};

// Seconds by phase, summed over worlds: of all threads together.
struct PhaseSeconds {
  double control = 0, physics = 0, observe = 0, reset = 0;
  std::uint64_t resets = 0;
};

class VecEnv {
 public:
  explicit VecEnv(const VecEnvConfig& config);  // Error(kBadInput) for an unknown task, listing the known
  ~VecEnv();

  const EnvSpec& spec() const;
  const VecEnvConfig& config() const;
  int num_worlds() const;

  // Starts every world's first episode; fills batch.obs, expert_action, active.
  void Reset(StepBatch& batch);
  // actions [N, A] in [-1, 1] (clamped; a non-finite action is fault kBadControl). Worlds whose episode ended
  // in the previous call are already in their next episode. A world whose answer is not to act holds still, whatever its
  // action says.
  void Step(const Commands& commands, StepBatch& batch);
  void Step(View2<const float> actions, StepBatch& batch);  // all act
  // What a running world plays after its episode, instead of the number it was handed out, which nobody plays then: for
  // who plays again what failed. What is handed out to others does not change.
  void PlayNext(int world, std::uint64_t episode);

  // Of the episode a world is in now.
  const EpisodePlan& plan(int world) const;
  int step_in_episode(int world) const;
  const sim::CellSpec& cell(int world) const;
  const std::shared_ptr<const sim::Model>& model(int world) const;
  const std::string& mjcf(int world) const;  // that model for other people's tools; empty unless config.write_mjcf
  // Of the episode that ended in the last call (valid where batch.done).
  const EpisodePlan& ended_plan(int world) const;
  const sim::FaultReport& ended_fault(int world) const;
  bool ended_did_old_task(int world) const;  // counterfactual: the old order's predicate held at the end

  // Recorder's view: state before the next step, [time, qpos, qvel] and the full integration row; ctrl last
  // applied.
  int physics_size() const;  // 1 + nq + nv
  void PhysicsState(int world, std::span<double> state) const;
  int ctrl_size() const;  // nu
  // Controls at the end of the last control step; at an episode's start those that hold the arm where it is.
  std::span<const double> Ctrl(int world) const;
  std::span<const double> EndedCtrl(int world) const;
  // Physics and task state at the end of the last step of the ended episode.
  void EndedPhysicsState(int world, std::span<double> state) const;
  std::span<const double> integration_row(int world) const;

  // The command of the last step played: with sim::Servo, the controls of its sub-steps.
  const sim::ControllerState& commanded(int world) const;

  // Everything needed to continue bit for bit: physics, what sleeps, task state, plan. Restored into a VecEnv of the
  // same config, it shows what it showed: the world's rows of batch (obs, expert_action, active) are written.
  std::string SaveWorld(int world) const;
  void RestoreWorld(int world, const std::string& bytes, StepBatch& batch);

  sim::BatchSim& sim();  // fault injection in tests, bench, rendering

  PhaseSeconds phases() const;  // since construction

 private:
  friend std::unique_ptr<VecEnv> MakeReplayEnv(const std::string& task, const EpisodePlan& plan,
                                               const sim::CellSpec& cell);
  struct Impl;
  explicit VecEnv(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Registry.
std::vector<std::string> TaskNames();
EnvSpec SpecOf(const std::string& task);  // Error(kBadInput) for an unknown task, listing the known
// What `genba tasks --json` prints for one task (design.md).
nlohmann::json DescribeTask(const std::string& name);
// Rebuilds what a stored episode was played in from its typed cell; the same actions give the same bits. Whether the
// rebuilt model is the one that was played in, its hash tells. Plan and cell have passed CheckScene. Used by replay and by
// the viewer's live branch.
std::unique_ptr<VecEnv> MakeReplayEnv(const std::string& task, const EpisodePlan& plan, const sim::CellSpec& cell);

// Plan ⇄ JSON as stored with an episode.
nlohmann::json ToJson(const EpisodePlan& plan);
EpisodePlan EpisodePlanFromJson(const nlohmann::json& json, const std::string& file);
EpisodePlan EpisodePlanFromText(const std::string& text,
                                const std::string& file);  // of a file: also when it is no JSON at all

}  // namespace genba::envs
