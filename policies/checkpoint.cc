#include "policies/checkpoint.h"

#include <algorithm>
#include <cstdio>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"

namespace genba::policies {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFormat = "genba.policy";
constexpr int kVersion = 3;  // 1 held paths of the machine it was trained on, 2 acted on everything
constexpr const char* kFiles[] = {"policy.safetensors", "training.safetensors", "state.json"};
constexpr std::size_t kMaxJson = std::size_t{1} << 24, kMaxTensors = std::size_t{1} << 32;  // bytes

std::string StepName(std::int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "step-%08lld", static_cast<long long>(step));
  return name;
}

// A policy folder may come from elsewhere: only what lies in it is read, no device and nothing that a link leads to.
void CheckIsOwnFile(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(path, ignored);
  if (!fs::is_regular_file(status))
    throw BadInput({path.string(), "", "a plain file", fs::exists(status) ? "a link or something else" : "nothing"});
}

enum class Keep { kNothing, kPolicy, kAll };  // contents of which files; the others are only hashed, piece by piece

// Hashes of DONE against the files; the bytes that were hashed are the bytes that are parsed.
std::vector<std::string> ReadVerified(const fs::path& folder, Keep keep) {
  const fs::path done = folder / "DONE";
  std::error_code ignored;
  if (!fs::exists(done, ignored))
    throw BadInput({folder.string(), "DONE", "a finished checkpoint", "no such file: it was not written to its end"});
  CheckIsOwnFile(done);
  const nlohmann::json hashes = ParseJson(ReadFile(done, kMaxJson), done.string());
  std::vector<std::string> contents;
  for (const char* name : kFiles) {
    const fs::path path = folder / name;
    const std::string expected = JsonText(hashes, name, done.string(), 64);
    const bool kept = keep == Keep::kAll || (keep == Keep::kPolicy && name != kFiles[1]);
    CheckIsOwnFile(path);
    contents.push_back(kept ? ReadFile(path, kMaxTensors) : "");
    const std::string got = kept ? Sha256(contents.back()) : Sha256File(path);
    if (got != expected) throw BadInput({path.string(), "sha256", expected, got + " (the file was cut or changed)"});
  }
  return contents;
}

// The step of a checkpoint's folder name; -1: none of ours.
std::int64_t StepOf(const fs::path& folder) {
  long long step = -1;
  const std::string name = folder.filename().string();
  return std::sscanf(name.c_str(), "step-%18lld", &step) == 1 && name == StepName(step) ? step : -1;
}

// Newest first, by number: step-100000000 comes after step-99999999.
std::vector<fs::path> StepFolders(const fs::path& checkpoints) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(checkpoints, ignored)) {
    if (StepOf(entry.path()) >= 0) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end(), [](const fs::path& a, const fs::path& b) { return StepOf(a) > StepOf(b); });
  return folders;
}

bool IsWhole(const fs::path& folder) {
  try {
    ReadVerified(folder, Keep::kNothing);
    return true;
  } catch (const Error&) {
    return false;
  }
}

nlohmann::json ToJson(const Manifest& manifest) {
  return {{"format", kFormat},
          {"version", kVersion},
          {"spec", ToJson(manifest.spec)},
          {"config", ToJson(manifest.config)},
          {"normalizer", ToJson(manifest.normalizer)},
          {"features_hash", manifest.features_hash},
          {"text_dim", manifest.text.dim},
          {"word_dim", manifest.text.word_dim},
          {"answer", ToJson(manifest.answer)},
          {"action_convention", manifest.spec.action_convention}};
}

}  // namespace

void PutManifest(const Manifest& manifest, TensorFile& file) { file.metadata["manifest"] = ToJson(manifest).dump(); }

