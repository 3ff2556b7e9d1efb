// episode.h - everything that happened, and everything needed to make it happen again, as plain arrays.
// Filled by the recorder (trainer/collect), written and read by shards. Time-major, row-major.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace genba::datasets {

inline constexpr int kSchemaVersion = 3;

struct Episode {
  // Identity and meaning
  std::uint64_t index = 0;  // global episode number; unique in a data set
  std::uint64_t seed = 0;
  std::string task;
  std::string plan;      // JSON of envs::EpisodePlan (order, answer expected, split, …)
  std::string cell;      // JSON of sim::CellSpec: what the model is rebuilt from
  std::string order;     // canonical text
  std::string text;      // instruction as given
  std::string language;  // "en" | "ja"
  std::string split;     // "train" | …
  std::string policy;    // who acted, by content: "expert", "random", "sha256:…"
  std::string answer;    // last made of the instruction: "act" | "cannot" | "must_not" | "not_understood"
  bool success = false;
  std::string cause;  // termination's name
  std::string fault;  // "none" or sim::FaultName

  // Physics
  std::string model_xml;  // MJCF for other people's tools; never compiled here. Stored once per distinct text
  std::uint64_t model_hash = 0;
  std::vector<double> initial_row;   // [state_size] integration state before the first action
  std::vector<double> initial_ctrl;  // [nu] controls in force before the first action
  std::vector<std::uint8_t> wanted;  // [K] slots (rank-2 fields of the observation) that the order is about

  // Steps
  int num_steps = 0;                        // T
  std::vector<double> states;               // [T, physics_size] time, qpos, qvel before each action
  std::vector<double> final_state;          // [physics_size] after the last
  std::vector<double> ctrl;                 // [T, nu] controls at the end of each control step
  std::vector<float> actions;               // [T, A] as applied
  std::vector<float> expert_actions;        // [T, A] noise-free label
  std::vector<std::uint8_t> answers;        // [T] genba::Answer: what was made of the instruction; only 0, act, moves
  std::vector<float> answer_probabilities;  // [T] that it is right, as far as who acts knows
  std::vector<float> obs;                   // [T, obs_dim] flattened in EnvSpec order; stored per field
  std::vector<float> last_obs;              // [obs_dim] what the last action led to; stored per field
  std::vector<float> rewards;               // [T]
  std::vector<float> reward_terms;          // [T, R]
  std::vector<float> measures;              // [T, M]
  std::vector<std::uint32_t> events;        // [T] bits
  std::vector<std::uint8_t> dones;          // [T] terminated or truncated
  std::vector<std::uint8_t> terminated;     // [T] the task ended: success, failure, fault
  std::vector<std::uint8_t> truncated;      // [T] out of time
  std::vector<std::uint64_t> step_hashes;   // [T] Hash64 of the applied action, of the answer, then of the physics
                                            // state after the step: names the first differing step
};

}  // namespace genba::datasets
