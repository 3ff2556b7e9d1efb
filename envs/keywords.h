// keywords.h - the words of training orders wherever they stand in a text, and what is left of it: all that a keyword
// spotter knows. Not reading: whether the words make an order is for the caller to guess (Understand() reads).
// Called by the probe's baselines. Pure functions of the text; any thread; never fails.
// Law: no taught and no unseen word is a keyword (tests/envs/keywords_test.cc).
#pragma once
#include <string>
#include <vector>

namespace genba::envs {

enum class KeywordKind { kColour, kShape, kPlace, kCount, kExcept };
inline constexpr int kAnyPart = -1;  // of kShape: "part"
struct Keyword {
  KeywordKind kind;
  int value = 0;  // Colour, Shape or kAnyPart, PlaceWord, Count; 0 of kExcept
};

struct SpottedText {
  std::vector<Keyword> keywords;  // in their order in the text
  std::string rest;  // as texts are read (lower case, no punctuation), a blank for each keyword, one at either end
};
SpottedText SpotKeywords(const std::string& text);

}  // namespace genba::envs
