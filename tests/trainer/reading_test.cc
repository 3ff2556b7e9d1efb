// What the reading part is taught and judged by.
#include "trainer/reading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "envs/language.h"

namespace genba::trainer {
namespace {

ReadingDraw Half() {
  ReadingDraw draw{.task = "pick_bin", .seed = 3, .items = 600};
  draw.options.negatives = 0.5;
  draw.options.to_learn_from = true;
  return draw;
}

TEST(Reading, AMadeUpPatternTeachesWhatIsMeantAndNoAnswer) {
  const std::vector<ReadingItem> plain = DrawReading(Half());
  ReadingDraw draw = Half();
  draw.loose = 1;
  const std::vector<ReadingItem> items = DrawReading(draw);
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].answers, items[i].answer != Answer::kAct) << items[i].text;
    EXPECT_EQ(items[i].text != plain[i].text, items[i].answer == Answer::kAct);
    EXPECT_TRUE(plain[i].answers);
  }
}

TEST(Reading, AFrameSaysTheSameOrderInOtherWords) {
  const std::vector<ReadingItem> plain = DrawReading(Half());
  ReadingDraw draw = Half();
  draw.framed = 1;
  const std::vector<ReadingItem> items = DrawReading(draw);
  int other_words = 0, orders = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].order, plain[i].order);
    EXPECT_EQ(items[i].obs, plain[i].obs);
    EXPECT_EQ(items[i].wanted, plain[i].wanted);
    EXPECT_TRUE(items[i].answers);
    orders += items[i].answer == Answer::kAct;
    other_words += items[i].text != plain[i].text;
  }
  EXPECT_GT(other_words, orders * 9 / 10);
  EXPECT_LE(other_words, orders);
}

TEST(Reading, IsAFunctionOfTheDraw) {
  ReadingDraw draw = Half();
  draw.loose = draw.framed = draw.varied = draw.slips = 0.3;
  EXPECT_EQ(TextsOf(DrawReading(draw)), TextsOf(DrawReading(draw)));
}

// Of several tasks in turns, and no order of one is refused as the other's: the robot does both.
TEST(Reading, OfSeveralTasksNoneRefusesTheOthersOrders) {
  const auto orders_among_refused = [](bool other_tasks) {
    ReadingDraw draw{.task = "pick_bin", .seed = 5, .items = 400};
    draw.options.negatives = 1;
    draw.options.families = {"other_task"};
    draw.options.other_tasks = other_tasks;
    const std::vector<ReadingItem> items = DrawReading(draw);
    return std::count_if(items.begin(), items.end(),
                         [](const ReadingItem& item) { return envs::Understand(item.text).has_value(); });
  };
  EXPECT_EQ(orders_among_refused(true), 0);
  EXPECT_GT(orders_among_refused(false), 50);  // the control: where the robot does one task only
  const ReadingSet both = DrawReadingSet({{"pick_bin", "reach"}, 3, 2001, 100, 0.5});
  ASSERT_EQ(both.learned.size(), 2001u);
  ASSERT_EQ(both.calibration.size(), 100u);
  int puts = 0, orders = 0;
  for (std::size_t i = 0; i < both.learned.size(); ++i) {
    const ReadingItem& item = both.learned[i];
    if (item.family == "other_task") {
      EXPECT_FALSE(envs::Understand(item.text)) << item.text;
    }
    if (item.answer != Answer::kAct) continue;
    EXPECT_EQ(item.order.verb == envs::Verb::kPick, i % 2 == 0) << item.text;
    puts += item.order.verb == envs::Verb::kPick;
    ++orders;
  }
  EXPECT_GT(puts, orders / 3);
  EXPECT_GT(orders - puts, orders / 3);
}

// What a run will read is known beforehand: the texts of its steps, once each, and no other.
TEST(Reading, TheTextsReadAreThoseOfTheLessons) {
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back("text " + std::to_string(i));
  const LessonDraw draw{3, "test", 8, 200};
  std::set<std::string> lessons;
  for (std::int64_t step = 0; step < 5; ++step) {
    const std::vector<int> which = DrawLesson(draw, step);
    ASSERT_EQ(which.size(), 8u);
    EXPECT_EQ(which, DrawLesson(draw, step));
    for (const int item : which) lessons.insert(texts[static_cast<std::size_t>(item)]);
  }
  const std::vector<std::string> read = TextsRead(draw, {0, 8}, 5, texts);
  EXPECT_EQ(std::set<std::string>(read.begin(), read.end()), lessons);
  EXPECT_EQ(read.size(), lessons.size());
  EXPECT_EQ(TextsRead(draw, {0, 8}, 5000, texts).size(), 200u);
  EXPECT_TRUE(TextsRead(draw, {0, 8}, 0, texts).empty());
  // Slices read between them what the whole reads.
  std::set<std::string> sliced;
  for (int i = 0; i < 3; ++i) {
    const Slice slice = SliceOf(8, i, 3);
    for (const std::string& text : TextsRead(draw, slice, 5, texts)) sliced.insert(text);
    EXPECT_LE(TextsRead(draw, slice, 5, texts).size(), static_cast<std::size_t>(5 * (slice.last - slice.first)));
  }
  EXPECT_EQ(sliced, lessons);
}

}  // namespace
}  // namespace genba::trainer
