#include "datasets/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "core/error.h"

namespace genba::datasets {
namespace {

using Json = nlohmann::json;

constexpr int kMaxColumns = 1 << 22;  // of one array and step

Json ShardToJson(const ShardInfo& shard) {
  return {{"file", shard.file},
          {"sha256", shard.sha256},
          {"episodes", shard.num_episodes},
          {"steps", shard.num_steps},
          {"first_index", shard.first_index}};
}

ShardInfo ShardFromJson(const Json& json) {
  ShardInfo shard;
  json.at("file").get_to(shard.file);
  json.at("sha256").get_to(shard.sha256);
  json.at("episodes").get_to(shard.num_episodes);
  json.at("steps").get_to(shard.num_steps);
  json.at("first_index").get_to(shard.first_index);
  return shard;
}

void CheckShards(const DatasetInfo& info, const std::string& file) {
  std::uint64_t next_index = 0;
  for (std::size_t i = 0; i < info.shards.size(); ++i) {
    const ShardInfo& shard = info.shards[i];
    const std::string key = "shards[" + std::to_string(i) + "]";
    // Names are known, so that a manifest cannot point anywhere else.
    if (shard.file != ShardName(i)) throw BadInput({file, key + ".file", ShardName(i), shard.file});
    const bool sizes = shard.num_episodes >= 1 && shard.num_steps >= shard.num_episodes &&
                       shard.num_steps / shard.num_episodes <= (1 << 20);
    if (!sizes) {
      throw BadInput({file, key, "at least one episode and one step in each",
                      std::to_string(shard.num_episodes) + " episodes, " + std::to_string(shard.num_steps) + " steps"});
    }
    if (shard.first_index < next_index) {
      throw BadInput(
          {file, key + ".first_index", "at least " + std::to_string(next_index), std::to_string(shard.first_index)});
    }
    next_index = shard.first_index + static_cast<std::uint64_t>(shard.num_episodes);
  }
}

bool IsPlainName(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), plain);
}

void CheckField(const FieldSpec& field, const std::string& key, const std::string& file) {
  std::int64_t size = 1;
  for (const int extent : field.shape) {
    size *= extent;
    if (extent < 1 || size > kMaxColumns)
      throw BadInput({file, key + ".shape", "extents from 1, product up to " + std::to_string(kMaxColumns),
                      Json(field.shape).dump()});
  }
}

std::string Shown(const std::string& text) { return text.size() <= 60 ? text : text.substr(0, 60) + "..."; }

}  // namespace

std::string ShardName(std::size_t number) {
  const std::string digits = std::to_string(number);
  return "shard-" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits + ".h5";
}

bool IsShardName(const std::string& name) { return name.starts_with("shard-") && name.ends_with(".h5"); }

std::string ManifestText(const DatasetInfo& info) {
  Json json = {
      {"format", kFormatName},         {"schema_version", info.schema_version}, {"engine_version", info.engine_version},
      {"revision", info.revision},     {"env_spec", ToJson(info.spec)},         {"physics_size", info.physics_size},
      {"state_size", info.state_size}, {"config_toml", info.config_toml},       {"shards", Json::array()}};
  for (const ShardInfo& shard : info.shards) json["shards"].push_back(ShardToJson(shard));
  return json.dump(2) + "\n";
}

DatasetInfo ParseManifest(const std::string& text, const std::string& file) try {
  const Json json = Json::parse(text);
  if (!json.is_object() || json.value("format", "") != kFormatName)
    throw BadInput({file, "format", kFormatName, "something else"});
  DatasetInfo info;
  json.at("schema_version").get_to(info.schema_version);
  if (info.schema_version != kSchemaVersion) {
    const std::string later = info.schema_version > kSchemaVersion ? " (written by a later Genba)" : "";
    throw BadInput(
        {file, "schema_version", std::to_string(kSchemaVersion), std::to_string(info.schema_version) + later});
  }
  json.at("engine_version").get_to(info.engine_version);
  json.at("revision").get_to(info.revision);
  info.spec = EnvSpecFromJson(json.at("env_spec"), file);
  json.at("physics_size").get_to(info.physics_size);
  json.at("state_size").get_to(info.state_size);
  json.at("config_toml").get_to(info.config_toml);
  for (const Json& shard : json.at("shards")) info.shards.push_back(ShardFromJson(shard));
  CheckDescription(info, file);
  CheckShards(info, file);
  return info;
} catch (const Json::exception& error) {
  throw BadInput({file, "", "a complete manifest", error.what()});
}

void CheckDescription(const DatasetInfo& info, const std::string& file) {
  const auto size = [&](const char* key, int value) {
    if (value < 1 || value > kMaxColumns)
      throw BadInput({file, key, "1 to " + std::to_string(kMaxColumns), std::to_string(value)});
  };
  size("physics_size", info.physics_size);
  size("state_size", info.state_size);
  std::set<std::string> names;
  std::int64_t columns = 0;
  for (const FieldSpec& field : info.spec.observation) {
    const std::string key = "env_spec.observation." + field.name;
    if (!IsPlainName(field.name) || !names.insert(field.name).second)
      throw BadInput({file, key, "a name of its own in [a-z0-9_]", field.name});
    CheckField(field, key, file);
    columns += field.size();
  }
  if (columns > kMaxColumns)
    throw BadInput(
        {file, "env_spec.observation", "at most " + std::to_string(kMaxColumns) + " columns", std::to_string(columns)});
  CheckField(info.spec.action, "env_spec.action", file);
}

namespace {

// Of two settings files, the first line of each that the other does not have there.
std::pair<std::string, std::string> FirstDifferentLines(const std::string& a, const std::string& b) {
  std::istringstream lines_a(a), lines_b(b);
  std::string line_a, line_b;
  for (bool more = true; more && line_a == line_b;) {
    line_a.clear();
    line_b.clear();
    const bool more_a = !std::getline(lines_a, line_a).fail(), more_b = !std::getline(lines_b, line_b).fail();
    more = more_a || more_b;
  }
  return {line_a, line_b};
}

}  // namespace

std::string DescriptionDifference(const DatasetInfo& a, const DatasetInfo& b) {
  const auto [setting_a, setting_b] = FirstDifferentLines(a.config_toml, b.config_toml);
  const auto differs = [](const std::string& key, const std::string& x, const std::string& y) {
    return x == y ? "" : key + ": " + Shown(x) + " against " + Shown(y);
  };
  std::string text = FirstDifference(a.spec, b.spec);
  if (!text.empty()) return "env_spec." + text;
  for (const std::string& difference :
       {differs("engine_version", a.engine_version, b.engine_version), differs("revision", a.revision, b.revision),
        differs("physics_size", std::to_string(a.physics_size), std::to_string(b.physics_size)),
        differs("state_size", std::to_string(a.state_size), std::to_string(b.state_size)),
        differs("config", setting_a, setting_b), differs("env_spec", ToJson(a.spec).dump(), ToJson(b.spec).dump())}) {
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace genba::datasets
