// scene.h - what an episode's world looks like and what is asked of it: draws parts, bins and a well-posed order.
// Called by VecEnv at reset; pure in (verb, seed, episode, options), any thread.
// Law: at least two candidates differ only by what the sentence names; slots are shuffled; the same plan gives the same
// cell.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "envs/vec_env.h"
#include "sim/cell_builder.h"

namespace genba::envs {

struct SceneLimits {
  int min_parts = 2;
  int max_parts = 8;
  bool has_bins = true;
  double multi_share = 0.25;  // share of episodes whose order is about more than one part
  int max_referents = 3;
  double timestep = EnvSpec{}.timestep;  // [s] of the cell's physics
};

struct Scene {
  EpisodePlan plan;
  sim::CellSpec cell;  // equals CellFromJson(plan.randomisation)
};

Scene DrawScene(Verb verb, const SceneLimits& limits, std::uint64_t seed, std::uint64_t episode,
                const EpisodeOptions& options);

// The cell of a stored plan. Error(kBadInput) naming file and key.
sim::CellSpec CellFromJson(const std::string& text, const std::string& file);
std::string CellToJson(const sim::CellSpec& cell);

}  // namespace genba::envs
