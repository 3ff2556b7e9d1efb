// toy_model.h - a language model of toy size with random weights, in a scratch folder as published ones lie in theirs.
#pragma once
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "policies/decoder.h"
#include "policies/features.h"
#include "policies/tokenizer.h"
#include "tests/refusal.h"

namespace genba::policies {

namespace fs = std::filesystem;

inline DecoderConfig ToyDecoder() {
  DecoderConfig config;
  config.vocab_size = 320;
  config.hidden_size = 16;
  config.intermediate_size = 24;
  config.num_hidden_layers = 3;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 4;
  config.max_position_embeddings = 64;
  config.tie_word_embeddings = true;
  return config;
}

class ToyModel : public ::testing::Test {
 protected:
  ToyModel() : decoder_(ToyDecoder()), flat_(decoder_.layout().Initial(3)), weights_(decoder_.layout().Views(flat_)) {
    folder_ = fs::temp_directory_path() / ("genba-lm-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::vector<std::string> lines;
    for (int i = 0; i < 200; ++i) {
      lines.push_back("put the red bolt number " + std::to_string(i) + " in the left bin");
      lines.push_back("赤いボルトを左の箱に" + std::to_string(i) + "入れてください。");
    }
    WriteFileAtomically(folder_ / "tokenizer.model", TrainTokenizer(lines, 320));
    WriteFileAtomically(folder_ / "config.json", ToConfigJson(decoder_.config()));
    TensorFile file;
    decoder_.layout().ToFile(flat_, file);
    WriteSafetensors(folder_ / "model.safetensors", file);
  }
  ~ToyModel() override { fs::remove_all(folder_); }

  FeatureConfig Config(const std::string& cache = "") const {
    FeatureConfig config;
    config.backbone = folder_.string();
    config.cache = cache;
    return config;
  }

  const c10::InferenceMode no_gradients_;
  fs::path folder_;
  Decoder decoder_;
  at::Tensor flat_;
  Weights weights_;
};

}  // namespace genba::policies
