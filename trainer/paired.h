// paired.h - how much two readers differ that were judged by the same texts. Pure; any thread; no torch.
#pragma once

namespace genba::trainer {

// How many texts both got right, only one of them, none.
struct PairedCounts {
  int both = 0, first = 0, second = 0, neither = 0;
};

struct PairedDifference {
  double difference, low, high;  // share right of the first minus that of the second; 95 %; NaN of no texts
};
// R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions based on paired data",
// Statistics in Medicine 1998, method 10: Wilson's interval of either share, squared and added with the correlation of
// the two (continuity corrected). Stays within -1 … 1 and keeps a width where no text tells the two apart.
PairedDifference Difference(const PairedCounts& counts);

}  // namespace genba::trainer
