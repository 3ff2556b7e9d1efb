#include "trainer/probe.h"

#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/progress.h"
#include "core/rng.h"
#include "envs/refusals.h"
#include "policies/compute.h"
#include "trainer/optimizer.h"
#include "trainer/reading_batch.h"

namespace genba::trainer {

namespace {

constexpr std::uint64_t kJudgedSeed = 900000;  // of scenes that are judged in; far from those learned from

std::vector<std::string> LearnedFamilies(const ProbeConfig& config) {
  std::vector<std::string> names;
  bool known = config.leave_out.empty();
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    known = known || config.leave_out == family.name;
    if (!family.held_out && config.leave_out != family.name) names.emplace_back(family.name);
  }
  if (!known) throw BadInput({"probe", "probe.leave_out", "a family of refusals", config.leave_out});
  return names;
}

std::vector<ReadingItem> LearnedItems(const ProbeConfig& config) {
  ReadingDraw draw{config.task,   config.seed,   config.items, config.loose,
                   config.framed, config.varied, config.slips, {}};
  draw.options.negatives = config.negatives;
  draw.options.to_learn_from = true;
  draw.options.families = LearnedFamilies(config);
  return DrawReading(draw);
}

struct JudgedRow {
  std::string name;
  envs::EpisodeOptions options;
  double varied = 0, slips = 0;
};

// Plain orders by split, refusals by family: those of the training families in held-out templates too.
std::vector<JudgedRow> JudgedRows() {
  using enum envs::Split;
  std::vector<JudgedRow> rows;
  for (const envs::Split split : {kTrain, kTemplates, kTaught, kPairs}) {
    rows.push_back({envs::Name(split), {}, 0, 0});
    rows.back().options.split = split;
  }
  rows.push_back({"varied", {}, 1, 0});
  rows.push_back({"slips", {}, 0, 1});
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    for (const envs::Split split : {kTrain, kTemplates}) {
      if (family.held_out && split == kTemplates) continue;
      rows.push_back({std::string(family.name) + (split == kTrain ? "" : " templates"), {}, 0, 0});
      envs::EpisodeOptions& options = rows.back().options;
      options.split = split;
      options.negatives = 1;
      options.families = {family.name};
    }
  }
  return rows;
}

// A reading part that has learned.
struct Learned {
  const policies::Reader& reader;
  policies::Weights weights;
  policies::FeatureSource& features;
  policies::AnswerCalibration calibration;
};

ProbeRow Judge(const ProbeConfig& config, const JudgedRow& row, const Learned& learned,
               std::vector<AnswerSample>& all) {
  std::vector<ReadingItem> items =
      DrawReading({config.task, kJudgedSeed, config.judged, 0, 0, row.varied, row.slips, row.options});
  if (row.options.negatives > 0)  // scenes that this family has nothing to say about
    std::erase_if(items, [](const ReadingItem& item) { return item.answer == Answer::kAct; });
  const std::vector<ReadingResult> results = Read(learned.reader, learned.weights, items, learned.features);
  const std::vector<AnswerSample> samples = SamplesOf(items, results);
  all.insert(all.end(), samples.begin(), samples.end());
  ProbeRow judged{row.name, static_cast<int>(items.size()), 0, 0, 0};
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Answer best =
        policies::Decide(policies::Probabilities(results[i].logits, learned.calibration), learned.calibration, {})
            .answer;
    judged.exact += results[i].exact / static_cast<double>(items.size());
    judged.answered += (best == items[i].answer) / static_cast<double>(items.size());
    judged.acted += (best == Answer::kAct) / static_cast<double>(items.size());
  }
  return judged;
}

