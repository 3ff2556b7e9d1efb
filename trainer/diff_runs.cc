#include <algorithm>
#include <limits>
#include <map>

#include "core/atomic_file.h"
#include "core/json.h"
#include "core/json_difference.h"
#include "policies/checkpoint.h"
#include "trainer/diff.h"
#include "trainer/diff_tensors.h"
#include "trainer/metrics.h"
#include "trainer/run_folder.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMaxConfig = 1 << 20;  // bytes of config.toml
// Names the backbone; which one it is, features_hash says.
constexpr const char* kBackboneName = "manifest.config.backbone";

json Pair(const std::string& key, const json& a, const json& b) { return {{"key", key}, {"a", a}, {"b", b}}; }
json ValueOf(const std::string& setting) { return setting.empty() ? json() : json(setting); }

std::string Config(const fs::path& run) {
  const fs::path file = run / "config.toml";
  return fs::exists(file) ? ReadFile(file, kMaxConfig) : "";
}

json DiffSettings(const std::string& a, const std::string& b) {
  json different = json::array(), apart = json::array();
  for (const SettingDifference& setting : SettingDifferences(a, b))
    (setting.may_change ? apart : different)
        .push_back(Pair(setting.key, ValueOf(setting.before), ValueOf(setting.now)));
  return {{"different", different}, {"apart", apart}};
}

// How often it logs may differ: only steps that both tell of are compared.
json DiffMetrics(const std::vector<MetricsLine>& a, const std::vector<MetricsLine>& b) {
  std::map<std::int64_t, const json*> lines;
  for (const MetricsLine& line : a) lines[line.step] = &line.values;
  int common = 0, different = 0;
  json first;
  for (const MetricsLine& line : b) {
    const auto found = lines.find(line.step);
    if (found == lines.end()) continue;
    ++common;
    const auto parts = JsonDifferences(*found->second, line.values);
    if (parts.empty() || different++ > 0) continue;
    first = Pair(parts.front().place, parts.front().a, parts.front().b);
    first["step"] = line.step;
  }
  const auto last = [](const std::vector<MetricsLine>& of) { return of.empty() ? json() : json(of.back().step); };
  return {
      {"common", common}, {"different", different}, {"first", first}, {"last_step", {{"a", last(a)}, {"b", last(b)}}}};
}

// state.json without what stands elsewhere: settings, and who wrote it.
json DiffState(json a, json b, const json& settings) {
  json different = json::array(), apart = json::array();
  const auto text = [](const json& state) {
    return state.value("settings", json()).is_string() ? state["settings"].get<std::string>() : "";
  };
  const auto told = [&](const std::string& key) {
    const json& known = settings.at("different");
    return std::any_of(known.begin(), known.end(), [&](const json& setting) { return setting.at("key") == key; });
  };
  for (const SettingDifference& setting : SettingDifferences(text(a), text(b))) {
    if (!told(setting.key))
      different.push_back(Pair("settings." + setting.key, ValueOf(setting.before), ValueOf(setting.now)));
  }
  for (const char* key : {"genba", "revision"}) {
    if (a.value(key, json()) != b.value(key, json()))
      apart.push_back(Pair(key, a.value(key, json()), b.value(key, json())));
  }
  for (const char* key : {"genba", "revision", "settings"}) a.erase(key), b.erase(key);
  for (const JsonDifference& difference : JsonDifferences(a, b))
    different.push_back(Pair(difference.place, difference.a, difference.b));
  return {{"different", different}, {"apart", apart}};
}

void CheckIsObject(const policies::Checkpoint& checkpoint, const fs::path& folder) {
  JsonInt(checkpoint.state, "step", (folder / "state.json").string(), 0, std::numeric_limits<std::int64_t>::max());
}

json DiffCheckpoint(const fs::path& folder_a, const fs::path& folder_b, const json& settings) {
  const policies::Checkpoint a = policies::LoadCheckpoint(folder_a, true), b = policies::LoadCheckpoint(folder_b, true);
  CheckIsObject(a, folder_a);
  CheckIsObject(b, folder_b);
  json policy = DiffTensors(a.policy, b.policy), state = DiffState(a.state, b.state, settings);
  json kept = json::array();
  for (const json& row : policy["metadata"]) (row.at("key") == kBackboneName ? state["apart"] : kept).push_back(row);
  policy["metadata"] = std::move(kept);
  return {{"policy", policy},
          {"training", DiffTensors(a.training, b.training)},
          {"worlds", DiffWorlds(a.training, b.training)},
          {"state", state}};
}

