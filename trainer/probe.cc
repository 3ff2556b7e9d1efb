#include "trainer/probe.h"

#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/progress.h"
#include "policies/compute.h"
#include "trainer/optimizer.h"
#include "trainer/reading_batch.h"

namespace genba::trainer {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostMissed = 20;  // texts that are kept of a row

double Seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// A reading part that has learned.
struct Learned {
  const policies::Reader& reader;
  policies::Weights weights;
  policies::FeatureSource& features;
  policies::AnswerCalibration calibration;
};

Verdict VerdictOn(const ReadingItem& item, const ReadingResult& read, const policies::AnswerCalibration& calibration) {
  const policies::AnswerProbabilities probabilities = policies::Probabilities(read.logits, calibration);
  const Answer best = policies::Decide(probabilities, calibration, {}).answer;
  return {read.exact, best == item.answer, best == Answer::kAct, probabilities[static_cast<std::size_t>(Answer::kAct)]};
}

// samples: of all that is judged.
ProbeRow Judge(const JudgedTexts& texts, const Learned& learned, std::vector<AnswerSample>& samples) {
  CheckInterrupt();
  const std::vector<ReadingResult> results = Read(learned.reader, learned.weights, texts.items, learned.features);
  const std::vector<AnswerSample> answers = SamplesOf(texts.items, results);
  samples.insert(samples.end(), answers.begin(), answers.end());
  ProbeRow row{texts.name, texts.family, {}, {}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    row.verdicts.push_back(VerdictOn(texts.items[i], results[i], learned.calibration));
    if (!row.verdicts.back().answered && row.missed.size() < kMostMissed) row.missed.push_back(texts.items[i].text);
  }
  return row;
}

struct Trainable {
  const policies::Reader& reader;
  const policies::Weights weights;
  FlatAdamW& optimizer;
  policies::FeatureSource& features;
};

void Learn(const std::vector<ReadingItem>& items, const ProbeConfig& config, const std::string& label,
           const Trainable& part) {
  const std::vector<std::string> texts = TextsOf(items);
  const LessonDraw lessons{config.seed, "probe batch", config.batch, static_cast<int>(items.size())};
  part.features.Prefetch(TextsRead(lessons, {0, lessons.batch}, config.steps, texts), config.threads);
  Progress progress(label, "steps", config.steps);
  for (int step = 0; step < config.steps; ++step) {
    CheckInterrupt();
    const policies::ReadingLoss loss =
        ComputeLoss(part.reader, part.weights, BatchOf(items, texts, DrawLesson(lessons, step), part.features));
    (loss.grounding + loss.quantity + loss.answer).backward();
    part.optimizer.Step(WarmupCosine(step, 50, config.steps, config.learning_rate, 0.02));
    progress.Update(step + 1);
  }
}

policies::AnswerCalibration CalibrationOf(const Learned& learned, const std::vector<ReadingItem>& items) {
  return Calibrate(SamplesOf(items, Read(learned.reader, learned.weights, items, learned.features)));
}

void JudgeAll(const std::vector<JudgedTexts>& judged, const Learned& learned, ProbeResult& result) {
  const Clock::time_point start = Clock::now();
  std::vector<AnswerSample> samples;
  for (const JudgedTexts& texts : judged) result.rows.push_back(Judge(texts, learned, samples));
  result.calibration_error = CalibrationError(samples, learned.calibration);
  result.texts_per_s = static_cast<double>(samples.size()) / Seconds(start, Clock::now());
}

}  // namespace

double Share(const ProbeRow& row, bool Verdict::*what) {
  const bool measured = !row.verdicts.empty() && (what != &Verdict::exact || row.family.empty());
  if (!measured) return std::numeric_limits<double>::quiet_NaN();
  const auto count = std::count_if(row.verdicts.begin(), row.verdicts.end(), [&](const Verdict& v) { return v.*what; });
  return static_cast<double>(count) / static_cast<double>(row.verdicts.size());
}

double ShareActedAt(const ProbeRow& row, double threshold) {
  const auto count = std::count_if(row.verdicts.begin(), row.verdicts.end(),
                                   [&](const Verdict& verdict) { return verdict.act >= threshold; });
  return row.verdicts.empty() ? std::numeric_limits<double>::quiet_NaN()
                              : static_cast<double>(count) / static_cast<double>(row.verdicts.size());
}

ProbeResult ProbeOn(const ProbeTexts& texts, policies::FeatureSource& features, const ProbeConfig& config,
                    const std::string& label) {
  const Clock::time_point start = Clock::now();
  policies::UseMatrixThreads(config.threads, "probe.threads");
  policies::ParameterLayout layout;
  const policies::Reader reader(envs::SpecOf(config.task), {.width = config.width}, features.shape(), layout);
  const at::Tensor flat = layout.Initial(config.seed), gradient = at::zeros_like(flat);
  FlatAdamW optimizer(flat, gradient, {});
  Learn(texts.learned, config, label, {reader, layout.TrainableViews(flat, gradient), optimizer, features});
  Learned learned{reader, layout.Views(flat), features, {}};
  ProbeResult result;
  result.calibration = learned.calibration = CalibrationOf(learned, texts.calibration);
  result.parameters = layout.num_weights();
  JudgeAll(texts.judged, learned, result);
  result.seconds = Seconds(start, Clock::now());
  return result;
}

ProbeResult RunProbe(const ProbeConfig& config) {
  const auto features = policies::MakeFeatureSource(config.features);
  return ProbeOn(DrawProbeTexts(config), *features, config, "probe " + config.task);
}

}  // namespace genba::trainer
