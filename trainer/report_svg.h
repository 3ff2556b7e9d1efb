// report_svg.h - the small drawings and text tools of the report. Pure functions; the inside of report.cc.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "trainer/reliability.h"

namespace genba::trainer {

std::string Escaped(const std::string& text);  // for HTML text and attributes
std::string Base64(const std::string& bytes);
std::string Fixed(double value, int decimals);
std::string Percent(double share);  // "93.5 %"

struct CurveStyle {
  std::string title;
  bool logarithmic = false;
};
// A line chart with axes; points (x, y). At most kMaxPoints are drawn.
inline constexpr std::size_t kMaxPoints = 400;
std::string LineChart(const std::vector<std::pair<double, double>>& points, const CurveStyle& style);
// A rate in [0, 1] with its interval, as a bar with whiskers.
std::string RateBar(double rate, double low, double high);
// Share right against the probability given, a mark with Wilson's interval per bin that is not empty, the bins' counts above;
// on the dashed line probabilities are what they say.
std::string ReliabilityPlot(const Reliability& reliability, const std::string& title);

}  // namespace genba::trainer
