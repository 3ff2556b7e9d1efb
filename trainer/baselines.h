// baselines.h - what stands beside a backbone's rows, judged by the same texts: a keyword spotter, a table of the sentences
// that were learned from, and the same reading part on features that know nothing of language. Called by `genba probe
// --baselines`. Law: as probe.h. Failure: Error.
#pragma once
#include <string>
#include <vector>

#include "trainer/probe.h"

namespace genba::trainer {

// Nothing is learned: spotter.h.
std::vector<ProbeRow> SpotterRows(const std::vector<JudgedTexts>& judged);
// Every sentence is one of a kind: what it meant when it was first said. What was never said is not understood.
std::vector<ProbeRow> OneHotRows(const ProbeTexts& texts);

struct ProbeBaseline {
  std::string name;  // spotter | one_hot | bag_of_words | random
  std::vector<ProbeRow> rows;
};
struct BaselineResult {
  ProbeResult probed;
  std::vector<ProbeBaseline> baselines;
};
BaselineResult RunBaselines(const ProbeConfig& config);

}  // namespace genba::trainer
