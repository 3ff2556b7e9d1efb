#include "core/spec.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace genba {
namespace {

using Json = nlohmann::json;

Json FieldToJson(const FieldSpec& field) {
  return {{"name", field.name}, {"shape", field.shape}, {"unit", field.unit},        {"description", field.description},
          {"low", field.low},   {"high", field.high},   {"identity", field.identity}};
}

FieldSpec FieldFromJson(const Json& json) {
  FieldSpec field;
  json.at("name").get_to(field.name);
  json.at("shape").get_to(field.shape);
  json.at("unit").get_to(field.unit);
  json.at("description").get_to(field.description);
  json.at("low").get_to(field.low);
  json.at("high").get_to(field.high);
  json.at("identity").get_to(field.identity);
  return field;
}

Json FieldsToJson(const std::vector<FieldSpec>& fields) {
  Json list = Json::array();
  for (const FieldSpec& field : fields) list.push_back(FieldToJson(field));
  return list;
}

std::vector<FieldSpec> FieldsFromJson(const Json& json) {
  std::vector<FieldSpec> fields;
  for (const Json& item : json) fields.push_back(FieldFromJson(item));
  return fields;
}

template <class T>
std::string Differs(const std::string& key, const T& a, const T& b) {
  return a == b ? "" : key + ": " + Json(a).dump() + " against " + Json(b).dump();
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

EnvSpec EnvSpecFromJson(const Json& json, const std::string& file) try {
  EnvSpec spec;
  json.at("task").get_to(spec.task);
  json.at("description").get_to(spec.description);
  json.at("robots").get_to(spec.robots);
  spec.observation = FieldsFromJson(json.at("observation"));
  spec.action = FieldFromJson(json.at("action"));
  json.at("action_convention").get_to(spec.action_convention);
  json.at("reward_terms").get_to(spec.reward_terms);
  spec.measures = FieldsFromJson(json.at("measures"));
  json.at("terminations").get_to(spec.terminations);
  json.at("timestep").get_to(spec.timestep);
  json.at("substeps").get_to(spec.substeps);
  json.at("hold_time").get_to(spec.hold_time);
  json.at("horizon").get_to(spec.horizon);
  return spec;
} catch (const Json::exception& error) {
  throw BadInput({file, "env_spec", "a complete environment specification", error.what()});
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

}  // namespace genba