void Learn(const ProbeConfig& config, const policies::Reader& reader, const policies::Weights& weights,
           FlatAdamW& optimizer, policies::FeatureSource& features) {
  const std::vector<ReadingItem> items = LearnedItems(config);
  const std::vector<std::string> texts = TextsOf(items);
  features.Prefetch(texts, config.threads);
  Progress progress("probe " + config.task, "steps", config.steps);
  std::vector<int> which(static_cast<std::size_t>(config.batch));
  for (int step = 0; step < config.steps; ++step) {
    CheckInterrupt();
    Rng rng(config.seed, static_cast<std::uint64_t>(step), "probe batch");
    for (int& item : which) item = rng.Int(0, static_cast<int>(items.size()) - 1);
    const policies::ReadingLoss loss = ComputeLoss(reader, weights, BatchOf(items, texts, which, features));
    (loss.grounding + loss.quantity + loss.answer).backward();
    optimizer.Step(WarmupCosine(step, 50, config.steps, config.learning_rate, 0.02));
    progress.Update(step + 1);
  }
}

}  // namespace

void Register(ConfigTable& table, ProbeConfig& config) {
  table.Add("probe.seed", &config.seed, "of texts, scenes and initial weights");
  table.Add("probe.steps", &config.steps, {1, 1e7}, "optimiser steps");
  table.Add("probe.batch", &config.batch, {1, 65536}, "texts per step");
  table.Add("probe.items", &config.items, {1, 1e7}, "texts to learn from");
  table.Add("probe.judged", &config.judged, {1, 1e6}, "texts of every row that is judged");
  table.Add("probe.negatives", &config.negatives, {0, 1}, "share of texts that are not to be acted on");
  table.Add("probe.loose", &config.loose, {0, 1}, "share of orders in made-up patterns");
  table.Add("probe.framed", &config.framed, {0, 1}, "share of orders in frames");
  table.Add("probe.varied", &config.varied, {0, 1}, "share of texts as people say and type them");
  table.Add("probe.slips", &config.slips, {0, 1}, "share of texts with a slip of the finger");
  table.Add("probe.learning_rate", &config.learning_rate, {1e-8, 1}, "peak of warm-up and cosine");
  table.Add("probe.width", &config.width, {8, 1024}, "columns of a word");
  table.Add("probe.threads", &config.threads, {1, 256}, "threads of the matrix library");
  table.Add("probe.leave_out", &config.leave_out, "a family of refusals that is not learned from");
}

ProbeResult RunProbe(const ProbeConfig& config) {
  const auto start = std::chrono::steady_clock::now();
  policies::UseMatrixThreads(config.threads, "probe.threads");
  const auto features = policies::MakeFeatureSource(config.features);
  policies::ParameterLayout layout;
  const policies::Reader reader(envs::SpecOf(config.task), {.width = config.width}, features->dim(), layout);
  const at::Tensor flat = layout.Initial(config.seed), gradient = at::zeros_like(flat);
  FlatAdamW optimizer(flat, gradient, {});
  Learn(config, reader, layout.TrainableViews(flat, gradient), optimizer, *features);
  Learned learned{reader, layout.Views(flat), *features, {}};
  ReadingDraw calibration{config.task, config.seed, kCalibrationTexts, 0, 0, config.varied, config.slips, {}};
  calibration.options.split = envs::Split::kCalibration;
  calibration.options.negatives = 0.5;
  calibration.options.families = LearnedFamilies(config);
  const std::vector<ReadingItem> items = DrawReading(calibration);
  learned.calibration = Calibrate(SamplesOf(items, Read(reader, learned.weights, items, *features)));
  ProbeResult result;
  result.calibration = learned.calibration;
  std::vector<AnswerSample> all;
  result.parameters = layout.num_weights();
  const auto judged = std::chrono::steady_clock::now();
  int texts = 0;
  for (const JudgedRow& row : JudgedRows()) {
    result.rows.push_back(Judge(config, row, learned, all));
    texts += result.rows.back().items;
  }
  const auto end = std::chrono::steady_clock::now();
  result.calibration_error = CalibrationError(all, learned.calibration);
  result.texts_per_s = texts / std::chrono::duration<double>(end - judged).count();
  result.seconds = std::chrono::duration<double>(end - start).count();
  return result;
}

}  // namespace genba::trainer
