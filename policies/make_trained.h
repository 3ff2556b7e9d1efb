// make_trained.h - the seam between reading a policy (load_policy.cc, no torch) and acting with it (trained_policy.cc).
// A build without LibTorch has without_torch.cc on the other side, which refuses by name.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "policies/checkpoint.h"
#include "policies/policy.h"

namespace genba::policies {

struct ReadPolicy {
  std::string name, identity;  // as Policy shows them
  std::string file;            // for refusals
  Manifest manifest;
  TensorFile weights;
  std::filesystem::path run;  // the folder that notes where the backbone lay; empty: none
};
std::unique_ptr<Policy> MakeTrained(const ReadPolicy& read, std::uint64_t seed, const FeaturePlaces& places);

}  // namespace genba::policies
