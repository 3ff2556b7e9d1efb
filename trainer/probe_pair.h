// probe_pair.h - two backbones read by equal parts that learned from the same texts and are judged by the same texts, row by
// row with an interval. The interval is of the texts: another training of the same backbone differs too, which it does not
// hold. Called by `genba probe --against`. Law: as probe.h; a backbone against itself differs in nothing.
// Failure: Error.
#pragma once
#include <string>
#include <vector>

#include "trainer/interval.h"
#include "trainer/probe.h"

namespace genba::trainer {

// Of texts that both were judged by, in the same order; of no pairs where it is not measured.
Difference DifferenceOf(const ProbeRow& first, const ProbeRow& second, bool Verdict::*what);

struct RowDifference {
  std::string name;
  int items = 0;
  Difference exact, answered;  // of the first backbone less the second
};
struct PairResult {
  ProbeResult first, second;
  std::vector<RowDifference> differences;
};
PairResult RunPair(const ProbeConfig& config, const std::string& against);

}  // namespace genba::trainer
