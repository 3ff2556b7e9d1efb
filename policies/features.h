// features.h - instruction → numbers, computed once per distinct text. No torch here.
// A FeatureSource is a frozen language model (or a baseline of one) with a cache in memory and on disk keyed
// by (model hash, tokenizer hash, layer, text). One thread.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace genba::policies {

struct Features {
  int num_tokens = 0;         // T, at most FeatureSource::max_tokens()
  int dim = 0;                // d
  std::vector<float> values;  // [T, d]
};

class FeatureSource {
 public:
  virtual ~FeatureSource() = default;
  virtual const std::string& hash() const = 0;  // identity of everything that changes the values
  virtual int dim() const = 0;
  virtual int max_tokens() const = 0;
  // Blank text gives one token (begin of sentence). Longer texts than max_tokens are cut, with a warning.
  virtual const Features& Get(const std::string& text) = 0;
  virtual int num_model_runs() const = 0;  // forward passes so far (tests: no text twice)
};

struct FeatureConfig {
  std::string backbone = "default";  // "default" (committed weights) | "bag_of_words" | "random" | a folder
                                     // with config.json, model.safetensors, tokenizer.model
  int layer = -1;                    // hidden state after this many blocks; -1: round(0.6 L)
  int max_tokens = 64;
  std::string cache;  // folder; empty: memory only
};

std::unique_ptr<FeatureSource> MakeFeatureSource(const FeatureConfig& config);
// Folder of the committed default backbone (models/genba-small beside the program or in the source tree).
std::filesystem::path DefaultBackbone();

}  // namespace genba::policies
