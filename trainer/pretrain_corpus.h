// pretrain_corpus.h - what the default language model reads: orders said twice, in both languages, as people say and type
// them, and sentences that are no orders, each with what it comes to. Called by pretraining. Pure in the seed; no torch.
// Law: no held-out template, family, pair or unseen word is in it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "envs/language.h"

namespace genba::trainer {

// One meaning said twice, the second time in the other language more often than not.
struct SaidTwice {
  std::string texts[2];     // as they should be said
  std::string heard[2];     // as they are read: the same, or in a made-up pattern, varied, with a slip
  std::string meaning;      // canonical order; answer, family and perhaps the order of what is no order
  bool paraphrases = true;  // both mean the same: of small talk they do not
};
// A batch's meanings differ from each other, so that every other row is a true negative of the contrast.
std::vector<SaidTwice> DrawSaidTwice(std::uint64_t seed, std::uint64_t step, int pairs);

// What the vocabulary is learned from. Japanese comes word by word: from whole sentences SentencePiece would make
// single pieces of 赤いナットを and the like, and a meaning that stands in one piece cannot be put together anew.
// English shows its words; it comes at the beginning of a line and behind one.
std::vector<std::string> TokenizerLines(std::uint64_t seed, int sentences);

}  // namespace genba::trainer
