// frame_pieces.h - the pieces of frames.h, one file per language. The inside of envs/language; constant data.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "envs/language/frames.h"

namespace genba::envs {

// What is done. English: base form and gerund. Japanese: dictionary form, て-form, the stems that ない and ます follow, the
// imperative. Slots of a manner: {base} {gerund} {te} {nai} {masu} {imp}, and {ta}, which follows from {te}.
struct Deed {
  std::string base, gerund;
  std::string te = "", nai = "", masu = "", imperative = "";
};

// How it is said: a whole sentence around a form of the deed, or a statement without one.
struct Manner {
  const char* text;
};

struct FramePieces {
  std::array<std::vector<Deed>, 2> deeds;  // of picking, of reaching
  std::vector<Deed> other_work;
  std::array<std::vector<Manner>, 3> manners;                    // of each Speech but remarks
  std::array<std::vector<Manner>, 2> remarks;                    // on parts, on bins too
  std::array<std::array<std::vector<Manner>, 2>, 2> statements;  // of picking, of reaching: orders, prohibitions
  std::array<std::vector<Manner>, 3> extras;  // of each Speech: English before the mark at the end, Japanese in front
};
const FramePieces& EnglishFrames();
const FramePieces& JapaneseFrames();

}  // namespace genba::envs
