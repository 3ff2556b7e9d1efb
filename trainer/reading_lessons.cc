#include "trainer/reading_lessons.h"

#include <ATen/ops/stack.h>

#include <utility>

namespace genba::trainer {

namespace {

constexpr std::uint64_t kReadingSeed = 1000003;  // apart from the seeds of worlds and evaluation
constexpr int kWarmup = 50;                      // steps

}  // namespace

ReadingLessons::ReadingLessons(const PpoConfig& config, const policies::Reader& reader,
                               policies::FeatureSource& features, const Shards& shards, Comm& comm)
    : config_(config), reader_(reader), features_(features), shards_(shards), comm_(comm) {
  ReadingSet reading = DrawReadingSet({{config.task},
                                       config.seed + kReadingSeed,
                                       config.reading_texts,
                                       config.calibration_texts,
                                       config.reading_negatives});
  items_ = std::move(reading.learned);
  texts_ = TextsOf(items_);
  calibration_ = std::move(reading.calibration);
}

LessonDraw ReadingLessons::Lessons() const {
  return {config_.seed, "reading", config_.reading_batch, static_cast<int>(items_.size())};
}

// Of all texts that this rank's slices will ask for.
void ReadingLessons::Prefetch() {
  if (prefetched_) return;
  const Slice own = OwnRows(shards_, config_.reading_batch);
  features_.Prefetch(TextsRead(Lessons(), own, config_.reading_steps, texts_), config_.threads);
  prefetched_ = true;
}

policies::ReadingBatch ReadingLessons::Draw(const Slice& rows, std::int64_t step) const {
  return BatchOf(items_, texts_, Of(rows, DrawLesson(Lessons(), step)), features_);
}

// Adds the gradient of a shard's share of the loss. [3]: its terms, as shares.
at::Tensor ReadingLessons::LearnFrom(const policies::ReadingBatch& batch, const policies::Weights& weights) const {
  const policies::ReadingLoss read = ComputeLoss(reader_, weights, batch);
  const at::Tensor terms = at::stack({read.grounding, read.quantity, read.answer});
  (terms.sum() / shards_.all).backward();
  return terms.detach().to(at::kDouble) / shards_.all;
}

ReadingLessons::Taken ReadingLessons::Take(std::int64_t step, Trainable& part, Phases& phases) {
  Prefetch();
  ShardGradients gradients(comm_, shards_, part.gradient);
  std::vector<at::Tensor> losses;
  for (int own = 0; own < shards_.own; ++own) {
    const policies::ReadingBatch batch =
        phases.Of("data", [&] { return Draw(RowsOf(shards_, own, config_.reading_batch), step); });
    losses.push_back(phases.Of("learn", [&] { return LearnFrom(batch, part.weights); }));
    gradients.Keep(own);
  }
  gradients.Sum("gradients");
  const at::Tensor loss = SumOfShards(comm_, losses, "losses");
  const double rate = WarmupCosine(step, kWarmup, config_.reading_steps, config_.reading_rate, 0.02);
  phases.Of("optimiser", [&] { return part.optimizer->Step(rate); });
  const auto term = [&](int i) { return loss[i].item<double>(); };
  return {term(0) + term(1) + term(2),
          {{"Loss/grounding", term(0)}, {"Loss/quantity", term(1)}, {"Loss/answer", term(2)}}};
}

policies::AnswerCalibration ReadingLessons::Calibrate(const policies::Weights& weights) const {
  return trainer::Calibrate(SamplesOf(calibration_, Read(reader_, weights, calibration_, features_)));
}

}  // namespace genba::trainer
