// Laws of checkpoints: ordered by number; pruning counts whole ones only; nothing outside the folder is read.
#include "policies/checkpoint.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tests/policies/fakes.h"
#include "tests/trainer/scratch.h"

namespace genba::policies {
namespace {

namespace fs = std::filesystem;

Checkpoint Sample(char fill = 'a') {
  Checkpoint checkpoint;
  checkpoint.policy.tensors["w"] = {TensorType::kF32, {2}, std::string(8, fill)};
  PutManifest({ToySpec(), ToyConfig("chunk"), UnitNormalizer(ToySpec()), "hash", {12, 8}, {}}, checkpoint.policy);
  checkpoint.training = checkpoint.policy;
  checkpoint.state = {{"step", 1}};
  return checkpoint;
}

class Checkpoints : public trainer::ScratchTest {
 protected:
  void Save(std::int64_t step) { SaveCheckpoint(folder_, step, Sample()); }
  void Spoil(const char* step) { std::ofstream(folder_ / step / "training.safetensors", std::ios::app) << "x"; }
  bool Has(const char* step) const { return fs::exists(folder_ / step); }
};

TEST_F(Checkpoints, AreOrderedByNumber) {
  Save(99999999);
  Save(100000000);
  EXPECT_EQ(FindNewestCheckpoint(folder_).folder.filename(), "step-100000000");
  fs::create_directories(folder_ / "step-999999999-old");  // not a name of ours
  EXPECT_EQ(FindNewestCheckpoint(folder_).folder.filename(), "step-100000000");
  PruneCheckpoints(folder_, 1);
  EXPECT_TRUE(Has("step-100000000"));
  EXPECT_FALSE(Has("step-99999999"));
}

TEST_F(Checkpoints, ADamagedOnePushesNoWholeOneOut) {
  for (const int step : {10, 20, 30, 40}) Save(step);
  Spoil("step-00000040");
  Spoil("step-00000020");
  PruneCheckpoints(folder_, 1);
  EXPECT_TRUE(Has("step-00000030"));
  EXPECT_TRUE(Has("step-00000040"));  // newer, and somebody's to look at
  EXPECT_FALSE(Has("step-00000020"));
  EXPECT_FALSE(Has("step-00000010"));
  EXPECT_EQ(FindNewestCheckpoint(folder_).folder.filename(), "step-00000030");
}

TEST_F(Checkpoints, ALinkIsNotRead) {
  Save(10);
  const fs::path file = folder_ / "step-00000010" / "policy.safetensors", elsewhere = folder_ / "elsewhere";
  fs::rename(file, elsewhere);
  fs::create_symlink(elsewhere, file);
  EXPECT_THROW(LoadCheckpoint(folder_ / "step-00000010", false), Error);
  fs::remove(file);
  fs::rename(elsewhere, file);
  EXPECT_NO_THROW(LoadCheckpoint(folder_ / "step-00000010", false));  // the control
}

TEST_F(Checkpoints, DeepOrWrongManifestsAreRefusedInAFewWords) {
  const auto refusal = [](const std::string& manifest) -> std::string {
    TensorFile file;
    file.metadata["manifest"] = manifest;
    try {
      GetManifest(file, "x.safetensors");
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  const TensorFile good = Sample().policy;
  EXPECT_EQ(refusal(good.metadata.at("manifest")), "");
  for (const std::string& bad :
       {std::string(200000, '['), R"({"format":)" + std::string(200000, '[') + std::string(200000, ']') + "}",
        std::string(R"({"format": "genba.policy", "version": 2.5})"), std::string("[1]"), std::string("")}) {
    const std::string said = refusal(bad);
    EXPECT_NE(said.find("x.safetensors"), std::string::npos);
    EXPECT_LT(said.size(), 400u);
  }
}

TEST(PolicyIdentity, IsWhatDecidesHowItActs) {
  const TensorFile file = Sample().policy;
  Manifest manifest = GetManifest(file, "x");
  const std::string identity = PolicyIdentity(manifest, file);
  manifest.config.features.backbone = "another-name-of-the-same-files";
  EXPECT_EQ(PolicyIdentity(manifest, file), identity);
  EXPECT_NE(PolicyIdentity(manifest, Sample('b').policy), identity);
  manifest.features_hash = "other";
  EXPECT_NE(PolicyIdentity(manifest, file), identity);
}

}  // namespace
}  // namespace genba::policies
