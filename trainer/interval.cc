#include "trainer/interval.h"

#include <algorithm>
#include <cmath>

namespace genba::trainer {

namespace {

// How alike both times are, in [-1, 1]; a likeness that half an episode could have made counts as none.
double Correlation(const Pairs& pairs) {
  const double both = pairs.both, first = pairs.first, second = pairs.second, neither = pairs.neither;
  const double margins = (both + first) * (second + neither) * (both + second) * (first + neither);
  double likeness = both * neither - first * second;
  if (likeness > 0) likeness = std::max(0.0, likeness - pairs.size() / 2.0);
  return margins == 0 ? 0 : likeness / std::sqrt(margins);
}

double Together(double a, double b, double correlation) { return std::sqrt(a * a - 2 * correlation * a * b + b * b); }

}  // namespace

// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
Interval Wilson(int successes, int trials) {
  if (trials == 0) return {};
  constexpr double z = 1.959963984540054;
  const double n = trials, p = successes / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half), trials};
}

Difference PairedDifference(const Pairs& pairs) {
  const int n = pairs.size();
  if (n == 0) return {};
  const Interval a = Wilson(pairs.both + pairs.first, n), b = Wilson(pairs.both + pairs.second, n);
  const double difference = a.rate - b.rate, correlation = Correlation(pairs);
  const double below = Together(a.rate - a.low, b.high - b.rate, correlation);
  const double above = Together(a.high - a.rate, b.rate - b.low, correlation);
  return {difference, std::max(-1.0, difference - below), std::min(1.0, difference + above), n};
}

}  // namespace genba::trainer
