// reading_lessons.h - what a policy learns before it moves: to read. Texts said in scenes, without physics, for the reading
// part alone; then the threshold from which it acts, on texts in patterns it has not learned from. Called by PPO. One
// thread. Law: step n takes the same texts whatever came before it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/phases.h"
#include "trainer/metrics.h"
#include "trainer/ppo_config.h"
#include "trainer/reading_batch.h"
#include "trainer/shards.h"
#include "trainer/trainable.h"

namespace genba::trainer {

class ReadingLessons {
 public:
  // Each shard takes a slice of every batch.
  ReadingLessons(const PpoConfig& config, const policies::Reader& reader, policies::FeatureSource& features,
                 const Shards& shards, Comm& comm);
  struct Taken {
    double loss = 0;
    Scalars measured;
  };
  Taken Take(std::int64_t step, Trainable& part, Phases& phases);  // one optimiser step
  policies::AnswerCalibration Calibrate(const policies::Weights& weights) const;

 private:
  LessonDraw Lessons() const;
  void Prefetch();
  policies::ReadingBatch Draw(const Slice& rows, std::int64_t step) const;
  at::Tensor LearnFrom(const policies::ReadingBatch& batch, const policies::Weights& weights) const;

  const PpoConfig& config_;
  const policies::Reader& reader_;
  policies::FeatureSource& features_;
  Shards shards_;
  Comm& comm_;
  std::vector<ReadingItem> items_, calibration_;
  std::vector<std::string> texts_;
  bool prefetched_ = false;
};

}  // namespace genba::trainer
