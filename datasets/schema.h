// schema.h - every piece of an episode, named once: writing, reading, checking and describing all walk these lists.
// Internal to datasets. Pure functions of their arguments.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/episode.h"
#include "datasets/hdf5.h"

namespace genba::datasets {

inline constexpr int kMaxSteps = 1 << 20;  // of one episode; more is damage

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
}

// Numbers, attributes of data/demo_k: visit(name, number).
template <class AnyEpisode, class Visit>
void VisitNumbers(AnyEpisode& episode, Visit visit) {
  visit("index", episode.index);
  visit("seed", episode.seed);
  visit("model_hash", episode.model_hash);
}

// Arrays of data/demo_k, observations apart: visit(name, vector, dims, unit). A first dim of num_steps is time.
template <class AnyEpisode, class Visit>
void VisitArrays(AnyEpisode& episode, const DatasetInfo& info, Visit visit) {
  const auto dim = [](int n) { return static_cast<std::uint64_t>(n); };
  const std::uint64_t steps = dim(episode.num_steps);
  const std::uint64_t physics = dim(info.physics_size);
  const std::uint64_t actions = dim(info.spec.action_dim());
  std::string measure_units;
  for (const FieldSpec& measure : info.spec.measures)
    measure_units += (measure_units.empty() ? "" : ", ") + measure.unit;
  visit("states", episode.states, hdf5::Dims{steps, physics}, "s, then qpos and qvel in SI units");
  visit("actions", episode.actions, hdf5::Dims{steps, actions}, info.spec.action.unit);
  visit("expert_actions", episode.expert_actions, hdf5::Dims{steps, actions}, info.spec.action.unit);
  visit("rewards", episode.rewards, hdf5::Dims{steps}, "1");
  visit("reward_terms", episode.reward_terms, hdf5::Dims{steps, dim(info.spec.num_reward_terms())}, "1");
  visit("measures", episode.measures, hdf5::Dims{steps, dim(info.spec.num_measures())}, measure_units);
  visit("events", episode.events, hdf5::Dims{steps}, "bits");
  visit("dones", episode.dones, hdf5::Dims{steps}, "1");
  visit("step_hashes", episode.step_hashes, hdf5::Dims{steps}, "hash");
  visit("initial_row", episode.initial_row, hdf5::Dims{dim(info.state_size)}, "integration state");
  visit("final_state", episode.final_state, hdf5::Dims{physics}, "s, then qpos and qvel in SI units");
}

inline hdf5::Dims ObsDims(const FieldSpec& field, int num_steps) {
  hdf5::Dims dims{static_cast<std::uint64_t>(num_steps)};
  for (const int extent : field.shape) dims.push_back(static_cast<std::uint64_t>(extent));
  return dims;
}

// "array[3, 2]" of the first value that is not finite in what training and replay read; empty when all are.
std::string FirstNonFinite(const Episode& episode, const DatasetInfo& info);

}  // namespace genba::datasets
