#include "core/spec.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/json.h"

namespace genba {
namespace {

using Json = nlohmann::json;

Json FieldToJson(const FieldSpec& field) {
  Json json{
      {"name", field.name}, {"shape", field.shape}, {"unit", field.unit},        {"description", field.description},
      {"low", field.low},   {"high", field.high},   {"identity", field.identity}};
  if (field.optional) json["optional"] = true;
  return json;
}

// Far above every spec there is.
constexpr int kMostItems = 256, kLargestExtent = 1024;
constexpr double kLargestField = 1 << 20;

template <class T, class Read>
std::vector<T> ListFromJson(const Json& json, const std::string& key, const std::string& file, const Read& read) {
  std::vector<T> list;
  for (const Json& item : JsonArray(json, key, file, kMostItems))
    list.push_back(read(item, key + "[" + std::to_string(list.size()) + "]"));
  return list;
}

std::vector<std::string> TextsFromJson(const Json& json, const std::string& key, const std::string& file) {
  return ListFromJson<std::string>(json, key, file,
                                   [&](const Json& item, const std::string& name) { return TextOf(item, name, file); });
}

std::vector<int> IntsFromJson(const Json& json, const std::string& key, const std::string& file, int low) {
  return ListFromJson<int>(json, key, file, [&](const Json& item, const std::string& name) {
    return static_cast<int>(IntOf(item, name, file, low, kLargestExtent));
  });
}

FieldSpec FieldFromJson(const Json& json, const std::string& file) {
  FieldSpec field;
  field.name = JsonText(json, "name", file);
  field.shape = IntsFromJson(json, "shape", file, 1);
  double size = 1;
  for (const int extent : field.shape) size *= extent;
  if (size > kLargestField) throw BadInput({file, field.name + ".shape", "a small array", Shown(json["shape"])});
  field.unit = JsonText(json, "unit", file);
  field.description = JsonText(json, "description", file);
  field.low = JsonNumber(json, "low", file);
  field.high = JsonNumber(json, "high", file);
  field.identity = IntsFromJson(json, "identity", file, 0);
  field.optional = json.contains("optional") && JsonBool(json, "optional", file);
  return field;
}

Json FieldsToJson(const std::vector<FieldSpec>& fields) {
  Json list = Json::array();
  for (const FieldSpec& field : fields) list.push_back(FieldToJson(field));
  return list;
}

std::vector<FieldSpec> FieldsFromJson(const Json& json, const std::string& key, const std::string& file) {
  return ListFromJson<FieldSpec>(json, key, file, [&](const Json& item, const std::string& name) {
    return FieldFromJson(item, file + ": " + name);
  });
}

constexpr char kAnd = '+';  // between tasks; none has it in its name

template <class T>
void AddMissing(const std::vector<T>& of, std::vector<T>& to) {
  for (const T& each : of) {
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
  }
}

template <class T>
std::string Differs(const std::string& key, const T& a, const T& b) {
  return a == b ? "" : key + ": " + ToText(Json(a), -1) + " against " + ToText(Json(b), -1);
}

}  // namespace

int FieldSpec::size() const {
  int product = 1;
  for (const int extent : shape) product *= extent;
  return product;
}

int EnvSpec::Steps(double seconds) const {
  return std::max(1, static_cast<int>(std::lround(seconds / control_period())));
}

int EnvSpec::obs_dim() const {
  int total = 0;
  for (const FieldSpec& field : observation) total += field.size();
  return total;
}

int EnvSpec::obs_offset(const std::string& name) const {
  int offset = 0;
  for (const FieldSpec& field : observation) {
    if (field.name == name) return offset;
    offset += field.size();
  }
  throw BadInput({task, "observation", "a field of this task", name});
}

Json ToJson(const EnvSpec& spec) {
  return {{"task", spec.task},
          {"description", spec.description},
          {"robots", spec.robots},
          {"observation", FieldsToJson(spec.observation)},
          {"action", FieldToJson(spec.action)},
          {"action_convention", spec.action_convention},
          {"reward_terms", spec.reward_terms},
          {"measures", FieldsToJson(spec.measures)},
          {"terminations", spec.terminations},
          {"timestep", spec.timestep},
          {"substeps", spec.substeps},
          {"hold_time", spec.hold_time},
          {"horizon", spec.horizon}};
}

EnvSpec EnvSpecFromJson(const Json& json, const std::string& file) {
  EnvSpec spec;
  spec.task = JsonText(json, "task", file);
  spec.description = JsonText(json, "description", file);
  spec.robots = TextsFromJson(json, "robots", file);
  spec.observation = FieldsFromJson(json, "observation", file);
  spec.action = FieldFromJson(JsonObject(json, "action", file), file + ": action");
  spec.action_convention = JsonText(json, "action_convention", file);
  spec.reward_terms = TextsFromJson(json, "reward_terms", file);
  spec.measures = FieldsFromJson(json, "measures", file);
  spec.terminations = TextsFromJson(json, "terminations", file);
  spec.timestep = JsonNumber(json, "timestep", file, 1e-6, 1);
  spec.substeps = static_cast<int>(JsonInt(json, "substeps", file, 1, 100000));
  spec.hold_time = JsonNumber(json, "hold_time", file, 0, 1e6);
  spec.horizon = static_cast<int>(JsonInt(json, "horizon", file, 0, 1000000000));
  return spec;
}

std::string FirstDifference(const EnvSpec& a, const EnvSpec& b) {
  std::string text = Differs("task", a.task, b.task);
  if (text.empty()) text = Differs("action_convention", a.action_convention, b.action_convention);
  if (text.empty()) text = Differs("action.shape", a.action.shape, b.action.shape);
  if (text.empty()) text = Differs("control_hz", a.control_hz(), b.control_hz());
  if (text.empty()) text = Differs("observation (number of fields)", a.observation.size(), b.observation.size());
  for (std::size_t i = 0; text.empty() && i < a.observation.size(); ++i) {
    const FieldSpec& left = a.observation[i];
    const FieldSpec& right = b.observation[i];
    text = Differs("observation[" + std::to_string(i) + "].name", left.name, right.name);
    if (text.empty()) text = Differs("observation." + left.name + ".shape", left.shape, right.shape);
    if (text.empty()) text = Differs("observation." + left.name + ".unit", left.unit, right.unit);
  }
  return text;
}

std::vector<std::string> TasksOf(const EnvSpec& spec) {
  std::vector<std::string> tasks;
  std::istringstream names(spec.task);
  for (std::string name; std::getline(names, name, kAnd);) tasks.push_back(name);
  return tasks;
}

EnvSpec UnionOf(const std::vector<EnvSpec>& specs) {
  GENBA_CHECK(!specs.empty(), "a task at least");
  EnvSpec all = specs.front();
  if (std::all_of(specs.begin(), specs.end(), [&](const EnvSpec& spec) { return spec.task == all.task; })) return all;
  std::map<std::string, std::string> described;
  for (const EnvSpec& spec : specs) {
    EnvSpec alike = spec;
    alike.task = all.task;
    GENBA_CHECK(FirstDifference(all, alike).empty(), "one cell");
    for (const std::string& task : TasksOf(spec)) described.try_emplace(task, spec.description);
    for (std::size_t i = 0; i < all.observation.size(); ++i) {
      FieldSpec& field = all.observation[i];
      field.optional = field.optional || spec.observation[i].optional ||
                       field.identity.empty() != spec.observation[i].identity.empty();
      AddMissing(spec.observation[i].identity, field.identity);
    }
    AddMissing(spec.reward_terms, all.reward_terms);
    AddMissing(spec.terminations, all.terminations);
    for (const FieldSpec& measure : spec.measures) {
      const auto same = [&](const FieldSpec& known) { return known.name == measure.name; };
      if (std::none_of(all.measures.begin(), all.measures.end(), same)) all.measures.push_back(measure);
    }
    all.horizon = std::max(all.horizon, spec.horizon);
  }
  for (FieldSpec& field : all.observation) std::sort(field.identity.begin(), field.identity.end());
  all.task.clear();
  std::string description;
  for (const auto& [task, text] : described) {
    all.task += (all.task.empty() ? "" : std::string(1, kAnd)) + task;
    if (description.find(text) == std::string::npos) description += (description.empty() ? "" : " ") + text;
  }
  all.description = description;
  return all;
}

std::string FirstDifferenceFrom(const EnvSpec& policy, const EnvSpec& task) {
  EnvSpec one = policy;
  const std::vector<std::string> tasks = TasksOf(policy);
  if (std::find(tasks.begin(), tasks.end(), task.task) != tasks.end()) one.task = task.task;
  return FirstDifference(one, task);
}

}  // namespace genba
