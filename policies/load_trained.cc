#include "policies/load_trained.h"

#include "core/error.h"
#include "core/log.h"
#include "policies/checkpoint.h"
#include "policies/trained_policy.h"

namespace genba::policies {
namespace {

namespace fs = std::filesystem;

// RUN of RUN/checkpoints/step-…; empty: a checkpoint that lies elsewhere.
fs::path RunOf(const fs::path& checkpoint) {
  std::error_code ignored;
  const fs::path folder = fs::weakly_canonical(checkpoint, ignored).parent_path();
  return folder.filename() == "checkpoints" ? folder.parent_path() : fs::path();
}

}  // namespace

std::unique_ptr<Policy> LoadTrainedPolicy(const std::string& source, const EnvSpec& spec, std::uint64_t seed,
                                          const FeaturePlaces& places) {
  const FoundCheckpoint found = ResolveCheckpoint(source);
  for (const std::string& problem : found.problems)
    LogWarning(problem + "; using " + found.folder.filename().string() + " instead");
  const std::string file = (found.folder / "policy.safetensors").string();
  const Checkpoint checkpoint = LoadCheckpoint(found.folder, false);
  const Manifest manifest = GetManifest(checkpoint.policy, file);
  const std::string difference = FirstDifference(manifest.spec, spec);
  if (!difference.empty())
    throw BadInput({file, "spec", "a policy for task " + spec.task, "another one; first difference: " + difference});
  const Network network(manifest.spec, manifest.config, manifest.text_dim, manifest.normalizer);
  const at::Tensor flat = network.layout().FromFile(checkpoint.policy, file);
  std::unique_ptr<FeatureSource> features =
      FindFeatureSource(manifest.config.features, manifest.features_hash, RunOf(found.folder), places);
  if (features->dim() != manifest.text_dim)
    throw BadInput({file, "manifest.text_dim", std::to_string(features->dim()) + " (the backbone's)",
                    std::to_string(manifest.text_dim)});
  const std::string identity = PolicyIdentity(manifest, checkpoint.policy);
  const std::string step = fs::weakly_canonical(found.folder).filename().string();
  return std::make_unique<TrainedPolicy>(step + "@" + identity.substr(0, 12), identity, manifest, flat,
                                         std::move(features), seed);
}

}  // namespace genba::policies
