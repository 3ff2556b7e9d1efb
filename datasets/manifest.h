// manifest.h - manifest.json: what a folder of shards is and which of them are committed.
// Internal to datasets; pure functions over text and files.
// Failure: a manifest that is missing, foreign, of another version, changed by hand or inconsistent → Error(kBadInput)
// naming the key.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "datasets/dataset.h"

namespace genba::datasets {

inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kFormatName = "genba-dataset";

// Of a shard: which one, and for a tail the first episode number that it does not cover.
struct ShardPlace {
  std::uint64_t number = 0;
  std::optional<std::uint64_t> tail_end;
};
std::string ShardName(const ShardPlace& place);              // "shard-00000.h5", "shard-00003-000037.h5"
std::optional<ShardPlace> PlaceOf(const std::string& file);  // nothing: not the name of a shard
// The first episode number behind what a committed shard covers.
std::uint64_t EndOfShard(const ShardInfo& shard, const DatasetInfo& info);

// With its own hash ("manifest_sha256", of the text without that key), so that no part of it can change unseen.
std::string ManifestText(const DatasetInfo& info);
DatasetInfo ParseManifest(const std::string& text, const std::string& file);
std::string ManifestHash(const DatasetInfo& info);

void CheckSchemaVersion(std::int64_t version, const std::string& file);

// Sizes and names that an array in a file can have; file: for the message.
void CheckDescription(const DatasetInfo& info, const std::string& file);

// First difference between descriptions, shards apart, as "config: … against …"; empty when equal.
std::string DescriptionDifference(const DatasetInfo& a, const DatasetInfo& b);

// A specification that reads back exactly as it is written: whole numbers whole, no unknown key.
EnvSpec SpecFromJson(const nlohmann::json& json, const std::string& file);
// First difference of any kind, empty when equal.
std::string SpecDifference(const EnvSpec& a, const EnvSpec& b);

// UTF-8 without control characters: what may be shown on a terminal.
bool IsText(const std::string& text);

}  // namespace genba::datasets
