// tokenizer.h - text to token numbers with a SentencePiece model file, exactly as the published checkpoint does it.
// Used by features and pretraining. No torch. One thread. Failure: Error(kBadInput) naming the file; text must be
// UTF-8.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace genba::policies {

// What stands around a text's own tokens: of tokenizer_config.json, which is not part of the SentencePiece model.
struct TokenizerOptions {
  bool add_bos_token = true;
  bool add_eos_token = false;
};

class Tokenizer {
 public:
  explicit Tokenizer(const std::filesystem::path& model_file);  // with the tokenizer_config.json beside it, if any
  Tokenizer(const std::string& model_bytes, const std::string& name,  // name: for refusals
            const TokenizerOptions& options = {});
  ~Tokenizer();

  // Never empty: where nothing else stands, begin of sentence does. Text of more than kMaxText bytes is refused.
  std::vector<int> Encode(const std::string& text) const;
  std::string Decode(const std::vector<int>& tokens) const;
  int vocab_size() const;
  int bos() const;
  int eos() const;
  const std::string& hash() const { return hash_; }  // SHA-256 of the file, and of what stands around a text

  static constexpr std::size_t kMaxText = 4096;  // bytes

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  TokenizerOptions options_;
  std::string file_, hash_;
};

// Trains a byte-pair model with byte fallback and NFKC normalisation on lines: the bytes of a tokenizer.model.
// Deterministic.
std::string TrainTokenizer(const std::vector<std::string>& lines, int vocab_size);

}  // namespace genba::policies
