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
// source: a run, its checkpoints or one of them; passes over damaged ones with a warning. Error(kBadInput) where there is
// none, or one for another task.
ReadPolicy ReadTrained(const std::string& source, const EnvSpec& spec);
std::unique_ptr<Policy> MakeTrained(const ReadPolicy& read, std::uint64_t seed, const FeaturePlaces& places);

}  // namespace genba::policies
