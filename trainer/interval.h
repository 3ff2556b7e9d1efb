// interval.h - how sure a counted figure is: a rate with its interval, and the difference of two rates of the same episodes.
// Called by evaluations and the report. Pure; any thread. Nothing counted is the widest interval, of 0 trials.
#pragma once

namespace genba::trainer {

struct Interval {  // Wilson 95 %
  double rate = 0, low = 0, high = 1;
  int trials = 0;
};
Interval Wilson(int successes, int trials);

// Episodes that were played twice, by what came of them the first and the second time.
struct Pairs {
  int both = 0, first = 0, second = 0, neither = 0;
  int size() const { return both + first + second + neither; }
};
struct Difference {  // of the first rate and the second, 95 %
  double value = 0, low = -1, high = 1;
  int pairs = 0;
};
// R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions based on paired data",
// Statistics in Medicine 1998, method 10: Wilson's intervals of both, squared and added, less what they have in common.
Difference PairedDifference(const Pairs& pairs);

}  // namespace genba::trainer
