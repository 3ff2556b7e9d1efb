// tokenizer.h - text to token numbers with a SentencePiece model file, exactly as the published checkpoint does it.
// Used by features and pretraining. One thread. Failure: Error(kBadInput) naming the file; text must be UTF-8.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace genba::policies {

class Tokenizer {
 public:
  explicit Tokenizer(const std::filesystem::path& model_file);
  Tokenizer(const std::string& model_bytes, const std::string& name);  // name: for refusals
  ~Tokenizer();

  std::vector<int> Encode(const std::string& text) const;  // begin of sentence first; no end
  std::string Decode(const std::vector<int>& tokens) const;
  int vocab_size() const;
  int bos() const;
  int eos() const;
  const std::string& hash() const { return hash_; }  // SHA-256 of the file

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string file_, hash_;
};

// Trains a byte-pair model with byte fallback and NFKC normalisation on lines: the bytes of a tokenizer.model.
// Deterministic.
std::string TrainTokenizer(const std::vector<std::string>& lines, int vocab_size);

}  // namespace genba::policies
