// asking.h - what a policy makes of texts in a scene before anything moves: its answer, the order it reads whatever the
// scene, and which of the things that lie here it means; and the same in words. Called by `genba ask` and the viewer, so
// that both say the same. One thread. Law: a text's result depends on the policy, the text and the kinds of things in the
// scene only. No failure of its own.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/cell_builder.h"
#include "trainer/language_suite.h"

namespace genba::trainer {

struct AskedSlot {
  int slot;          // of the rank-2 fields of the observation
  std::string what;  // "red bolt", "left bin"
  float meant;       // probability that the text is about it
};

struct Asked {
  policies::Heard heard;
  std::optional<envs::Order> order;  // that it reads; nothing where what it means is no order
  std::vector<AskedSlot> slots;      // those that hold something
};
// Where texts are said.
struct AskedScene {
  const sim::CellSpec& cell;
  envs::Verb verb;
  int obs_dim;
};
// One of each text; empty where the actor does not read (the expert, random, zero).
std::vector<Asked> Ask(Actor& actor, const AskedScene& scene, std::span<const std::string> texts);

std::string OrderInWords(const Asked& asked);  // canonical text, or "no order"
std::string MeantHere(const Asked& asked);     // "red bolt 0.9984, left bin 1", or "nothing"

}  // namespace genba::trainer
