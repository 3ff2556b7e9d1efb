#include "trainer/paired.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trainer/evaluation.h"

namespace genba::trainer {

namespace {

// Of being right: 0 where one of the two is always right or never.
double Correlation(const PairedCounts& counts) {
  const double e = counts.both, f = counts.first, g = counts.second, h = counts.neither;
  const double spread = std::sqrt((e + f) * (g + h) * (e + g) * (f + h));
  const double product = e * h - f * g,
               corrected = product > 0 ? std::max(product - (e + f + g + h) / 2, 0.0) : product;
  return spread > 0 ? corrected / spread : 0;
}

// The third side of a triangle.
double Joined(double a, double b, double correlation) {
  return std::sqrt(std::max(0.0, a * a - 2 * correlation * a * b + b * b));
}

}  // namespace

PairedDifference Difference(const PairedCounts& counts) {
  const int texts = counts.both + counts.first + counts.second + counts.neither;
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  if (texts == 0) return {kNothing, kNothing, kNothing};
  const Interval a = Wilson(counts.both + counts.first, texts), b = Wilson(counts.both + counts.second, texts);
  const double correlation = Correlation(counts), difference = a.rate - b.rate;
  return {difference, difference - Joined(a.rate - a.low, b.high - b.rate, correlation),
          difference + Joined(a.high - a.rate, b.rate - b.low, correlation)};
}

}  // namespace genba::trainer
