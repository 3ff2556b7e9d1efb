// load_trained.h - the part of LoadPolicy that needs LibTorch: load_trained.cc, or without_torch.cc in builds that have
// none. Failure: Error naming file and key.
#pragma once
#include "policies/policy.h"

namespace genba::policies {

std::unique_ptr<Policy> LoadTrainedPolicy(const std::string& source, const EnvSpec& spec, std::uint64_t seed,
                                          const FeaturePlaces& places);

}  // namespace genba::policies