// The first of what a checkpoint's parts differ in; null: they are equal.
json FirstOf(const json& checkpoint) {
  const json& worlds = checkpoint.at("worlds");
  const json world = worlds.is_null() || worlds.at("first").is_null() ? json() : worlds.at("first");
  const auto as = [&](json row, const char* file) {
    row["file"] = file;
    if (!world.is_null()) row["world"] = world.at("world");
    return row;
  };
  for (const auto& [part, file] : {std::pair{"policy", "policy.safetensors"}, {"training", "training.safetensors"}}) {
    if (!checkpoint.at(part).at("different").empty()) return as(checkpoint.at(part).at("different").front(), file);
  }
  if (!world.is_null()) return as(world, "training.safetensors");
  for (const auto& [part, file] : {std::pair{"policy", "policy.safetensors"}, {"training", "training.safetensors"}}) {
    if (!checkpoint.at(part).at("metadata").empty()) return as(checkpoint.at(part).at("metadata").front(), file);
  }
  const json& state = checkpoint.at("state").at("different");
  return state.empty() ? json() : as(state.front(), "state.json");
}

// One row of the answer: every key, null where it tells nothing.
json First(const json& row, const json& step) {
  json first{{"step", step}, {"episode", nullptr}};
  for (const char* key : {"world", "file", "key", "tensor", "field", "index", "a", "b"})
    first[key] = row.value(key, json());
  return first;
}

using Steps = std::map<std::int64_t, fs::path>;

std::int64_t Length(const std::vector<MetricsLine>& lines, const Steps& checkpoints) {
  const std::int64_t told = lines.empty() ? 0 : lines.back().step;
  return std::max(told, checkpoints.empty() ? 0 : checkpoints.rbegin()->first);
}

json StepsWithout(const Steps& these, const Steps& others) {
  json steps = json::array();
  for (const auto& [step, folder] : these) {
    if (!others.contains(step)) steps.push_back(step);
  }
  return steps;
}

// Steps of their metrics and checkpoints, in order; what tells nothing of a step comes last.
json Earliest(const json& result) {
  const json& metrics = result.at("metrics").at("first");
  json first = metrics.is_null() ? json() : First(metrics, metrics.at("step"));
  if (!first.is_null()) first["file"] = "metrics.jsonl";
  for (const json& checkpoint : result.at("checkpoints")) {
    const json row = FirstOf(checkpoint);
    if (row.is_null()) continue;
    if (first.is_null() || checkpoint.at("step") < first.at("step")) first = First(row, checkpoint.at("step"));
    break;
  }
  if (!first.is_null()) return first;
  const json& settings = result.at("settings").at("different");
  if (!settings.empty()) {
    first = First(settings.front(), nullptr);
    first["file"] = "config.toml";
    return first;
  }
  const json& length = result.at("length");
  if (length.at("a") != length.at("b"))
    return First(Pair("length", length.at("a"), length.at("b")), std::min(length.at("a"), length.at("b")));
  return nullptr;
}

}  // namespace

json DiffRuns(const fs::path& a, const fs::path& b) {
  json result{{"a", a.string()}, {"b", b.string()}, {"kind", "run"}, {"episodes", nullptr}};
  const json settings = DiffSettings(Config(a), Config(b));
  const std::vector<MetricsLine> lines_a = ReadMetrics(a / "metrics.jsonl"), lines_b = ReadMetrics(b / "metrics.jsonl");
  const Steps steps_a = policies::FinishedCheckpoints(a / "checkpoints"),
              steps_b = policies::FinishedCheckpoints(b / "checkpoints");
  json checkpoints = json::array();
  for (const auto& [step, folder] : steps_a) {
    if (!steps_b.contains(step)) continue;
    checkpoints.push_back(DiffCheckpoint(folder, steps_b.at(step), settings));
    checkpoints.back()["step"] = step;
  }
  result["settings"] = settings;
  result["metrics"] = DiffMetrics(lines_a, lines_b);
  result["checkpoints"] = checkpoints;
  result["checkpoints_in_one"] = {{"a", StepsWithout(steps_a, steps_b)}, {"b", StepsWithout(steps_b, steps_a)}};
  result["length"] = {{"a", Length(lines_a, steps_a)}, {"b", Length(lines_b, steps_b)}};
  json first = Earliest(result);
  // Of what was not compared nothing is claimed.
  if (first.is_null() && checkpoints.empty() && steps_a.size() + steps_b.size() > 0)
    first =
        First(Pair("checkpoints in common", StepsWithout(steps_a, steps_b), StepsWithout(steps_b, steps_a)), nullptr);
  result["first"] = first;
  result["equal"] = first.is_null();
  return result;
}

}  // namespace genba::trainer
