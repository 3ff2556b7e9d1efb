// spec.h - names, shapes, units and bounds of what a task shows and takes, declared once per task (envs) and
// used by everybody: it sizes the batch buffers, names the HDF5 data sets and dimensions the networks. A
// constant value; safe to share between threads. FromJson throws Error naming the key that is wrong.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace genba {

struct FieldSpec {
  std::string name;        // unique inside its group, [a-z0-9_]+
  std::vector<int> shape;  // per step and world; a rank-2 field [K, C] is a set of K slots whose column 0 is "present"
  std::string unit;        // per column where they differ, e.g. "m, rad, 1"
  std::string description;
  double low = -1e9;  // bound of every element, in unit
  double high = 1e9;
  // Slots: columns that say what a thing is, not where it is or what happens to it; none where no order of the task names
  // such a thing, for what can be named has to be, before an order can be carried out.
  std::vector<int> identity{};
  // Slots of a union of tasks: the orders of one of them name such a thing, those of another none.
  bool optional = false;

  int size() const;  // product of shape
};

struct EnvSpec {
  std::string task;  // registry name: "pick_bin"
  std::string description;
  std::vector<std::string> robots;
  std::vector<FieldSpec> observation;     // concatenated in this order in obs [N, obs_dim()]
  FieldSpec action;                       // [A], policy units, each in [-1, 1]
  std::string action_convention;          // what an action means; changes when its meaning does: "tcp_delta_v1"
  std::vector<std::string> reward_terms;  // R names; reward = their sum
  std::vector<FieldSpec> measures;        // scalar per step, logged, not rewarded: peak force [N], …
  std::vector<std::string> terminations;  // causes; index 0 is "none"
  double timestep = 0.005;                // [s] physics
  int substeps = 10;                      // physics steps per control step
  double hold_time = 0.5;                 // [s] how long success must hold without a break
  int horizon = 0;                        // control steps until truncation, longest episode

  double control_period() const { return timestep * substeps; }
  double control_hz() const { return 1.0 / control_period(); }
  int Steps(double seconds) const;  // control steps that last so long, at least one
  int hold_steps() const { return Steps(hold_time); }
  int obs_dim() const;
  int action_dim() const { return action.size(); }
  int num_reward_terms() const { return static_cast<int>(reward_terms.size()); }
  int num_measures() const { return static_cast<int>(measures.size()); }
  // Offset of a field in a flattened observation; throws Error for an unknown name.
  int obs_offset(const std::string& field) const;
};

nlohmann::json ToJson(const EnvSpec& spec);
EnvSpec EnvSpecFromJson(const nlohmann::json& json, const std::string& file);

// First difference that matters to a policy or a data set, as "observation.parts.shape: [8,24] against
// [8,22]"; empty when equal.
std::string FirstDifference(const EnvSpec& a, const EnvSpec& b);

// What a policy for several tasks is made for: task "pick_bin+reach", by name. Their first difference besides the task has to
// be none; what can be named in one of them can be named.
EnvSpec UnionOf(const std::vector<EnvSpec>& specs);
std::vector<std::string> TasksOf(const EnvSpec& spec);  // "pick_bin", "reach"
// As FirstDifference, of a policy's spec and that of a task: one of the policy's is as good as its only one.
std::string FirstDifferenceFrom(const EnvSpec& policy, const EnvSpec& task);

}  // namespace genba
