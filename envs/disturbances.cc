#include "envs/disturbances.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <sstream>

#include "core/error.h"
#include "core/json.h"
#include "core/rng.h"
#include "envs/task.h"

namespace genba::envs {

namespace {

using nlohmann::json;

constexpr double kLever = 0.03;  // [m] from a part's centre to its ends

struct Setting {
  const char* key;
  double Disturbances::*value;
  double low, high;
  const char* help;
};
constexpr std::array<Setting, 8> kSettings{
    {{"action_delay", &Disturbances::action_delay, 0, 0.5, "[s] from the policy's action to the controller"},
     {"observation_delay", &Disturbances::observation_delay, 0, 0.5, "[s] age of everything that is observed"},
     {"pose_bias", &Disturbances::pose_bias, 0, 0.1,
      "[m] deviation of observed part positions, drawn once per episode"},
     {"pose_jitter", &Disturbances::pose_jitter, 0, 0.1, "[m] deviation of observed part positions, drawn every step"},
     {"start_push", &Disturbances::start_push, 0, 0.15, "[m] how far from home the tool starts"},
     {"start_tilt", &Disturbances::start_tilt, 0, 0.6, "[rad] how far the tool starts tilted"},
     {"pad_friction", &Disturbances::pad_friction, 0, 5, "sliding friction of the pads; 0: drawn for every episode"},
     {"joint_acceleration", &Disturbances::joint_acceleration, 1, sim::kMaxJointAcceleration,
      "[rad/s²] most of the commanded joints; ours, the maker publishes none"}}};

// Errors of all parts: position x y z and turn.
void AddErrors(Measured& measured, Rng rng, double deviation) {
  for (Measured::Part& part : measured.parts) {
    for (int axis = 0; axis < 3; ++axis) part.p[axis] += deviation * rng.Normal();
    part.grasp_turn += deviation / kLever * rng.Normal();
  }
}

}  // namespace

void Register(ConfigTable& table, Disturbances& disturbances) {
  for (const Setting& setting : kSettings)
    table.Add(std::string("env.") + setting.key, &(disturbances.*setting.value), {setting.low, setting.high},
              setting.help);
  table.Add("env.lost", &disturbances.lost, "observation columns that read 0, as in proprio.17,proprio.18");
}

json ToJson(const Disturbances& disturbances) {
  json out{{"lost", disturbances.lost}};
  for (const Setting& setting : kSettings) out[setting.key] = disturbances.*setting.value;
  return out;
}

Disturbances DisturbancesFromJson(const json& in, const std::string& file) {
  Disturbances out;
  for (const Setting& setting : kSettings)
    out.*setting.value = JsonNumber(in, setting.key, file, setting.low, setting.high);
  out.lost = JsonText(in, "lost", file);
  if (in.size() != kSettings.size() + 1)
    throw BadInput({file, "disturbances", "the known settings, and no others", Shown(in)});
  return out;
}

int DelaySteps(const EnvSpec& spec, const std::string& key, double seconds) {
  const double steps = std::round(seconds / spec.control_period());
  if (steps >= 0 && steps <= kMaxDelaySteps) return static_cast<int>(steps);
  throw BadInput({"environment", "env." + key, "0 … " + std::to_string(kMaxDelaySteps * spec.control_period()) + " s",
                  std::to_string(seconds)});
}

std::vector<int> LostColumns(const EnvSpec& spec, const std::string& lost) {
  std::vector<int> columns;
  std::istringstream names(lost);
  for (std::string name; std::getline(names, name, ',');) {
    bool known = false;
    for (const FieldSpec& field : spec.observation) {
      for (int i = 0; i < field.size() && !known; ++i) {
        known = name == field.name + "." + std::to_string(i);
        if (known) columns.push_back(spec.obs_offset(field.name) + i);
      }
    }
    if (!known) throw BadInput({"environment", "env.lost", "columns of observation fields, as in proprio.17", name});
  }
  return columns;
}

Measured AsSensed(const Measured& measured, const EpisodePlan& plan, int step) {
  const Disturbances& d = plan.disturbances;
  Measured sensed = measured;
  if (d.pose_bias > 0) AddErrors(sensed, Rng(plan.seed, plan.episode, "pose bias"), d.pose_bias);
  if (d.pose_jitter > 0) {
    const std::uint64_t key = Rng(plan.seed, plan.episode, "pose jitter").NextU64();
    AddErrors(sensed, Rng(key, static_cast<std::uint64_t>(step), "pose jitter"), d.pose_jitter);
  }
  return sensed;
}

StartOffset DrawStart(const EpisodePlan& plan) {
  Rng rng(plan.seed, plan.episode, "start");
  const double height = rng.Uniform(-1, 1), around = rng.Uniform(0, 2 * std::numbers::pi);
  const double across = std::sqrt(1 - height * height), axis = rng.Uniform(0, 2 * std::numbers::pi);
  const double push = plan.disturbances.start_push, tilt = plan.disturbances.start_tilt;
  return {{push * across * std::cos(around), push * across * std::sin(around), push * height},
          {tilt * std::cos(axis), tilt * std::sin(axis), 0}};
}

}  // namespace genba::envs
