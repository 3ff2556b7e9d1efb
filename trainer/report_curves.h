// report_curves.h - the report's learning curves: of one run that clones the usual three, of one that plays every metric it
// tells; of several all that any of them tells, in the same axes, each run with a colour and dashes of its own, named in a
// legend. HTML; pure; the inside of report.cc. Law: what a run tells of one metric is drawn alike whatever stands beside it, but for the axes.
#pragma once
#include <string>
#include <vector>

#include "trainer/report_run.h"

namespace genba::trainer::report {

inline constexpr std::size_t kMostCharts = 40;
std::string CurvesSection(const std::vector<ReportRun>& runs);
// A sample of the line of runs[which], for tables.
std::string Swatch(std::size_t which);
std::string CurveStyles();  // CSS

}  // namespace genba::trainer::report
