#include "datasets/manifest.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "datasets/schema.h"

namespace genba::datasets {
namespace {

using Json = nlohmann::json;

constexpr int kMaxColumns = 1 << 22;                  // of one array and step
constexpr std::uint64_t kMaxShardBytes = 4ull << 30;  // a shard is read into memory
constexpr std::uint64_t kMaxEpisodes = 1ull << 40;    // numbers
constexpr int kMaxPerShard = 100000;
constexpr JsonLimits kLimits{.depth = 16, .bytes = 64u << 20, .values = 1u << 22};

Json ShardToJson(const ShardInfo& shard) {
  return {{"file", shard.file},       {"sha256", shard.sha256},
          {"bytes", shard.bytes},     {"episodes", shard.num_episodes},
          {"steps", shard.num_steps}, {"first_index", shard.first_index}};
}

ShardInfo ShardFromJson(const Json& json, const std::string& file) {
  CheckKeys(json, {"file", "sha256", "bytes", "episodes", "steps", "first_index"}, file);
  ShardInfo shard;
  shard.file = JsonText(json, "file", file, 64);
  shard.sha256 = JsonText(json, "sha256", file, 64);
  shard.bytes = JsonUint(json, "bytes", file, kMaxShardBytes);
  shard.num_episodes = static_cast<int>(JsonInt(json, "episodes", file, 1, kMaxPerShard));
  shard.num_steps = JsonInt(json, "steps", file, 1, std::int64_t{1} << 40);
  shard.first_index = JsonUint(json, "first_index", file, kMaxEpisodes);
  return shard;
}

void CheckShards(const DatasetInfo& info, const std::string& file) {
  const auto per_shard = static_cast<std::uint64_t>(info.episodes_per_shard);
  std::uint64_t next_number = 0;
  for (std::size_t i = 0; i < info.shards.size(); ++i) {
    const ShardInfo& shard = info.shards[i];
    const std::string key = "shards[" + std::to_string(i) + "]";
    const auto expect = [&](bool holds, const std::string& what, const std::string& expected, const std::string& got) {
      if (!holds) throw BadInput({file, key + what, expected, got});
    };
    // Names are known, so that a manifest cannot point anywhere else.
    const std::optional<ShardPlace> place = PlaceOf(shard.file);
    const bool last = i + 1 == info.shards.size();
    expect(place && place->number >= next_number && (last || !place->tail_end), ".file",
           ShardName({next_number, std::nullopt}) + " or a later one", Shown(shard.file));
    next_number = place->number + 1;
    const std::uint64_t begin = place->number * per_shard;
    expect(shard.first_index >= begin && shard.first_index < begin + per_shard, ".first_index",
           "an episode of shard " + std::to_string(place->number), std::to_string(shard.first_index));
    const std::uint64_t end = EndOfShard(shard, info);
    expect(end > shard.first_index && end <= begin + per_shard && end <= info.next_episode, ".file",
           "at most as far as next_episode " + std::to_string(info.next_episode), shard.file);
    expect(static_cast<std::uint64_t>(shard.num_episodes) <= end - shard.first_index, ".episodes",
           "at most " + std::to_string(end - shard.first_index) +
               (last ? " before next_episode " + std::to_string(info.next_episode) : ""),
           std::to_string(shard.num_episodes));
    expect(shard.num_steps >= shard.num_episodes && shard.num_steps / shard.num_episodes <= kMaxSteps, ".steps",
           "1 to " + std::to_string(kMaxSteps) + " in each episode", std::to_string(shard.num_steps));
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

Json ToJson(const DatasetInfo& info) {
  Json json = {{"format", kFormatName},
               {"schema_version", info.schema_version},
               {"engine_version", info.engine_version},
               {"builder_version", info.builder_version},
               {"processor", info.processor},
               {"revision", info.revision},
               {"policy", info.policy},
               {"env_spec", genba::ToJson(info.spec)},
               {"physics_size", info.physics_size},
               {"state_size", info.state_size},
               {"ctrl_size", info.ctrl_size},
               {"config_toml", info.config_toml},
               {"episodes_per_shard", info.episodes_per_shard},
               {"next_episode", info.next_episode},
               {"shards", Json::array()}};
  if (!info.writing.empty()) json["writing"] = info.writing;
  for (const ShardInfo& shard : info.shards) json["shards"].push_back(ShardToJson(shard));
  return json;
}

}  // namespace

std::string ShardName(const ShardPlace& place) {
  std::array<char, 64> text{};
  if (place.tail_end) {
    std::snprintf(text.data(), text.size(), "shard-%05llu-%06llu.h5", static_cast<unsigned long long>(place.number),
                  static_cast<unsigned long long>(*place.tail_end));
  } else {
    std::snprintf(text.data(), text.size(), "shard-%05llu.h5", static_cast<unsigned long long>(place.number));
  }
  return text.data();
}

std::optional<ShardPlace> PlaceOf(const std::string& file) {
  unsigned long long number = 0, end = 0;
  ShardPlace place;
  const int found = std::sscanf(file.c_str(), "shard-%15llu-%15llu", &number, &end);
  if (found < 1) return std::nullopt;
  place.number = number;
  if (found == 2) place.tail_end = end;
  if (number > kMaxEpisodes || ShardName(place) != file) return std::nullopt;
  return place;
}

std::uint64_t EndOfShard(const ShardInfo& shard, const DatasetInfo& info) {
  const std::optional<ShardPlace> place = PlaceOf(shard.file);
  GENBA_CHECK(place.has_value(), "a shard's name was checked");
  const std::uint64_t full = (place->number + 1) * static_cast<std::uint64_t>(info.episodes_per_shard);
  const bool last = !info.shards.empty() && shard.file == info.shards.back().file;
  return place->tail_end.value_or(last ? std::min(full, info.next_episode) : full);
}

std::string ManifestHash(const DatasetInfo& info) { return Sha256(ToJson(info).dump(2)); }

std::string ManifestText(const DatasetInfo& info) {
  Json json = ToJson(info);
  json["manifest_sha256"] = ManifestHash(info);
  return json.dump(2) + "\n";
}

void CheckSchemaVersion(std::int64_t version, const std::string& file) {
  if (version == kSchemaVersion) return;
  throw BadInput(
      {file, "schema_version", std::to_string(kSchemaVersion),
       std::to_string(version) + (version > kSchemaVersion ? " (written by a later Genba)"
                                                           : " (written by an earlier Genba: collect again)")});
}

DatasetInfo ParseManifest(const std::string& text, const std::string& file) {
  Json json = ParseJson(text, file, kLimits);
  if (!json.is_object() || !json.contains("format") || json["format"] != kFormatName)
    throw BadInput({file, "format", kFormatName, "something else"});
  CheckSchemaVersion(JsonInt(json, "schema_version", file), file);
  CheckKeys(json,
            {"format", "schema_version", "engine_version", "builder_version", "processor", "revision", "policy",
             "env_spec", "physics_size", "state_size", "ctrl_size", "config_toml", "episodes_per_shard", "next_episode",
             "writing", "shards", "manifest_sha256"},
            file);
  const std::string stored = JsonText(json, "manifest_sha256", file, 64);
  json.erase("manifest_sha256");
  const std::string hash = Sha256(json.dump(2));
  if (stored != hash) throw BadInput({file, "manifest_sha256", hash + " (of the rest)", Shown(stored)});
  DatasetInfo info;
  info.engine_version = JsonText(json, "engine_version", file, 64);
  info.builder_version = static_cast<int>(JsonInt(json, "builder_version", file, 0));
  info.processor = JsonText(json, "processor", file, 256);
  info.revision = JsonText(json, "revision", file, 256);
  info.policy = JsonText(json, "policy", file, 256);
  info.spec = SpecFromJson(JsonObject(json, "env_spec", file), file);
  info.physics_size = static_cast<int>(JsonInt(json, "physics_size", file, 1, kMaxColumns));
  info.state_size = static_cast<int>(JsonInt(json, "state_size", file, 1, kMaxColumns));
  info.ctrl_size = static_cast<int>(JsonInt(json, "ctrl_size", file, 1, kMaxColumns));
  info.config_toml = JsonText(json, "config_toml", file);
  info.episodes_per_shard = static_cast<int>(JsonInt(json, "episodes_per_shard", file, 1, kMaxPerShard));
  info.next_episode = JsonUint(json, "next_episode", file, kMaxEpisodes);
  if (json.contains("writing")) info.writing = JsonText(json, "writing", file, 64);
  for (const Json& shard : JsonArray(json, "shards", file, 1 << 20)) info.shards.push_back(ShardFromJson(shard, file));
  CheckDescription(info, file);
  CheckShards(info, file);
  return info;
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

EnvSpec SpecFromJson(const nlohmann::json& json, const std::string& file) {
  EnvSpec spec = EnvSpecFromJson(json, file);
  if (genba::ToJson(spec) != json)
    throw BadInput({file, "env_spec", "whole numbers where they are due, no unknown keys", "others"});
  return spec;
}

std::string SpecDifference(const EnvSpec& a, const EnvSpec& b) {
  const std::string text = FirstDifference(a, b);
  if (!text.empty()) return "env_spec." + text;
  const Json json_a = genba::ToJson(a), json_b = genba::ToJson(b);
  for (const auto& [key, value] : json_a.items()) {
    if (value != json_b.at(key)) return "env_spec." + key + ": " + Shown(value) + " against " + Shown(json_b.at(key));
  }
  return "";
}

bool IsText(const std::string& text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), control)) return false;
  try {
    (void)Json(text).dump();  // throws for bytes that are no UTF-8
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

std::string DescriptionDifference(const DatasetInfo& a, const DatasetInfo& b) {
  const auto [setting_a, setting_b] = FirstDifferentLines(a.config_toml, b.config_toml);
  const auto differs = [](const std::string& key, const std::string& x, const std::string& y) {
    return x == y ? "" : key + ": " + Shown(x) + " against " + Shown(y);
  };
  for (const std::string& difference :
       {SpecDifference(a.spec, b.spec), differs("engine_version", a.engine_version, b.engine_version),
        differs("builder_version", std::to_string(a.builder_version), std::to_string(b.builder_version)),
        differs("processor", a.processor, b.processor), differs("revision", a.revision, b.revision),
        differs("policy", a.policy, b.policy),
        differs("physics_size", std::to_string(a.physics_size), std::to_string(b.physics_size)),
        differs("state_size", std::to_string(a.state_size), std::to_string(b.state_size)),
        differs("ctrl_size", std::to_string(a.ctrl_size), std::to_string(b.ctrl_size)),
        differs("episodes_per_shard", std::to_string(a.episodes_per_shard), std::to_string(b.episodes_per_shard)),
        differs("config", setting_a, setting_b)}) {
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace genba::datasets
