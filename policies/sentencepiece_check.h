// sentencepiece_check.h - whether a tokenizer.model may be handed to SentencePiece, which trusts what it reads: it
// walks the tables of its normaliser without looking where they end. Reads the protocol buffer itself, with bounds, and
// only what is known of it. No torch. Any thread. Failure: Error(kBadInput) naming file and field.
#pragma once
#include <string>
#include <string_view>

namespace genba::policies {

void CheckSentencePieceModel(std::string_view bytes, const std::string& file);

}  // namespace genba::policies
