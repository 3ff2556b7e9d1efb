#include "trainer/reading_lessons.h"

#include <utility>

namespace genba::trainer {

namespace {

constexpr std::uint64_t kReadingSeed = 1000003;  // apart from the seeds of worlds and evaluation
constexpr int kWarmup = 50;                      // steps

}  // namespace

ReadingLessons::ReadingLessons(const PpoConfig& config, const policies::Reader& reader,
                               policies::FeatureSource& features)
    : config_(config), reader_(reader), features_(features) {
  ReadingSet reading =
      DrawReadingSet(config.task, config.seed + kReadingSeed, config.reading_texts, config.reading_negatives);
  items_ = std::move(reading.learned);
  texts_ = TextsOf(items_);
  calibration_ = std::move(reading.calibration);
}

ReadingLessons::Taken ReadingLessons::Take(std::int64_t step, Trainable& part) {
  const LessonDraw lessons{config_.seed, "reading", config_.reading_batch, static_cast<int>(items_.size())};
  if (!prefetched_)
    features_.Prefetch(TextsRead(lessons, {0, lessons.batch}, config_.reading_steps, texts_), config_.threads);
  prefetched_ = true;
  const std::vector<int> which = DrawLesson(lessons, step);
  const policies::ReadingLoss read = ComputeLoss(reader_, part.weights, BatchOf(items_, texts_, which, features_));
  const at::Tensor loss = read.grounding + read.quantity + read.answer;
  loss.backward();
  part.optimizer->Step(WarmupCosine(step, kWarmup, config_.reading_steps, config_.reading_rate, 0.02));
  return {loss.item<double>(),
          {{"Loss/grounding", read.grounding.item<double>()},
           {"Loss/quantity", read.quantity.item<double>()},
           {"Loss/answer", read.answer.item<double>()}}};
}

policies::AnswerCalibration ReadingLessons::Calibrate(const policies::Weights& weights) const {
  return trainer::Calibrate(SamplesOf(calibration_, Read(reader_, weights, calibration_, features_)));
}

}  // namespace genba::trainer
