// manifest.h - manifest.json: what a folder of shards is and which of them are committed.
// Internal to datasets; pure functions over text and files.
// Failure: a manifest that is missing, foreign, of a later version or inconsistent → Error(kBadInput) naming the key.
#pragma once
#include <filesystem>
#include <string>

#include "datasets/dataset.h"

namespace genba::datasets {

inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kFormatName = "genba-dataset";

std::string ShardName(std::size_t number);  // "shard-00000.h5"
bool IsShardName(const std::string& name);

std::string ManifestText(const DatasetInfo& info);
DatasetInfo ParseManifest(const std::string& text, const std::string& file);

// Sizes and names that an array in a file can have; file: for the message.
void CheckDescription(const DatasetInfo& info, const std::string& file);

// First difference between descriptions, shards apart, as "config_toml: … against …"; empty when equal.
std::string DescriptionDifference(const DatasetInfo& a, const DatasetInfo& b);

}  // namespace genba::datasets
