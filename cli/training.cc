#include "cli/training.h"

#include <filesystem>

#include "core/json.h"

namespace genba::cli {

void RunOptions::AddTo(CLI::App& command, const std::string& settings_help) {
  ranks.AddTo(command);
  command.add_option("--out", out, "run folder")->required();
  command.add_flag(
      "--resume", resume,
      "go on from the newest whole checkpoint, bit for bit; settings and what is learned from are the run's");
  AddFeaturePlaces(command, places);
  settings.AddTo(command, settings_help);
  AddTrace(command, &trace);
  json.AddTo(command);
}

void AddTrace(CLI::App& command, std::string* file) {
  AddOutput(
      command, "--trace", file,
      "where the time goes (step, data, learn, optimiser, …), for ui.perfetto.dev or chrome://tracing, some 90 bytes a "
      "span; changes no result. Of several ranks each writes its own, rank N's with .rankN before the extension");
}

std::string KeptPath(const std::string& path) {
  const std::string absolute = std::filesystem::absolute(path).string();
  return ParseJson(ToText(absolute), "path") == absolute ? absolute : "";
}

std::vector<std::string> KeptPaths(const std::vector<std::string>& paths) {
  std::vector<std::string> kept;
  for (const std::string& path : paths) kept.push_back(KeptPath(path));
  return kept;
}

void KeepBackbone(const policies::FeaturePlaces& given, policies::FeatureConfig& features, ConfigTable& settings) {
  if (!given.backbone.empty()) settings.Set("policy.backbone=" + given.backbone);
  // A relative folder would be another one where the run is resumed.
  if (const std::string kept = KeptPath(features.backbone);
      !policies::IsOwnBackbone(features.backbone) && !kept.empty())
    settings.Set("policy.backbone=" + kept);
  features.cache = given.cache;
}

}  // namespace genba::cli
