// episode.h - everything that happened, and everything needed to make it happen again, as plain arrays.
// Filled by the recorder (trainer/collect), written and read by shards. Time-major, row-major.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace genba::datasets {

inline constexpr int kSchemaVersion = 1;

struct Episode {
  // Identity and meaning
  std::uint64_t index = 0;  // global episode number; unique in a data set
  std::uint64_t seed = 0;
  std::string task;
  std::string plan;      // JSON of envs::EpisodePlan (order, draws, split, …)
  std::string order;     // canonical text
  std::string text;      // instruction as given
  std::string language;  // "en" | "ja"
  std::string split;     // "train" | …
  std::string policy;    // who acted: "expert", "random", a run's hash
  bool success = false;
  std::string cause;  // termination's name
  std::string fault;  // "none" or sim::FaultName

  // Physics
  std::string model_xml;  // stored once per distinct text
  std::uint64_t model_hash = 0;
  std::vector<double> initial_row;  // [state_size] integration state before the first action

  // Steps
  int num_steps = 0;                       // T
  std::vector<double> states;              // [T, physics_size] time, qpos, qvel before each action
  std::vector<double> final_state;         // [physics_size] after the last
  std::vector<float> actions;              // [T, A] as applied
  std::vector<float> expert_actions;       // [T, A] noise-free label
  std::vector<float> obs;                  // [T, obs_dim] flattened in EnvSpec order; stored per field
  std::vector<float> rewards;              // [T]
  std::vector<float> reward_terms;         // [T, R]
  std::vector<float> measures;             // [T, M]
  std::vector<std::uint32_t> events;       // [T] bits
  std::vector<std::uint8_t> dones;         // [T]
  std::vector<std::uint64_t> step_hashes;  // [T] Hash64 of the applied action, then of the physics state
                                           // after the step: names the first differing step
};

}  // namespace genba::datasets
