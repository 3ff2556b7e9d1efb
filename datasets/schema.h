// schema.h - every piece of an episode, named once: writing, reading, checking, comparing and describing all walk these
// lists. Used inside datasets and by replay. Pure functions of their arguments.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/episode.h"

namespace genba::datasets {

inline constexpr int kMaxSteps = 1 << 20;  // of one episode; more is damage

using Dims = std::vector<std::uint64_t>;  // outermost first

// Short texts, attributes of data/demo_k: visit(name, text).
template <class AnyEpisode, class Visit>
void VisitTexts(AnyEpisode& episode, Visit visit) {
  visit("task", episode.task);
  visit("order", episode.order);
  visit("text", episode.text);
  visit("language", episode.language);
  visit("split", episode.split);
  visit("policy", episode.policy);
  visit("cause", episode.cause);
  visit("fault", episode.fault);
  visit("answer", episode.answer);
}

// Long texts, JSON, arrays of bytes in data/demo_k: visit(name, text).
template <class AnyEpisode, class Visit>
void VisitDocuments(AnyEpisode& episode, Visit visit) {
  visit("plan", episode.plan);
  visit("cell", episode.cell);
}

// Numbers, attributes of data/demo_k: visit(name, number).
template <class AnyEpisode, class Visit>
void VisitNumbers(AnyEpisode& episode, Visit visit) {
  visit("index", episode.index);
  visit("seed", episode.seed);
  visit("model_hash", episode.model_hash);
}

// When in a step a row of an array is true.
enum class Moment { kBefore, kAfter, kStart, kEnd };  // of each step's physics; of the episode: not per step

struct ArrayInfo {
  const char* name;
  Dims dims;  // the first is time for kBefore and kAfter
  Moment moment;
  std::string unit;
  const char* meaning;
};

// Arrays of data/demo_k, observations apart: visit(ArrayInfo, vector).
template <class AnyEpisode, class Visit>
void VisitArrays(AnyEpisode& episode, const DatasetInfo& info, Visit visit) {
  const auto dim = [](int n) { return static_cast<std::uint64_t>(n); };
  const std::uint64_t steps = dim(episode.num_steps), physics = dim(info.physics_size), controls = dim(info.ctrl_size),
                      actions = dim(info.spec.action_dim()), terms = dim(info.spec.num_reward_terms()),
                      measures = dim(info.spec.num_measures());
  const char* const kPhysicsUnit = "s, then qpos and qvel in SI units";
  std::string measure_units;
  for (const FieldSpec& measure : info.spec.measures)
    measure_units += (measure_units.empty() ? "" : ", ") + measure.unit;
  visit(ArrayInfo{"states",
                  {steps, physics},
                  Moment::kBefore,
                  kPhysicsUnit,
                  "time, qpos, qvel of the stored model before each action"},
        episode.states);
  visit(ArrayInfo{"expert_actions",
                  {steps, actions},
                  Moment::kBefore,
                  info.spec.action.unit,
                  "what the scripted expert would do, without noise: the label"},
        episode.expert_actions);
  visit(ArrayInfo{"actions",
                  {steps, actions},
                  Moment::kBefore,
                  info.spec.action.unit,
                  "as commanded; applied where the answer is to act"},
        episode.actions);
  visit(ArrayInfo{"answers",
                  {steps},
                  Moment::kBefore,
                  "1",
                  "made of the instruction: 0 act, 1 cannot, 2 must not, 3 not understood; only 0 moves"},
        episode.answers);
  visit(ArrayInfo{"answer_probabilities", {steps}, Moment::kBefore, "1", "that the answer is right, by who acts"},
        episode.answer_probabilities);
  visit(
      ArrayInfo{
          "ctrl",
          {steps, controls},
          Moment::kAfter,
          "rad, m",
          "the stored model's controls at the end of each control step; how sub-steps take them: datasets/README.md"},
      episode.ctrl);
  visit(
      ArrayInfo{
          "step_hashes", {steps}, Moment::kAfter, "1", "hash of the action, the answer and the state they led to"},
      episode.step_hashes);
  visit(ArrayInfo{"rewards", {steps}, Moment::kAfter, "1", "sum of reward_terms"}, episode.rewards);
  visit(ArrayInfo{"reward_terms", {steps, terms}, Moment::kAfter, "1", "in env_spec's reward_terms order"},
        episode.reward_terms);
  visit(ArrayInfo{"measures", {steps, measures}, Moment::kAfter, measure_units, "in env_spec's measures order"},
        episode.measures);
  visit(ArrayInfo{"events", {steps}, Moment::kAfter, "bits", "what happened in the step"}, episode.events);
  visit(ArrayInfo{"terminated", {steps}, Moment::kAfter, "1", "the task ended: success, failure or fault"},
        episode.terminated);
  visit(ArrayInfo{"truncated", {steps}, Moment::kAfter, "1", "out of time"}, episode.truncated);
  visit(ArrayInfo{"dones", {steps}, Moment::kAfter, "1", "terminated or truncated"}, episode.dones);
  visit(ArrayInfo{"initial_row",
                  {dim(info.state_size)},
                  Moment::kStart,
                  "SI",
                  "MuJoCo's integration state before the first action"},
        episode.initial_row);
  visit(ArrayInfo{"initial_ctrl", {controls}, Moment::kStart, "rad, m", "controls in force before the first action"},
        episode.initial_ctrl);
  visit(ArrayInfo{"wanted", {dim(info.num_slots())}, Moment::kStart, "1", "slots that the order is about"},
        episode.wanted);
  visit(ArrayInfo{"final_state", {physics}, Moment::kEnd, kPhysicsUnit, "the state after the last action"},
        episode.final_state);
}

inline Dims ObsDims(const FieldSpec& field, int num_steps) {
  Dims dims{static_cast<std::uint64_t>(num_steps)};
  for (const int extent : field.shape) dims.push_back(static_cast<std::uint64_t>(extent));
  return dims;
}

// "array[3, 2]" of the first value that is not finite in what training and replay read; empty when all are.
std::string FirstNonFinite(const Episode& episode, const DatasetInfo& info);

}  // namespace genba::datasets
