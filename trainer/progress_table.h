// progress_table.h - what a training says of itself at a line of its log, as a table on a terminal: how far it is, its rate,
// where the time goes, and what it measured, by the names of the metrics (as rsl_rl prints them). Called by the loop
// (learner.cc). Pure; any thread. Law: no line is wider than the columns.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "trainer/metrics.h"

namespace genba::trainer {

struct TableState {
  std::string label;                 // "train ppo"
  std::int64_t step = 0, steps = 0;  // where it is, where it ends
  double seconds = 0;                // since this process began
  double rate = 0;                   // steps a second, of late; 0: not known
  Scalars measured, timing;          // of timing the rates and the times of an iteration
};

// In as many columns of names and figures as fit, read downwards.
std::vector<std::string> ProgressTable(const TableState& state, int columns);

}  // namespace genba::trainer
