// From a name on the command line to something that acts.
#include "policies/load_trained.h"
#include "policies/policy.h"

namespace genba::policies {

std::unique_ptr<Policy> LoadPolicy(const std::string& source, const EnvSpec& spec, std::uint64_t seed,
                                   const FeaturePlaces& places) {
  if (source == "random") return MakeRandomPolicy(spec, seed);
  if (source == "zero") return MakeZeroPolicy(spec);
  return LoadTrainedPolicy(source, spec, seed, places);
}

}  // namespace genba::policies
