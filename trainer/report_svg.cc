#include "trainer/report_svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "trainer/interval.h"

namespace genba::trainer {

namespace {

constexpr double kWidth = 470, kHeight = 210, kLeft = 58, kRight = 12, kTop = 30, kBottom = 28;

std::string Short(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

std::string TextAt(double x, double y, const std::string& anchor, const std::string& text) {
  return "<text x=\"" + Fixed(x, 1) + "\" y=\"" + Fixed(y, 1) + "\" text-anchor=\"" + anchor + "\">" + Escaped(text) +
         "</text>";
}

// Of the reliability plot: shares of 0 … 1 both ways.
constexpr double kPlotHeight = 280, kPlotTop = 54, kPlotBottom = 42;

double AcrossAt(double share) { return kLeft + share * (kWidth - kLeft - kRight); }
double DownAt(double share) { return kPlotHeight - kPlotBottom - share * (kPlotHeight - kPlotTop - kPlotBottom); }

using Shares = std::pair<double, double>;
std::string Segment(const Shares& from, const Shares& to, const std::string& name) {
  return "<line x1=\"" + Fixed(AcrossAt(from.first), 1) + "\" x2=\"" + Fixed(AcrossAt(to.first), 1) + "\" y1=\"" +
         Fixed(DownAt(from.second), 1) + "\" y2=\"" + Fixed(DownAt(to.second), 1) + "\" class=\"" + name + "\"/>";
}

std::string ShareLine(double share) {
  const std::string percent = Fixed(100 * share, 0) + " %";
  return Segment({0, share}, {1, share}, "grid") + TextAt(kLeft - 6, DownAt(share) + 4, "end", percent) +
         TextAt(AcrossAt(share), DownAt(0) + 16, share < 1 ? "middle" : "end", percent);
}

std::string BinMark(const ReliabilityBin& bin, std::size_t number) {
  if (bin.count == 0) return "";
  const Interval spread = Wilson(static_cast<int>(std::lround(bin.right * bin.count)), bin.count);
  return Segment({bin.claimed, spread.low}, {bin.claimed, spread.high}, "spread") + "<circle cx=\"" +
         Fixed(AcrossAt(bin.claimed), 1) + "\" cy=\"" + Fixed(DownAt(bin.right), 1) + "\" r=\"4\" class=\"mark\"/>" +
         TextAt(AcrossAt((static_cast<double>(number) + 0.5) / kReliabilityBins), kPlotTop - 12, "middle",
                std::to_string(bin.count));
}

}  // namespace

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Base64(const std::string& bytes) {
  static const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const auto byte = [&](std::size_t k) {
      return k < left ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k])) : 0u;
    };
    const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += kDigits[group >> 18];
    out += kDigits[(group >> 12) & 63];
    out += left > 1 ? kDigits[(group >> 6) & 63] : '=';
    out += left > 2 ? kDigits[group & 63] : '=';
  }
  return out;
}

std::string Fixed(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string Percent(double share) { return Fixed(100 * share, 1) + " %"; }

std::string LineChart(const std::vector<std::pair<double, double>>& points, const CurveStyle& style) {
  std::string svg = "<svg viewBox=\"0 0 " + Fixed(kWidth, 0) + " " + Fixed(kHeight, 0) +
                    "\" class=\"chart\" role=\"img\">" + TextAt(kLeft, 18, "start", style.title);
  if (points.size() < 2) return svg + TextAt(kWidth / 2, kHeight / 2, "middle", "not enough points") + "</svg>";
  const auto height_of = [&](double y) { return style.logarithmic ? std::log10(std::max(y, 1e-12)) : y; };
  double low = 1e300, high = -1e300;
  for (const auto& [x, y] : points) low = std::min(low, height_of(y)), high = std::max(high, height_of(y));
  if (high - low < 1e-12) high = low + 1;
  const double x0 = points.front().first, x1 = std::max(points.back().first, x0 + 1);
  const auto px = [&](double x) { return kLeft + (x - x0) / (x1 - x0) * (kWidth - kLeft - kRight); };
  const auto py = [&](double h) { return kHeight - kBottom - (h - low) / (high - low) * (kHeight - kTop - kBottom); };
  for (int i = 0; i <= 3; ++i) {
    const double h = low + (high - low) * i / 3, y = py(h);
    svg += "<line x1=\"" + Fixed(kLeft, 0) + "\" x2=\"" + Fixed(kWidth - kRight, 0) + "\" y1=\"" + Fixed(y, 1) +
           "\" y2=\"" + Fixed(y, 1) + "\" class=\"grid\"/>";
    svg += TextAt(kLeft - 6, y + 4, "end", Short(style.logarithmic ? std::pow(10, h) : h));
  }
  for (int i = 0; i <= 4; ++i)
    svg += TextAt(px(x0 + (x1 - x0) * i / 4), kHeight - 8,
                  i == 0   ? "start"
                  : i == 4 ? "end"
                           : "middle",
                  Fixed(x0 + (x1 - x0) * i / 4, 0));
  const std::size_t stride = (points.size() + kMaxPoints - 1) / kMaxPoints;
  svg += "<polyline points=\"";
  for (std::size_t i = 0; i < points.size(); i += stride)
    svg += Fixed(px(points[i].first), 1) + "," + Fixed(py(height_of(points[i].second)), 1) + " ";
  return svg + "\"/></svg>";
}

std::string ReliabilityPlot(const Reliability& reliability, const std::string& title) {
  std::string svg = "<svg viewBox=\"0 0 " + Fixed(kWidth, 0) + " " + Fixed(kPlotHeight, 0) +
                    "\" class=\"chart\" role=\"img\">" + TextAt(kLeft, 18, "start", title);
  if (reliability.answers == 0) return svg + TextAt(kWidth / 2, kPlotHeight / 2, "middle", "no answers") + "</svg>";
  for (int i = 0; i <= 5; ++i) svg += ShareLine(i / 5.0);
  svg += Segment({0, 0}, {1, 1}, "ideal") + TextAt(kLeft - 6, kPlotTop - 12, "end", "texts");
  for (std::size_t i = 0; i < reliability.bins.size(); ++i) svg += BinMark(reliability.bins[i], i);
  return svg + TextAt((kLeft + kWidth - kRight) / 2, kPlotHeight - 6, "middle", "probability given") + "</svg>";
}

std::string RateBar(double rate, double low, double high) {
  constexpr double kBar = 220;
  return "<svg viewBox=\"0 0 220 16\" class=\"bar\"><rect width=\"220\" height=\"16\" class=\"track\"/><rect width=\"" +
         Fixed(kBar * rate, 1) + "\" height=\"16\" class=\"fill\"/><line x1=\"" + Fixed(kBar * low, 1) + "\" x2=\"" +
         Fixed(kBar * high, 1) + "\" y1=\"8\" y2=\"8\" class=\"whisker\"/></svg>";
}

}  // namespace genba::trainer
