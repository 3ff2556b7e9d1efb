// reliability.h - whether the probabilities that a policy gives with its answers can be believed: how many answers it is sure
// of, how many of those are right, and by how much it errs about itself. Called by evaluations and the report, which reads it
// back from somebody's file. Pure; any thread. Laws: reader(writer(x)) = x; the order of the answers changes nothing beyond
// rounding. Failure: Error(kBadInput) naming file and key.
#pragma once
#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace genba::trainer {

struct JudgedAnswer {
  double probability = 0;  // that the policy gives it to be right
  bool right = false;
};

struct ReliabilityBin {  // of answers of about the same probability
  int count = 0;         // nothing measured where it is 0
  double claimed = 0;    // mean probability
  double right = 0;      // share
};
inline constexpr int kReliabilityBins = 10;
inline constexpr double kSure = 0.9;

struct Reliability {
  int answers = 0;
  int sure = 0;                                       // given with a probability of kSure at least …
  int sure_right = 0;                                 // … and right
  double error = 0;                                   // expected calibration error
  std::array<ReliabilityBin, kReliabilityBins> bins;  // of equal width, from 0 to 1
};
// The error is the mean over the bins of |share right - mean probability|, weighted by their sizes. M. P. Naeini et al.,
// "Obtaining well calibrated probabilities", AAAI 2015.
Reliability ReliabilityOf(const std::vector<JudgedAnswer>& answers);

nlohmann::json ToJson(const Reliability& reliability);
Reliability ReliabilityFromJson(const nlohmann::json& json, const std::string& file);

}  // namespace genba::trainer
