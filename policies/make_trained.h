// make_trained.h - the seam between reading a policy (load_policy.cc, no torch) and acting with it (trained_policy.cc).
// A build without LibTorch has without_torch.cc on the other side, which refuses by name.
#pragma once
#include <memory>
#include <string>

#include "policies/checkpoint.h"
#include "policies/policy.h"

namespace genba::policies {

// name: as shown; weights and manifest were read from file.
std::unique_ptr<Policy> MakeTrained(const std::string& name, const Manifest& manifest, const TensorFile& weights,
                                    const std::string& file, std::uint64_t seed);

}  // namespace genba::policies
