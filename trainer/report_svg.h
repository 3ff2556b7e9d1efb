// report_svg.h - the small drawings and text tools of the report. Pure functions; the inside of the report.
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
std::string StepText(double step);  // "4000", or "1e+20"

struct CurveStyle {
  std::string title;
  bool logarithmic = false;
};
using Points = std::vector<std::pair<double, double>>;  // (x, y)
// One line of a chart. One of several has its run's name and the class that gives it colour and dashes.
struct Curve {
  Points points;
  std::string name{}, css_class{};
};
// A line chart, the same axes for all curves. At most kMaxPoints of each are drawn, a point that is alone as a mark.
inline constexpr std::size_t kMaxPoints = 400;
std::string LineChart(const std::vector<Curve>& curves, const CurveStyle& style);
// A rate in [0, 1] with its interval, as a bar with whiskers.
std::string RateBar(double rate, double low, double high);
// Share right against the probability given, a mark with Wilson's interval per bin that is not empty, the bins' counts above;
// on the dashed line probabilities are what they say.
std::string ReliabilityPlot(const Reliability& reliability, const std::string& title);

}  // namespace genba::trainer
