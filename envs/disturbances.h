// disturbances.h - what can be made worse than the clean simulation: delays, sensor errors, another start, other pads.
// Part of EpisodeOptions and of every plan, so that training, evaluation and replay mean the same episode. All off by
// default. Called by VecEnv in its pass; pure functions of (plan, step), no allocation but in LostColumns.
// Law: observations carry the errors, labels and judgement never do. Failure: Error(kBadInput) naming the setting.
#pragma once
#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/spec.h"
#include "sim/cartesian_control.h"

namespace genba::envs {

struct EpisodePlan;
struct Measured;

struct Disturbances {
  double action_delay = 0;       // [s] from the policy's action to the controller, in whole control steps
  double observation_delay = 0;  // [s] age of everything that is observed, in whole control steps
  double pose_bias = 0;          // [m] deviation of an error of each part's observed position, drawn once per episode
  double pose_jitter = 0;        // [m] deviation of one drawn anew every control step
  double start_push = 0;         // [m] how far from home the TCP starts, in a random direction
  double start_tilt = 0;         // [rad] how far the tool starts tilted, about a random axis across
  double pad_friction = 0;       // sliding friction of the pads; 0: drawn for every episode
  double joint_acceleration = sim::kMaxJointAcceleration;  // [rad/s²] most of the commanded joints
  std::string lost{};                                      // observation columns that read 0: "proprio.17,proprio.18"

  bool operator==(const Disturbances&) const = default;
};
void Register(ConfigTable& table, Disturbances& disturbances);  // section "env"
nlohmann::json ToJson(const Disturbances& disturbances);
Disturbances DisturbancesFromJson(const nlohmann::json& json, const std::string& file);

inline constexpr int kMaxDelaySteps = 10;

// Delay [s] in control steps; refuses what is longer than kMaxDelaySteps.
int DelaySteps(const EnvSpec& spec, const std::string& key, double seconds);
// Ring memory of a delay: keeps now, returns what was kept delay steps ago. Called twice for a step it says the same.
template <class T>
T Delayed(int delay, int step, const T& now, std::array<T, kMaxDelaySteps + 1>& ring) {
  const auto size = static_cast<std::size_t>(delay + 1), at = static_cast<std::size_t>(step);
  ring[at % size] = now;
  return ring[(at + 1) % size];
}
// Indices into the flattened observation.
std::vector<int> LostColumns(const EnvSpec& spec, const std::string& lost);

// The measurement as the sensors of this episode report it at this step: positions and turns of the parts are off.
// The turn is off as if both ends of a part (3 cm from its centre) were.
Measured AsSensed(const Measured& measured, const EpisodePlan& plan, int step);

struct StartOffset {
  std::array<double, 3> push{};  // [m] world
  std::array<double, 3> tilt{};  // rotation vector, world
};
StartOffset DrawStart(const EpisodePlan& plan);

}  // namespace genba::envs
