// reading_batch.h - texts said in scenes (reading.h) as tensors, and what a reading part makes of them. Called by behaviour
// cloning and `genba probe`. One thread.
#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "policies/reader.h"
#include "trainer/calibrate.h"
#include "trainer/reading.h"

namespace genba::trainer {

// Some of the items; texts: TextsOf(items).
policies::ReadingBatch BatchOf(const std::vector<ReadingItem>& items, const std::vector<std::string>& texts,
                               std::span<const int> which, policies::FeatureSource& features);

// What a policy's reading part makes of a text in a scene.
struct ReadingResult {
  std::array<float, kNumAnswers> logits{};
  bool exact = false;  // the order it reads is the order meant; of orders only
};
// Exactness is of the order, not of the scene: every kind of part, every place and the quantity.
std::vector<ReadingResult> Read(const policies::Reader& reader, const policies::Weights& weights,
                                const std::vector<ReadingItem>& items, policies::FeatureSource& features);

// What calibration asks of them.
std::vector<AnswerSample> SamplesOf(const std::vector<ReadingItem>& items, const std::vector<ReadingResult>& results);

}  // namespace genba::trainer
