// checkpoint.h - a folder of four files that is either whole or refused.
//   RUN/checkpoints/step-00001000/policy.safetensors    what acts: averaged weights; its metadata holds the
//   manifest
//                                 training.safetensors  what goes on: weights, optimiser moments, average
//                                 state.json            step, sampler, counters, configuration, versions
//                                 DONE                  sha256 of the three, written last
// The folder gets its name only when all four are on disk. No torch. Threads: one writer.
// Failure: Error(kBadInput) naming the file and what is wrong with it; Error(kEnvironment) when writing
// fails.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/spec.h"
#include "policies/answering.h"
#include "policies/normalizer.h"
#include "policies/policy_config.h"
#include "policies/safetensors.h"

namespace genba::policies {

// What a policy was made for; travels in the metadata of policy.safetensors.
struct Manifest {
  EnvSpec spec;
  PolicyConfig config;
  Normalizer normalizer;
  std::string features_hash;  // FeatureSource::hash()
  TextShape text;
  AnswerCalibration answer;
};
void PutManifest(const Manifest& manifest, TensorFile& file);
Manifest GetManifest(const TensorFile& tensors, const std::string& file);
// SHA-256 of all that decides how the policy acts: manifest (the backbone by its hash, not its name) and weights.
std::string PolicyIdentity(const Manifest& manifest, const TensorFile& tensors);

struct Checkpoint {
  TensorFile policy;
  TensorFile training;
  nlohmann::json state;
};

// Writes folder/step-XXXXXXXX and returns its path.
std::filesystem::path SaveCheckpoint(const std::filesystem::path& folder, std::int64_t step,
                                     const Checkpoint& checkpoint);
// Verifies the hashes of every file before reading it. with_training false: policy and state only (hashes of
// all are checked).
Checkpoint LoadCheckpoint(const std::filesystem::path& folder, bool with_training);

// Those that were written to their end (not verified: LoadCheckpoint does that), by step.
std::map<std::int64_t, std::filesystem::path> FinishedCheckpoints(const std::filesystem::path& checkpoints);

struct FoundCheckpoint {
  std::filesystem::path folder;       // empty: none is whole
  std::vector<std::string> problems;  // one sentence per newer checkpoint that had to be passed over
};
FoundCheckpoint FindNewestCheckpoint(const std::filesystem::path& checkpoints);
// Removes what is older than the newest `keep` that are whole (each is read and verified), and our killed writers'
// leftovers. A damaged one never pushes out a whole one.
void PruneCheckpoints(const std::filesystem::path& checkpoints, int keep);

// A run folder, its checkpoints folder or one checkpoint → the checkpoint to use. Error(kBadInput) when there
// is none.
FoundCheckpoint ResolveCheckpoint(const std::filesystem::path& source);

}  // namespace genba::policies
