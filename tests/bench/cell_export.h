// cell_export.h - what script/bench-peers hands to others: scenes as MJCF text with what their task asks for, and a trace
// of Genba playing them with random actions, so that others can be held against it step by step before they are timed.
// Called by peers_cell and its test; one thread. Pure in its arguments. Failure: Error.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "envs/vec_env.h"

namespace genba::bench {

struct ExportSize {
  int scenes = 256;  // episodes 0 … scenes - 1 of seed 1
  int worlds = 16;   // W of the trace
  int steps = 60;    // S of the trace
};

inline constexpr int kHoldActions = 5;  // control steps that a random action lasts: the arm gets somewhere

// Of a world and step: uniform in [-1, 1], the same for whoever asks. [A]
void RandomAction(std::uint64_t world, int step, std::vector<float>& action);

envs::VecEnvConfig EnvConfig(const std::string& task, int worlds, int threads);

// Writes into folder, which is created: cell.json (specification, controller, scenes, shapes of the trace) and the trace,
// little-endian, one file an array:
//   actions.f32 [S, W, A]; of every world after step s (row 0: after the reset): episode.i32, state.f64
//   (mjSTATE_INTEGRATION), controller.f64 (ControllerState, of the step before), obs.f32 [S + 1, W, …]; of every step:
//   terms.f32, cause.i32 (-1: out of time) [S, W, …].
void ExportCell(const std::string& task, const ExportSize& size, const std::filesystem::path& folder);

}  // namespace genba::bench
