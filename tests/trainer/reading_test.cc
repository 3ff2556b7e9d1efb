// What the reading part is taught and judged by.
#include "trainer/reading.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace genba::trainer
