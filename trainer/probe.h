// probe.h - how well a language backbone can be read: trains the reading part of a policy alone, on texts said in drawn
// scenes, and judges it on rows of other texts. Minutes, no physics. Called by `genba probe`; one thread of ours.
// Law: a function of the settings and the backbone, bit for bit; nothing else that was probed before changes it.
// Failure: Error.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "policies/answering.h"
#include "trainer/probe_texts.h"

namespace genba::trainer {

// What was made of one text.
struct Verdict {
  bool exact = false;     // the order read is the one meant; orders only
  bool answered = false;  // the answer is the right one
  bool acted = false;     // the answer is to act
  double act = 0;         // probability of acting
};

struct ProbeRow {
  std::string name;
  std::string family;  // of refusals; empty: orders
  std::vector<Verdict> verdicts;
  std::vector<std::string> missed = {};  // some of the texts that were answered wrongly
};
// NaN: not measured, which exactness is of orders only.
double Share(const ProbeRow& row, bool Verdict::*what);
double ShareActedAt(const ProbeRow& row, double threshold);  // if this were where acting begins

struct ProbeResult {
  std::vector<ProbeRow> rows;
  policies::AnswerCalibration calibration;
  double calibration_error = 0;  // of the answers to all that is judged; sets share no pattern
  std::int64_t parameters = 0;
  double seconds = 0, texts_per_s = 0;
};
ProbeResult RunProbe(const ProbeConfig& config);
// The same with texts and features that others use too, which are then encoded once. label: of its progress.
ProbeResult ProbeOn(const ProbeTexts& texts, policies::FeatureSource& features, const ProbeConfig& config,
                    const std::string& label);

}  // namespace genba::trainer