Manifest GetManifest(const TensorFile& tensors, const std::string& file) {
  const auto found = tensors.metadata.find("manifest");
  if (found == tensors.metadata.end())
    throw BadInput({file, "__metadata__.manifest", "a policy's manifest", "nothing"});
  const std::string place = file + ": manifest";
  const nlohmann::json json = ParseJson(found->second, place);
  if (const std::string format = JsonText(json, "format", place, 64); format != kFormat)
    throw BadInput({place, "format", kFormat, format});
  JsonInt(json, "version", place, kVersion, kVersion);
  Manifest manifest;
  manifest.spec = EnvSpecFromJson(JsonObject(json, "spec", place), place);
  manifest.config = PolicyConfigFromJson(JsonObject(json, "config", place), place);
  manifest.normalizer = NormalizerFromJson(JsonObject(json, "normalizer", place), manifest.spec, place);
  manifest.features_hash = JsonText(json, "features_hash", place, 64);
  manifest.text.dim = static_cast<int>(JsonInt(json, "text_dim", place, 1, 65536));
  manifest.text.word_dim = static_cast<int>(JsonInt(json, "word_dim", place, 1, manifest.text.dim));
  manifest.answer = AnswerCalibrationFromJson(JsonObject(json, "answer", place), place + ".answer");
  return manifest;
}

std::string PolicyIdentity(const Manifest& manifest, const TensorFile& tensors) {
  nlohmann::json what = ToJson(manifest);
  what["config"].erase("backbone");  // a name; the backbone itself is features_hash
  Sha256Stream hash;
  hash.Add(what.dump());
  for (const auto& [name, tensor] : tensors.tensors) {
    hash.Add("\n" + name + " " + NameOf(tensor.type) + " " + ShapeText(tensor.shape) + "\n");
    hash.Add(tensor.bytes);
  }
  return hash.Finish();
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
  const std::vector<std::string> contents = ReadVerified(folder, with_training ? Keep::kAll : Keep::kPolicy);
  Checkpoint checkpoint;
  checkpoint.policy = ParseSafetensors(contents[0], (folder / kFiles[0]).string());
  if (with_training) checkpoint.training = ParseSafetensors(contents[1], (folder / kFiles[1]).string());
  checkpoint.state = ParseJson(contents[2], (folder / kFiles[2]).string());
  return checkpoint;
}

std::map<std::int64_t, fs::path> FinishedCheckpoints(const fs::path& checkpoints) {
  std::map<std::int64_t, fs::path> finished;
  std::error_code ignored;
  for (const fs::path& folder : StepFolders(checkpoints)) {
    if (fs::exists(folder / "DONE", ignored)) finished[StepOf(folder)] = folder;
  }
  return finished;
}

FoundCheckpoint FindNewestCheckpoint(const fs::path& checkpoints) {
  FoundCheckpoint found;
  for (const fs::path& folder : StepFolders(checkpoints)) {
    try {
      ReadVerified(folder, Keep::kNothing);
      found.folder = folder;
      return found;
    } catch (const Error& error) {
      found.problems.push_back(error.what());
    }
  }
  return found;
}

void PruneCheckpoints(const fs::path& checkpoints, int keep) {
  int whole = 0;
  for (const fs::path& folder : StepFolders(checkpoints)) {
    // What is not whole counts for nothing: it pushes nothing out, and goes when enough whole ones are newer.
    if (whole < keep) {
      whole += IsWhole(folder) ? 1 : 0;
      continue;
    }
    std::error_code ignored;
    fs::remove(folder / "DONE", ignored);  // from here on it is not a checkpoint
    fs::remove_all(folder, ignored);
  }
  RemoveTemporaries(checkpoints);
}

FoundCheckpoint ResolveCheckpoint(const fs::path& source) {
  if (!fs::is_directory(source))
    throw BadInput({source.string(), "", "a run or checkpoint folder, random or zero", "nothing there"});
  FoundCheckpoint found;
  const bool is_checkpoint = fs::exists(source / "DONE") || fs::exists(source / kFiles[0]) || StepOf(source) >= 0;
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
