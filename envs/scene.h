// scene.h - what an episode's world looks like and what is asked of it: draws parts, bins and a well-posed order.
// Called by VecEnv at reset; pure in (verb, seed, episode, options), any thread.
// Law: at least two candidates differ only by what the sentence names; slots are shuffled; the same plan gives the same
// cell.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/config.h"
#include "envs/vec_env.h"
#include "sim/cell_builder.h"

namespace genba::envs {

struct SceneLimits {
  int min_parts = 2;
  int max_parts = 8;
  bool has_bins = true;
  double multi_share = 0.25;  // share of episodes whose order asks for more than one part
  double spare_share = 0.25;  // share of episodes in which more parts match than the order asks for
  int max_wanted = 3;
  double timestep = EnvSpec{}.timestep;  // [s] of the cell's physics
};

struct Scene {
  EpisodePlan plan;
  sim::CellSpec cell;
};

Scene DrawScene(Verb verb, const SceneLimits& limits, std::uint64_t seed, std::uint64_t episode,
                const EpisodeOptions& options);

// Setting "env.max_wanted" (EpisodeOptions), of every command that draws scenes to act in.
void RegisterMaxWanted(ConfigTable& table, int* max_wanted);

// The parts of a cell that are there, in slot order.
std::vector<ScenePart> VisibleParts(const sim::CellSpec& cell);

// A cell as it is stored: lists of arms, fixtures by kind, and parts. Error(kBadInput) naming file and key for a key
// that is missing, unknown or out of range.
std::string CellToJson(const sim::CellSpec& cell);
sim::CellSpec CellFromJson(const std::string& text, const std::string& file);

// Holds a stored plan and cell against each other, against the task and against every fixed capacity. What passes can
// be played; Error(kBadInput) naming file and key otherwise.
void CheckScene(const std::string& task, const EpisodePlan& plan, const sim::CellSpec& cell, const std::string& file);

}  // namespace genba::envs
