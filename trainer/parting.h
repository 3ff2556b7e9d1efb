// parting.h - where two recordings of one episode part first, bit for bit. Called by replay (stored against played
// again) and diff (two data sets). Pure; any thread; never fails.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "datasets/dataset.h"

namespace genba::trainer {

// On a common clock: row r of what is true before a step comes at 2 r, after it at 2 r + 1.
struct Parting {
  std::int64_t when = INT64_MAX;
  std::string field;        // an array's, a text's or a number's name; observations: "obs", "obs_last"
  std::int64_t index = -1;  // in the row of this step, or in an array that is not per step; -1: it is no array
  nlohmann::json a, b;      // null: nothing there
  bool parted() const { return when != INT64_MAX; }
  int step() const;
  // Kept when nothing earlier was noted before.
  void Note(Parting other);
};

// Both are of the sizes that info names.
void NoteArrays(const datasets::Episode& a, const datasets::Episode& b, const datasets::DatasetInfo& info,
                Parting& parting);
// same_maker: their models must be the same, too.
void NoteTexts(const datasets::Episode& a, const datasets::Episode& b, bool same_maker, Parting& parting);

}  // namespace genba::trainer
