// told_texts.h - the instructions of running episodes as the reading part encodes them: each distinct text once, with
// weights that do not change meanwhile. Called by PPO's rollout and update; one thread.
#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "policies/reader.h"

namespace genba::trainer {

class ToldTexts {
 public:
  ToldTexts(const policies::Reader& reader, const policies::Weights& weights, policies::FeatureSource& features)
      : reader_(reader), weights_(weights), features_(features) {}

  // Computes the features of what will be told, with so many threads: side by side it takes a third of the time.
  void Prepare(const std::vector<std::string>& texts, int threads) { features_.Prefetch(texts, threads); }
  int IdOf(const std::string& text);  // encodes it if it is new
  // One row per id, padded to the longest.
  policies::EncodedText Rows(std::span<const int> ids) const;
  // Forgets all but these, which get the numbers 0, 1, … in their order; for texts of episodes that are over.
  void Keep(std::span<const int> ids);
  const std::string& text(int id) const { return texts_[static_cast<std::size_t>(id)]; }

 private:
  const policies::Reader& reader_;
  const policies::Weights& weights_;
  policies::FeatureSource& features_;
  std::map<std::string, int> ids_;
  std::vector<std::string> texts_;
  std::vector<policies::EncodedText> encoded_;  // one row each
};

}  // namespace genba::trainer
