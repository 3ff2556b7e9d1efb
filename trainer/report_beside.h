// report_beside.h - the report's tables of several runs: what came of them over the same scenes, and what differs in their
// settings. HTML; pure; the inside of report.cc. What a run has not is a dash. Of several evaluations of a run over the
// same scenes the one of its last checkpoint counts, and the best one where that is another.
#pragma once
#include <string>
#include <vector>

#include "trainer/report_run.h"

namespace genba::trainer::report {

std::string ResultsOfRuns(const std::vector<ReportRun>& runs);
inline constexpr std::size_t kMostSettings = 300;  // rows of a table
std::string SettingsOfRuns(const std::vector<ReportRun>& runs);

}  // namespace genba::trainer::report
