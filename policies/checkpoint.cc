#include "policies/checkpoint.h"

#include <algorithm>
#include <cstdio>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"

namespace genba::policies {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFormat = "genba.policy";
constexpr int kVersion = 1;
constexpr const char* kFiles[] = {"policy.safetensors", "training.safetensors", "state.json"};
constexpr std::size_t kMaxJson = std::size_t{1} << 24;

std::string StepName(std::int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "step-%08lld", static_cast<long long>(step));
  return name;
}

nlohmann::json ParseJson(const std::string& text, const std::string& file) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) throw BadInput({file, "", "valid JSON", "something else"});
  return json;
}

// Hashes of DONE against the files; the bytes that were hashed are the bytes that are parsed.
std::vector<std::string> ReadVerified(const fs::path& folder) {
  const fs::path done = folder / "DONE";
  if (!fs::exists(done))
    throw BadInput({folder.string(), "DONE", "a finished checkpoint", "no such file: it was not written to its end"});
  const nlohmann::json hashes = ParseJson(ReadFile(done, kMaxJson), done.string());
  std::vector<std::string> contents;
  for (const char* name : kFiles) {
    const fs::path path = folder / name;
    if (!hashes.is_object() || !hashes.contains(name) || !hashes[name].is_string())
      throw BadInput({done.string(), name, "a sha256", "nothing"});
    contents.push_back(ReadFile(path));
    const std::string got = Sha256(contents.back());
    if (got != hashes[name].get<std::string>()) {
      throw BadInput(
          {path.string(), "sha256", hashes[name].get<std::string>(), got + " (the file was cut or changed)"});
    }
  }
  return contents;
}

std::vector<fs::path> StepFolders(const fs::path& checkpoints) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(checkpoints, ignored)) {
    if (entry.path().filename().string().starts_with("step-")) folders.push_back(entry.path());
  }
  std::sort(folders.rbegin(), folders.rend());
  return folders;
}

}  // namespace

void PutManifest(const Manifest& manifest, TensorFile& file) {
  const nlohmann::json json = {{"format", kFormat},
                               {"version", kVersion},
                               {"spec", ToJson(manifest.spec)},
                               {"config", ToJson(manifest.config)},
                               {"normalizer", ToJson(manifest.normalizer)},
                               {"features_hash", manifest.features_hash},
                               {"text_dim", manifest.text_dim},
                               {"action_convention", manifest.spec.action_convention}};
  file.metadata["manifest"] = json.dump();
}

Manifest GetManifest(const TensorFile& tensors, const std::string& file) {
  const auto found = tensors.metadata.find("manifest");
  if (found == tensors.metadata.end())
    throw BadInput({file, "__metadata__.manifest", "a policy's manifest", "nothing"});
  const nlohmann::json json = ParseJson(found->second, file + ": manifest");
  if (!json.is_object() || json.value("format", "") != kFormat)
    throw BadInput({file, "manifest.format", kFormat, "something else"});
  for (const char* key : {"version", "spec", "config", "normalizer", "features_hash", "text_dim"}) {
    if (!json.contains(key)) throw BadInput({file, std::string("manifest.") + key, "a value", "nothing"});
  }
  if (json["version"] != kVersion)
    throw BadInput({file, "manifest.version", std::to_string(kVersion), json["version"].dump()});
  Manifest manifest;
  manifest.spec = EnvSpecFromJson(json["spec"], file);
  manifest.config = PolicyConfigFromJson(json["config"], file);
  manifest.normalizer = NormalizerFromJson(json["normalizer"], manifest.spec, file);
  if (!json["features_hash"].is_string())
    throw BadInput({file, "manifest.features_hash", "text", json["features_hash"].type_name()});
  manifest.features_hash = json["features_hash"].get<std::string>();
  if (!json["text_dim"].is_number_integer() || json["text_dim"] < 1 || json["text_dim"] > 65536) {
    throw BadInput({file, "manifest.text_dim", "1 … 65536", json["text_dim"].dump()});
  }
  manifest.text_dim = json["text_dim"].get<int>();
  return manifest;
}

fs::path SaveCheckpoint(const fs::path& folder, std::int64_t step, const Checkpoint& checkpoint) {
  MakeWritableFolder(folder);
  const fs::path target = folder / StepName(step);
  RemoveTemporaries(folder);
  const fs::path temporary = TemporaryName(target);
  MakeWritableFolder(temporary);
  const std::string contents[] = {SerializeSafetensors(checkpoint.policy), SerializeSafetensors(checkpoint.training),
                                  checkpoint.state.dump(1) + "\n"};
  nlohmann::json done;
  for (std::size_t i = 0; i < std::size(kFiles); ++i) {
    WriteFileAtomically(temporary / kFiles[i], contents[i]);
    done[kFiles[i]] = Sha256(contents[i]);
  }
  WriteFileAtomically(temporary / "DONE", done.dump(1) + "\n");
  std::error_code code;
  fs::remove_all(target, code);  // a torn one of the same step
  fs::rename(temporary, target, code);
  if (code) throw SystemError("rename to", target.string(), code.value());
  FsyncFolder(folder);
  return target;
}

Checkpoint LoadCheckpoint(const fs::path& folder, bool with_training) {
  const std::vector<std::string> contents = ReadVerified(folder);
  Checkpoint checkpoint;
  checkpoint.policy = ParseSafetensors(contents[0], (folder / kFiles[0]).string());
  if (with_training) checkpoint.training = ParseSafetensors(contents[1], (folder / kFiles[1]).string());
  checkpoint.state = ParseJson(contents[2], (folder / kFiles[2]).string());
  return checkpoint;
}

FoundCheckpoint FindNewestCheckpoint(const fs::path& checkpoints) {
  FoundCheckpoint found;
  for (const fs::path& folder : StepFolders(checkpoints)) {
    try {
      ReadVerified(folder);
      found.folder = folder;
      return found;
    } catch (const Error& error) {
      found.problems.push_back(error.what());
    }
  }
  return found;
}

void PruneCheckpoints(const fs::path& checkpoints, int keep) {
  const std::vector<fs::path> folders = StepFolders(checkpoints);
  for (std::size_t i = static_cast<std::size_t>(keep); i < folders.size(); ++i) {
    std::error_code ignored;
    fs::remove(folders[i] / "DONE", ignored);  // from here on it is not a checkpoint
    fs::remove_all(folders[i], ignored);
  }
  for (const auto& entry : fs::directory_iterator(checkpoints)) {
    std::error_code ignored;
    if (entry.path().filename().string().starts_with(".tmp-")) fs::remove_all(entry.path(), ignored);
  }
}

FoundCheckpoint ResolveCheckpoint(const fs::path& source) {
  if (!fs::is_directory(source))
    throw BadInput({source.string(), "", "a run or checkpoint folder, random or zero", "nothing there"});
  FoundCheckpoint found;
  const bool is_checkpoint =
      fs::exists(source / "DONE") || fs::exists(source / kFiles[0]) || source.filename().string().starts_with("step-");
  if (is_checkpoint) {
    found.folder = source;
    return found;
  }
  found = FindNewestCheckpoint(fs::is_directory(source / "checkpoints") ? source / "checkpoints" : source);
  if (found.folder.empty()) {
    throw BadInput({source.string(), "checkpoints", "a finished checkpoint",
                    found.problems.empty() ? "none" : found.problems.front()});
  }
  return found;
}

}  // namespace genba::policies
