// probe.h - how well a language backbone can be read: trains the reading part of a policy alone, on texts said in drawn
// scenes, and judges it on rows of other texts. Minutes, no physics. Called by `genba probe`; one thread of ours.
// Law: a function of the settings and the backbone, bit for bit. Failure: Error.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "policies/answering.h"
#include "policies/features.h"

namespace genba::trainer {

struct ProbeConfig {
  std::string task = "pick_bin";
  std::uint64_t seed = 1;
  int steps = 2000;
  int batch = 256;
  int items = 30000;       // texts to learn from
  int judged = 400;        // of every row
  double negatives = 0.5;  // share of what is not to be acted on
  double loose = 0.2;      // share of orders in made-up patterns
  double framed = 0.4;     // share of orders in frames
  double varied = 0.3;     // share of texts as people say and type them
  double slips = 0.15;     // share of texts with a slip of the finger
  double learning_rate = 2e-3;
  int width = 64;  // columns of a word
  int threads = 2;
  std::string leave_out;  // a family of refusals that is not learned from
  policies::FeatureConfig features;
};
void Register(ConfigTable& table, ProbeConfig& config);  // section "probe"

struct ProbeRow {
  std::string name;
  int items = 0;
  double exact = 0;     // orders: the order read is the one meant
  double answered = 0;  // the answer is the right one
  double acted = 0;     // answered with act
};
struct ProbeResult {
  std::vector<ProbeRow> rows;
  policies::AnswerCalibration calibration;
  double calibration_error = 0;  // of the answers to all that is judged; sets share no pattern
  std::int64_t parameters = 0;
  double seconds = 0, texts_per_s = 0;
};
ProbeResult RunProbe(const ProbeConfig& config);

}  // namespace genba::trainer
