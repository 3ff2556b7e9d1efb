// From a name on the command line to something that acts.
#include "core/error.h"
#include "core/log.h"
#include "policies/checkpoint.h"
#include "policies/make_trained.h"

namespace genba::policies {

namespace fs = std::filesystem;

ReadPolicy ReadTrained(const std::string& source, const EnvSpec& spec) {
  const FoundCheckpoint found = ResolveCheckpoint(source);
  std::error_code ignored;
  const fs::path folder = fs::weakly_canonical(found.folder, ignored);
  for (const std::string& problem : found.problems)
    LogWarning(problem + "; using " + folder.filename().string() + " instead");
  ReadPolicy read;
  read.file = (found.folder / "policy.safetensors").string();
  read.weights = LoadCheckpoint(found.folder, false).policy;
  read.manifest = GetManifest(read.weights, read.file);
  const std::string difference = FirstDifferenceFrom(read.manifest.spec, spec);
  if (!difference.empty())
    throw BadInput(
        {read.file, "spec", "a policy for task " + spec.task, "another one; first difference: " + difference});
  read.identity = PolicyIdentity(read.manifest, read.weights);
  const std::string step = folder.filename().string();
  read.name = (step.starts_with("step-") ? step : "policy") + "@" + read.identity.substr(0, 12);
  // RUN of RUN/checkpoints/step-…; a checkpoint that lies elsewhere has none.
  if (folder.parent_path().filename() == "checkpoints") read.run = folder.parent_path().parent_path();
  return read;
}

std::unique_ptr<Policy> LoadPolicy(const std::string& source, const EnvSpec& spec, std::uint64_t seed,
                                   const FeaturePlaces& places) {
  if (source == "random") return MakeRandomPolicy(spec, seed);
  if (source == "zero") return MakeZeroPolicy(spec);
  return MakeTrained(ReadTrained(source, spec), seed, places);
}

}  // namespace genba::policies
