// From a name on the command line to something that acts.
#include <cstdio>

#include "core/error.h"
#include "policies/checkpoint.h"
#include "policies/make_trained.h"

namespace genba::policies {

std::unique_ptr<Policy> LoadPolicy(const std::string& source, const EnvSpec& spec, std::uint64_t seed) {
  if (source == "random") return MakeRandomPolicy(spec, seed);
  if (source == "zero") return MakeZeroPolicy(spec);
  const FoundCheckpoint found = ResolveCheckpoint(source);
  for (const std::string& problem : found.problems) {
    std::fprintf(stderr, "genba: %s; using %s instead\n", problem.c_str(), found.folder.filename().c_str());
  }
  const std::string file = (found.folder / "policy.safetensors").string();
  const Checkpoint checkpoint = LoadCheckpoint(found.folder, false);
  const Manifest manifest = GetManifest(checkpoint.policy, file);
  const std::string difference = FirstDifference(manifest.spec, spec);
  if (!difference.empty())
    throw BadInput({file, "spec", "a policy for task " + spec.task, "another one; first difference: " + difference});
  const std::string name =
      found.folder == std::filesystem::path(source) ? source : source + "@" + found.folder.filename().string();
  return MakeTrained(name, manifest, checkpoint.policy, file, seed);
}

}  // namespace genba::policies
