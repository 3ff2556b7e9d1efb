// Laws of the keyword spotter: it reads training words in any pattern, looks at what is there, and knows nothing else.
#include "trainer/spotter.h"

#include <gtest/gtest.h>

#include "envs/language.h"
#include "trainer/reading.h"

namespace genba::trainer {
namespace {

using envs::Colour, envs::Shape;

// Everything, three of each.
std::vector<envs::ScenePart> EveryPart() {
  std::vector<envs::ScenePart> parts;
  for (int i = 0; i < 3 * envs::kNumColours * envs::kNumShapes; ++i)
    parts.push_back(
        {static_cast<Colour>(i % envs::kNumColours), static_cast<Shape>(i / envs::kNumColours % envs::kNumShapes)});
  return parts;
}

Answer AnswerTo(const std::string& text, const std::vector<envs::ScenePart>& parts = EveryPart()) {
  return Spot(text, envs::Verb::kPick, parts).answer;
}

// Of the orders of a split.
struct Shares {
  double exact = 0, acted = 0;
};
Shares SharesOf(const std::string& task, envs::Split split) {
  ReadingDraw draw{task, 900000, 600, 0, 0, 0, 0, {}};
  draw.options.split = split;
  Shares shares;
  for (const ReadingItem& item : DrawReading(draw)) {
    const Spotted spotted = Spot(item.text, item.order.verb, EveryPart());
    shares.exact += (spotted.order && Differences(*spotted.order, item.order).empty()) / 600.0;
    shares.acted += (spotted.answer == Answer::kAct) / 600.0;
  }
  return shares;
}

TEST(Spotter, ReadsEveryOrderInTrainingWordsWhateverThePattern) {
  for (const char* task : {"pick_bin", "reach"}) {
    for (const envs::Split split :
         {envs::Split::kTrain, envs::Split::kTemplates, envs::Split::kPairs, envs::Split::kCalibration}) {
      const Shares shares = SharesOf(task, split);
      EXPECT_NEAR(shares.exact, 1, 1e-9) << task << " " << Name(split);
      const bool by_others = split == envs::Split::kTemplates || split == envs::Split::kCalibration;
      EXPECT_GT(shares.acted, by_others ? 0.7 : 0.97) << task << " " << Name(split);  // "don't touch it", of its list
    }
  }
}

TEST(Spotter, KnowsNoTaughtAndNoUnseenWord) {
  for (const envs::Split split : {envs::Split::kTaught, envs::Split::kUnseen})
    EXPECT_LT(SharesOf("pick_bin", split).exact, 0.2) << Name(split);  // where only the bin or the verb is one of them
  EXPECT_EQ(AnswerTo("Put the red sprocket in the leftmost bin."), Answer::kNotUnderstood);
  EXPECT_EQ(AnswerTo("赤いスプロケットを左端の箱に入れて。"), Answer::kNotUnderstood);
}

TEST(Spotter, RefusesPlainProhibitions) {
  for (const char* text :
       {"Don't put the red bolt in the left bin.", "Never put the red bolt in the left bin.",
        "You must not put the red bolt in the left bin.", "DO NOT PUT THE RED BOLT IN THE LEFT BIN!",
        "赤いボルトを左の箱に入れないで。", "赤いボルトを左の箱に入れるな。",
        "赤いボルトを左の箱に入れるのは禁止です。", "赤いボルトを左の箱に入れてはいけません。", "Stop!", "止まれ。"})
    EXPECT_EQ(AnswerTo(text), Answer::kMustNot) << text;
}

TEST(Spotter, AnExclusionIsNoProhibition) {
  EXPECT_EQ(AnswerTo("Put the bolt that is not red in the left bin."), Answer::kAct);
  EXPECT_EQ(AnswerTo("赤ではないボルトを左の箱に入れて。"), Answer::kAct);
}

TEST(Spotter, LooksAtWhatIsThere) {
  const std::string text = "Put the two red bolts in the left bin.";
  EXPECT_EQ(AnswerTo(text, {{Colour::kRed, Shape::kBolt}, {Colour::kRed, Shape::kBolt}}), Answer::kAct);
  EXPECT_EQ(AnswerTo(text, {{Colour::kRed, Shape::kBolt}, {Colour::kBlue, Shape::kBolt}}), Answer::kCannot);
}

TEST(Spotter, WantsAPartAndAPlaceAndEachOnce) {
  EXPECT_EQ(AnswerTo("Put the red bolt away."), Answer::kNotUnderstood);
  EXPECT_EQ(AnswerTo("The left bin."), Answer::kNotUnderstood);
  EXPECT_EQ(AnswerTo("Put the red bolt in the left bin and the blue nut in the right bin."), Answer::kCannot);
  EXPECT_EQ(AnswerTo(""), Answer::kNotUnderstood);
}

// What it cannot do is why a reader learns: it acts on any sentence with the right words in it.
TEST(Spotter, IsFooledByEveryOtherSentence) {
  for (const char* text : {"Is the red bolt in the left bin?", "Yesterday a red bolt fell into the left bin.",
                           "Put the red orange bolt in the left bin."})
    EXPECT_EQ(AnswerTo(text), Answer::kAct) << text;
}

}  // namespace
}  // namespace genba::trainer
