// features.h - instruction → numbers, computed once per distinct text. No torch here.
// A FeatureSource is a frozen language model (or a baseline of one) with a cache in memory and on disk keyed by
// (model hash, tokenizer hash, layer, text). A backbone is known by content (hash); where its files and its cache lie
// is the caller's choice, never a policy file's or the environment's. One thread. Failure: Error(kBadInput) naming file
// and key; a damaged cache entry is computed again.
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

// Columns of a token's features, and how many of them come first in which a word is mostly itself: what is asked for is
// read from those, whether it is asked for from all.
struct TextShape {
  int dim = 0, word_dim = 0;
  bool operator==(const TextShape&) const = default;
};

class FeatureSource {
 public:
  virtual ~FeatureSource() = default;
  virtual const std::string& hash() const = 0;  // identity of everything that changes the values
  virtual TextShape shape() const = 0;
  int dim() const { return shape().dim; }
  virtual int max_tokens() const = 0;
  // Blank text gives one token (begin of sentence). A text longer than the window is cut to it, with a warning: it
  // costs itself, not the evaluation it is in.
  virtual const Features& Get(const std::string& text) = 0;
  virtual int num_model_runs() const = 0;  // forward passes so far (tests: no text twice)
  // Computes what Get will be asked for, with so many threads; the same numbers.
  virtual void Prefetch(const std::vector<std::string>& texts, int threads) {
    (void)texts;
    (void)threads;
  }
};

struct FeatureConfig {
  std::string backbone = "default";  // "default" (committed weights) | "bag_of_words" | "random" | a folder with
                                     // config.json, tokenizer.model and model.safetensors or its shards
  // A token's features are its hidden states after three numbers of blocks, one after the other: what a word is by itself,
  // its pieces put together (low_layer; -1: round(0.15 L), at least 1), what the sentence has made of it (layer; -1:
  // round(0.6 L)), and what the model makes of the sentence so far (high_layer; -1: all L). Equal ones stand once. Behind
  // them, where high_layer is L and the model predicts with its embeddings: how much it expected the token.
  int layer = -1, low_layer = -1, high_layer = -1;
  int max_tokens = 128;  // the window; a model with fewer positions has a smaller one
  std::string cache;     // folder; empty: memory only
};

std::unique_ptr<FeatureSource> MakeFeatureSource(const FeatureConfig& config);
// Folder of the committed default backbone (models/genba-small beside the program or in the source tree).
std::filesystem::path DefaultBackbone();

// What the caller of a policy chooses. backbone empty: where it can be found (FindFeatureSource).
struct FeaturePlaces {
  std::string backbone, cache;
};

// What a policy file calls its backbone: "default" and the other words, or the last part of a folder's path.
std::string BackboneName(const std::string& backbone);
bool IsOwnBackbone(const std::string& backbone);  // one of the words

// Notes in a run folder where its backbone lay, so that the run can be used from anywhere on this machine. A hint,
// which counts only when the files there have the right hash.
void NoteBackbone(const std::filesystem::path& run, const FeatureConfig& config, const std::string& hash);

// The backbone with this hash, looked for: where the caller says, and nowhere else; or by its name among Genba's own,
// then where the run's note says (run may be empty). wanted.backbone: its name. Error(kBadInput) with what was found.
std::unique_ptr<FeatureSource> FindFeatureSource(const FeatureConfig& wanted, const std::string& hash,
                                                 const std::filesystem::path& run, const FeaturePlaces& places);

}  // namespace genba::policies
