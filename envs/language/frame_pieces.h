// frame_pieces.h - the pieces of frames.h as they stand in envs/language/pieces/*.txt, which are compiled in. The inside of
// envs/language; constant data, read once. A file that does not hold what it should is a programmer's error.
#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include "envs/language/frames.h"

namespace genba::envs {

// What is done. English: base form and gerund. Japanese: dictionary form, て-form, the stems that ない and ます follow, the
// imperative. Slots of a manner: {base} {gerund} {te} {nai} {masu} {imp}, and {ta}, which follows from {te}.
struct Deed {
  std::string base, gerund;
  std::string te, nai, masu, imperative;
};

using Pieces = std::vector<std::string>;

// What cannot be done, whatever the order: in front of its sentence, at its end (English) or behind it (Japanese).
struct Impossible {
  std::array<Pieces, 2> leads, tails, whole;  // of picking, of reaching
  Pieces places;                              // of two places at once: {place} {place2}
  Pieces kinds;                               // of a part: {bare} and colours as in a Pattern
};

struct FramePieces {
  std::array<std::vector<Deed>, 2> deeds;          // of picking, of reaching
  std::array<std::vector<Deed>, 2> foreign_deeds;  // to the same parts, and none of the cell's work
  std::vector<Deed> other_work;
  Pieces other_orders;            // whole ones
  std::array<Pieces, 3> manners;  // how it is said: of each Speech but remarks
  std::array<Pieces, 3> remarks;  // on parts, on bins too, on the world
  std::array<std::array<Pieces, 3>, 2>
      statements;                // without a deed: of picking, of reaching: of each Speech but remarks
  std::array<Pieces, 3> extras;  // of each Speech: English before the mark at the end, Japanese in front
  Pieces leads;                  // in front of any order or prohibition
  Impossible impossible;
  Pieces joined;  // two orders in one sentence: {a} {b}
  Pieces halts, alarms;
};
const FramePieces& PiecesOf(Language language);

// "[name]" lines begin a section; its entries are lines, an entry's fields are parted by " | "; "#" begins a comment.
using Sections = std::map<std::string, std::vector<std::vector<std::string>>>;
Sections ParseSections(const std::string& text);
const Sections& EverydaySections();
Pieces LinesOf(const std::vector<std::vector<std::string>>& entries);  // of one field each
const Sections& PatternSections(Language language);                    // patterns.cc reads them

}  // namespace genba::envs
