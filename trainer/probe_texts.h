// probe_texts.h - the settings of a probe, and the texts it learns from and is judged by. Drawn once and shared by whatever
// is compared on them. Called by probe.h and its comparisons. Pure; no torch. Law: a function of the settings, bit for
// bit; texts without a family are those with it, less the family's. Failure: Error.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "policies/features.h"
#include "trainer/reading.h"

namespace genba::trainer {

struct ProbeConfig {
  std::string task = "pick_bin";
  std::uint64_t seed = 1;
  int steps = 2000;
  int batch = 256;
  int items = kLearnedTexts;  // texts to learn from
  int calibration_texts = kCalibrationTexts;
  int judged = 400;                // of every row
  double negatives = 0.5;          // share of what is not to be acted on
  double loose = kLearnedLoose;    // share of orders in made-up patterns
  double framed = kLearnedFramed;  // share of orders in frames
  double varied = kLearnedVaried;  // share of texts as people say and type them
  double slips = kLearnedSlips;    // share of texts with a slip of the finger
  double learning_rate = 2e-3;
  int width = 64;  // columns of a word
  int threads = 2;
  std::string leave_out;  // a family of refusals that is not learned from
  policies::FeatureConfig features;
};
void Register(ConfigTable& table, ProbeConfig& config);  // section "probe"

struct JudgedTexts {
  std::string name;    // of the row
  std::string family;  // of refusals; empty: orders
  std::vector<ReadingItem> items;
};

struct ProbeTexts {
  std::vector<ReadingItem> learned;
  std::vector<ReadingItem> calibration;
  std::vector<JudgedTexts> judged;  // orders by split and as people type them, refusals by family
};
ProbeTexts DrawProbeTexts(const ProbeConfig& config);
// Nothing of this family is learned from or calibrated on.
ProbeTexts WithoutFamily(ProbeTexts texts, const std::string& family);

}  // namespace genba::trainer
