// Where a backbone lies: the one that comes with Genba, what a run folder notes, and what is looked for by its hash.
#include <sys/auxv.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "policies/features.h"

namespace genba::policies {

namespace {

namespace fs = std::filesystem;

constexpr const char* kNote = "backbone.json";  // in a run folder

// What a run's note says, as far as there is such a folder. A note that cannot be read is no note.
std::vector<std::string> NotedPlaces(const fs::path& run) {
  std::vector<std::string> places;
  try {
    const std::string file = (run / kNote).string();
    const nlohmann::json note = ParseJson(ReadFile(file, 1 << 16), file);
    for (const fs::path& path : {run / JsonText(note, "path_from_run", file), fs::path(JsonText(note, "path", file))})
      places.push_back(path.string());
  } catch (const Error&) {
  }
  return places;
}

// Where a backbone of this name may lie, as far as something lies there.
std::vector<std::string> PlacesOf(const std::string& name, const fs::path& run) {
  if (IsOwnBackbone(name)) return {name};
  std::vector<std::string> candidates = {(DefaultBackbone().parent_path() / name).string()}, places;
  if (!run.empty()) {
    for (std::string& noted : NotedPlaces(run)) candidates.push_back(std::move(noted));
  }
  for (const std::string& candidate : candidates) {
    std::error_code ignored;
    const std::string folder = fs::weakly_canonical(candidate, ignored).string();
    if (fs::is_regular_file(fs::path(folder) / "config.json", ignored) &&
        std::find(places.begin(), places.end(), folder) == places.end())
      places.push_back(folder);
  }
  return places;
}

}  // namespace

// An installed program is lib/genba/genba of its folder. /proc/self/exe would be the loader that started it, if there is a /proc.
fs::path DefaultBackbone() {
  std::error_code ignored;
  const fs::path program = fs::canonical(reinterpret_cast<const char*>(::getauxval(AT_EXECFN)), ignored);
  const fs::path prefix = program.parent_path().parent_path().parent_path();
  const fs::path installed = prefix / "share/genba/models/genba-small";
  if (fs::exists(installed / "config.json", ignored)) return installed;
  return fs::path(GENBA_SOURCE_DIR) / "models/genba-small";
}

void NoteBackbone(const fs::path& run, const FeatureConfig& config, const std::string& hash) {
  if (IsOwnBackbone(config.backbone)) return;
  const fs::path folder = fs::absolute(config.backbone).lexically_normal();
  const nlohmann::json note{
      {"features_hash", hash},
      {"path", folder.string()},
      {"path_from_run", folder.lexically_relative(fs::absolute(run).lexically_normal()).string()}};
  try {
    WriteFileAtomically(run / kNote, ToText(note) + "\n");
  } catch (const Error& error) {
    LogWarning(std::string(error.what()) + "; --backbone will have to say where the run's backbone lies");
  }
}

std::unique_ptr<FeatureSource> FindFeatureSource(const FeatureConfig& wanted, const std::string& hash,
                                                 const fs::path& run, const FeaturePlaces& places) {
  FeatureConfig config = wanted;
  config.cache = places.cache;
  std::string found;
  for (const std::string& place :
       places.backbone.empty() ? PlacesOf(wanted.backbone, run) : std::vector<std::string>{places.backbone}) {
    config.backbone = place;
    found += found.empty() ? "" : "; ";
    try {
      std::unique_ptr<FeatureSource> source = MakeFeatureSource(config);
      if (source->hash() == hash) return source;
      found += place + " with " + source->hash().substr(0, 16) + "…";
    } catch (const Error& error) {
      if (!places.backbone.empty()) throw;
      found += error.what();
    }
  }
  throw BadInput({"policy", "backbone",
                  "'" + wanted.backbone + "' with features_hash " + hash.substr(0, 16) +
                      "… (--backbone DIR says where its files lie)",
                  found.empty() ? "no such folder" : found});
}

}  // namespace genba::policies
