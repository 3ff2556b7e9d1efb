#include "trainer/report_svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "trainer/interval.h"

namespace genba::trainer {

namespace {

constexpr double kWidth = 470, kHeight = 210, kLeft = 58, kRight = 12, kTop = 30, kBottom = 28;

// Metrics may come from elsewhere: no difference of two values overflows.
constexpr double kFar = 1e300;
double Near(double value) { return std::clamp(value, -kFar, kFar); }

std::string Short(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

std::string TextAt(double x, double y, const std::string& anchor, const std::string& text) {
  return "<text x=\"" + Fixed(x, 1) + "\" y=\"" + Fixed(y, 1) + "\" text-anchor=\"" + anchor + "\">" + Escaped(text) +
         "</text>";
}

struct Axis {
  double low = kFar, high = -kFar;
  void Hold(double value) { low = std::min(low, value), high = std::max(high, value); }
  double ShareOf(double value) const { return (value - low) / (high - low); }
  double At(double share_of, double parts) const { return low + (high - low) * share_of / parts; }
};

// Where a line chart's points go.
struct Frame {
  Axis across, up;
  bool logarithmic = false;
  double HeightOf(double y) const { return Near(logarithmic ? std::log10(std::max(y, 1e-12)) : y); }
  double X(double x) const { return kLeft + across.ShareOf(Near(x)) * (kWidth - kLeft - kRight); }
  double Y(double height) const { return kHeight - kBottom - up.ShareOf(height) * (kHeight - kTop - kBottom); }
};

std::size_t NumPoints(const std::vector<Curve>& curves) {
  std::size_t count = 0;
  for (const Curve& curve : curves) count += curve.points.size();
  return count;
}

// 1 more than a large number is the same number.
void Widen(Axis& axis, double least) {
  if (axis.high - axis.low < least) axis.high = axis.low + 1;
  if (axis.high <= axis.low) axis.high = axis.low + std::abs(axis.low);
}

Frame FrameOf(const std::vector<Curve>& curves, bool logarithmic) {
  Frame frame{.across = {}, .up = {}, .logarithmic = logarithmic};
  for (const Curve& curve : curves) {
    for (const auto& [x, y] : curve.points) frame.across.Hold(Near(x)), frame.up.Hold(frame.HeightOf(y));
  }
  Widen(frame.across, 1);
  Widen(frame.up, 1e-12);
  return frame;
}

std::string HeightLines(const Frame& frame) {
  std::string svg;
  for (int i = 0; i <= 3; ++i) {
    const double height = frame.up.At(i, 3), y = frame.Y(height);
    svg += "<line x1=\"" + Fixed(kLeft, 0) + "\" x2=\"" + Fixed(kWidth - kRight, 0) + "\" y1=\"" + Fixed(y, 1) +
           "\" y2=\"" + Fixed(y, 1) + "\" class=\"grid\"/>";
    svg += TextAt(kLeft - 6, y + 4, "end", Short(frame.logarithmic ? std::pow(10, height) : height));
  }
  return svg;
}

std::string StepTexts(const Axis& across) {
  std::string svg;
  for (int i = 0; i <= 4; ++i) {
    const double step = across.At(i, 4), x = kLeft + across.ShareOf(step) * (kWidth - kLeft - kRight);
    svg += TextAt(x, kHeight - 8, i == 0 ? "start" : i == 4 ? "end" : "middle", StepText(step));
  }
  return svg;
}

std::string Drawn(const Points& points, const Frame& frame) {
  if (points.size() == 1)
    return "<circle cx=\"" + Fixed(frame.X(points[0].first), 1) + "\" cy=\"" +
           Fixed(frame.Y(frame.HeightOf(points[0].second)), 1) + "\" r=\"3\"/>";
  const std::size_t stride = (points.size() + kMaxPoints - 1) / kMaxPoints;
  std::string svg = "<polyline points=\"";
  for (std::size_t i = 0; i < points.size(); i += stride)
    svg += Fixed(frame.X(points[i].first), 1) + "," + Fixed(frame.Y(frame.HeightOf(points[i].second)), 1) + " ";
  return svg + "\"/>";
}

// The name shows where the pointer rests, and to who listens to the page.
std::string Named(const Curve& curve, const std::string& drawn) {
  if (curve.css_class.empty()) return drawn;
  return "<g class=\"" + curve.css_class + "\"><title>" + Escaped(curve.name) + "</title>" + drawn + "</g>";
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

std::string StepText(double step) { return std::abs(step) < 1e10 ? Fixed(step, 0) : Short(step); }

std::string LineChart(const std::vector<Curve>& curves, const CurveStyle& style) {
  std::string svg = "<svg viewBox=\"0 0 " + Fixed(kWidth, 0) + " " + Fixed(kHeight, 0) +
                    "\" class=\"chart\" role=\"img\">" + TextAt(kLeft, 18, "start", style.title);
  if (NumPoints(curves) < 2) return svg + TextAt(kWidth / 2, kHeight / 2, "middle", "not enough points") + "</svg>";
  const Frame frame = FrameOf(curves, style.logarithmic);
  svg += HeightLines(frame) + StepTexts(frame.across);
  for (const Curve& curve : curves) svg += curve.points.empty() ? "" : Named(curve, Drawn(curve.points, frame));
  return svg + "</svg>";
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
