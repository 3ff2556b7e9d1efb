// leave_one_out.h - how a reading part answers a kind of refusal that it has not learned from: one training for every
// family, on all the others. Called by `genba probe --leave-one-out`. Texts are drawn and encoded once. Long: a training a
// family. Law: as probe.h, and a family's figures are those of a probe with probe.leave_out. Failure: Error.
#pragma once
#include <string>
#include <vector>

#include "trainer/probe.h"

namespace genba::trainer {

struct LeftOut {
  std::string family;
  bool held_out = false;       // never learned from: judged by the training that leaves nothing out
  int items = 0;               // of all its rows
  double acted = 0;            // share of its texts that are acted on
  double acted_train = 0;      // of those in training patterns
  double acted_templates = 0;  // of those in held-out patterns; NaN: there is no row of them
  double refused_train = 0;    // share of the orders in training patterns that the same reader does not act on
  double refused_templates = 0;
};
struct LeaveOneOutResult {
  std::vector<LeftOut> families;
  double seconds = 0;
};
LeaveOneOutResult RunLeaveOneOut(const ProbeConfig& config);

// Over the families that are held out or not and have any text. NaN, "": there are none.
struct LeftOutSummary {
  double acted = 0;  // mean
  double worst = 0;  // of acted
  std::string worst_family;
  double refused_train = 0, refused_templates = 0;  // means
};
LeftOutSummary Summarise(const std::vector<LeftOut>& families, bool held_out);

}  // namespace genba::trainer
