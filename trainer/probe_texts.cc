#include "trainer/probe_texts.h"

#include <algorithm>

#include "core/error.h"
#include "core/interrupt.h"
#include "envs/refusals.h"

namespace genba::trainer {

namespace {

constexpr std::uint64_t kJudgedSeed = 900000;  // of scenes that are judged in; far from those learned from

void CheckFamily(const std::string& name) {
  const auto families = envs::RefusalFamilies();
  const auto is_it = [&](const envs::RefusalFamily& family) { return name == family.name; };
  if (!name.empty() && std::none_of(families.begin(), families.end(), is_it))
    throw BadInput({"probe", "probe.leave_out", "a family of refusals", name});
}

std::vector<ReadingItem> LearnedTexts(const ProbeConfig& config) {
  ReadingDraw draw{config.task,   config.seed,   config.items, config.loose,
                   config.framed, config.varied, config.slips, {}};
  draw.options.negatives = config.negatives;
  draw.options.to_learn_from = true;
  return DrawReading(draw);
}

std::vector<ReadingItem> CalibrationTexts(const ProbeConfig& config) {
  ReadingDraw draw{config.task, config.seed, config.calibration_texts, 0, 0, config.varied, config.slips, {}};
  draw.options.split = envs::Split::kCalibration;
  draw.options.negatives = 0.5;
  return DrawReading(draw);
}

struct RowDraw {
  std::string name;
  envs::EpisodeOptions options;
  double varied = 0, slips = 0;
};

std::vector<RowDraw> OrderRows() {
  using enum envs::Split;
  std::vector<RowDraw> rows;
  for (const envs::Split split : {kTrain, kTemplates, kTaught, kPairs}) {
    rows.push_back({envs::Name(split), {}, 0, 0});
    rows.back().options.split = split;
  }
  rows.push_back({"varied", {}, 1, 0});
  rows.push_back({"slips", {}, 0, 1});
  return rows;
}

RowDraw RefusalRow(const envs::RefusalFamily& family, envs::Split split) {
  RowDraw row{family.name, {}, 0, 0};
  if (split == envs::Split::kTemplates) row.name += " templates";
  row.options.split = split;
  row.options.negatives = 1;
  row.options.families = {family.name};
  return row;
}

// Plain orders by split, refusals by family: those of the training families in held-out templates too.
std::vector<RowDraw> Rows() {
  std::vector<RowDraw> rows = OrderRows();
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    rows.push_back(RefusalRow(family, envs::Split::kTrain));
    if (!family.held_out) rows.push_back(RefusalRow(family, envs::Split::kTemplates));
  }
  return rows;
}

JudgedTexts Drawn(const ProbeConfig& config, const RowDraw& row) {
  CheckInterrupt();
  JudgedTexts texts{row.name, row.options.negatives > 0 ? row.options.families.front() : "", {}};
  texts.items = DrawReading({config.task, kJudgedSeed, config.judged, 0, 0, row.varied, row.slips, row.options});
  if (!texts.family.empty())  // scenes that this family has nothing to say about
    std::erase_if(texts.items, [](const ReadingItem& item) { return item.answer == Answer::kAct; });
  return texts;
}

}  // namespace

void Register(ConfigTable& table, ProbeConfig& config) {
  table.Add("probe.seed", &config.seed, "of texts, scenes and initial weights");
  table.Add("probe.steps", &config.steps, {1, 1e7}, "optimiser steps");
  table.Add("probe.batch", &config.batch, {1, 65536}, "texts per step");
  table.Add("probe.items", &config.items, {1, 1e7}, "texts to learn from");
  table.Add("probe.judged", &config.judged, {1, 1e6}, "texts of every row that is judged");
  table.Add("probe.calibration_texts", &config.calibration_texts, {1, 1e6},
            "texts in other patterns, on which the threshold for acting is set");
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

ProbeTexts DrawProbeTexts(const ProbeConfig& config) {
  CheckFamily(config.leave_out);
  ProbeTexts texts{LearnedTexts(config), CalibrationTexts(config), {}};
  for (const RowDraw& row : Rows()) texts.judged.push_back(Drawn(config, row));
  return config.leave_out.empty() ? texts : WithoutFamily(std::move(texts), config.leave_out);
}

ProbeTexts WithoutFamily(ProbeTexts texts, const std::string& family) {
  for (std::vector<ReadingItem>* items : {&texts.learned, &texts.calibration})
    std::erase_if(*items, [&](const ReadingItem& item) { return item.family == family; });
  if (texts.learned.empty()) throw BadInput({"probe", "probe.items", "more texts, of other families too", "none left"});
  return texts;
}

}  // namespace genba::trainer
