#include "trainer/reading.h"

#include <set>

#include "core/rng.h"
#include "envs/observation.h"
#include "envs/task.h"

namespace genba::trainer {

namespace {

ReadingItem ItemOf(const envs::Scene& scene, const EnvSpec& spec) {
  const envs::EpisodePlan& plan = scene.plan;
  ReadingItem item{plan.text, plan.family, plan.language, plan.order, plan.expect, true, {}, {}};
  item.obs.resize(static_cast<std::size_t>(spec.obs_dim()));
  envs::WriteKinds(scene.cell, item.obs);
  const std::vector<std::uint8_t> wanted = envs::WantedSlots(plan, scene.cell);
  item.wanted.assign(wanted.begin(), wanted.end());
  return item;
}

// Some orders in patterns other than the grammar's.
void SayAnew(const ReadingDraw& draw, bool spare, Rng& rng, ReadingItem& item) {
  const double how = rng.Uniform();
  item.answers = how >= draw.loose;
  if (how < draw.loose)
    item.text = envs::SayLoosely(item.order, item.language, envs::Split::kTrain, rng, spare).text;
  else if (how < draw.loose + draw.framed)
    item.text = envs::SayFramed(item.order, item.language, envs::Split::kTrain, rng, spare).text;
}

}  // namespace

std::vector<ReadingItem> DrawReading(const ReadingDraw& draw) {
  const std::unique_ptr<envs::Task> task = envs::MakeTask(draw.task);
  std::vector<ReadingItem> items;
  for (int i = 0; i < draw.items; ++i) {
    const auto number = static_cast<std::uint64_t>(i);
    const envs::Scene scene = envs::DrawScene(task->verb(), task->limits(), draw.seed, number, draw.options);
    items.push_back(ItemOf(scene, task->spec()));
    ReadingItem& item = items.back();
    Rng rng(draw.seed, number, "reading");
    if (item.answer == Answer::kAct) SayAnew(draw, envs::HasSpare(item.order, scene.plan.parts), rng, item);
    if (rng.Chance(draw.varied)) item.text = envs::Varied(item.text, item.language, rng);
    if (rng.Chance(draw.slips)) item.text = envs::WithSlip(item.text, rng);
  }
  return items;
}

namespace {

std::vector<ReadingItem> DrawInTurns(const std::vector<std::string>& tasks, ReadingDraw draw) {
  const int all = draw.items, of = static_cast<int>(tasks.size());
  draw.options.other_tasks = of > 1;
  std::vector<std::vector<ReadingItem>> drawn;
  for (int k = 0; k < of; ++k) {
    draw.task = tasks[static_cast<std::size_t>(k)];
    draw.items = (all - k + of - 1) / of;
    drawn.push_back(DrawReading(draw));
  }
  std::vector<ReadingItem> items;
  for (int i = 0; i < all; ++i)
    items.push_back(std::move(drawn[static_cast<std::size_t>(i % of)][static_cast<std::size_t>(i / of)]));
  return items;
}

}  // namespace

ReadingSet DrawReadingSet(const ReadingSetDraw& draw) {
  ReadingDraw each{"", draw.seed, draw.learned, kLearnedLoose, kLearnedFramed, kLearnedVaried, kLearnedSlips, {}};
  each.options.negatives = draw.negatives;
  each.options.to_learn_from = true;
  ReadingSet set{DrawInTurns(draw.tasks, each), {}};
  each.items = draw.calibration;
  each.options.split = envs::Split::kCalibration;
  each.loose = each.framed = 0;
  set.calibration = DrawInTurns(draw.tasks, each);
  return set;
}

std::vector<int> DrawLesson(const LessonDraw& draw, std::int64_t step) {
  Rng rng(draw.seed, static_cast<std::uint64_t>(step), draw.purpose);
  std::vector<int> which(static_cast<std::size_t>(draw.batch));
  for (int& item : which) item = rng.Int(0, draw.items - 1);
  return which;
}

std::vector<std::string> TextsRead(const LessonDraw& draw, const Slice& slice, std::int64_t steps,
                                   const std::vector<std::string>& texts) {
  std::set<int> read;
  for (std::int64_t step = 0; step < steps && read.size() < texts.size(); ++step) {
    const std::vector<int> lesson = DrawLesson(draw, step);
    read.insert(lesson.begin() + slice.first, lesson.begin() + slice.last);
  }
  std::vector<std::string> found;
  for (const int item : read) found.push_back(texts[static_cast<std::size_t>(item)]);
  return found;
}

std::vector<std::string> TextsOf(const std::vector<ReadingItem>& items) {
  std::vector<std::string> texts;
  for (const ReadingItem& item : items) texts.push_back(item.text);
  return texts;
}

}  // namespace genba::trainer
