// Laws of answers: `act` exactly for what is well posed in the scene; everything else says why and is not played.
#include "envs/answer.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "envs/scene.h"
#include "tests/envs/every_order.h"

namespace genba::envs {
namespace {

// Two red bolts, a blue nut, a green gear; three bins.
sim::CellSpec Cell(std::size_t num_bins = 3) {
  sim::CellSpec cell;
  cell.parts = {{.shape = Shape::kBolt, .colour = Colour::kRed},
                {.shape = Shape::kBolt, .colour = Colour::kRed},
                {.shape = Shape::kNut, .colour = Colour::kBlue},
                {.shape = Shape::kGear, .colour = Colour::kGreen}};
  for (std::size_t i = 0; i < num_bins; ++i)
    cell.bins.push_back({.centre = {0.67, 0.22 - 0.22 * static_cast<double>(i)}});
  return cell;
}

TEST(Answer, ActsExactlyOnWhatIsWellPosedInTheScene) {
  const sim::CellSpec cell = Cell();
  for (const Order& order : EveryOrder()) {
    for (const Verb verb : {Verb::kReach, Verb::kPick}) {
      const Verdict verdict = VerdictOn(order, cell, verb);
      EXPECT_EQ(verdict.acts(), order.verb == verb && WellPosed(order, VisibleParts(cell))) << ToText(order);
      EXPECT_EQ(verdict.acts(), verdict.why.empty()) << ToText(order);
      EXPECT_EQ(verdict.acts(), Sentence(verdict).empty()) << ToText(order);
      for (const Utterance& said : Examples(order, Language::kJapanese)) {
        EXPECT_EQ(VerdictOn(said.text, cell, verb).answer, verdict.answer) << said.text;
        break;
      }
    }
  }
}

TEST(Answer, SaysWhatIsNotThere) {
  const struct {
    const char* text;
    Answer answer;
    const char* why;
  } cases[] = {
      {"Put the blue nut in the left bin.", Answer::kAct, ""},
      {"Put the red bolt in the left bin.", Answer::kAct, ""},
      {"Put both red bolts in the left bin.", Answer::kAct, ""},
      {"Put the three red bolts in the left bin.", Answer::kCannot, "only 2 parts here match \"red bolt\""},
      {"Put the yellow bolt in the left bin.", Answer::kCannot, "no part here matches \"yellow bolt\""},
      {"青いナットを右の箱に入れて", Answer::kAct, ""},
      {"黄色いナットを右の箱に入れて", Answer::kCannot, "no part here matches \"yellow nut\""},
      {"Don't put the blue nut in the left bin.", Answer::kNotUnderstood, "grammar"},
      {"青いナットを右の箱に入れないで", Answer::kNotUnderstood, "grammar"},
      {"Put the orange nut in the left bin.", Answer::kNotUnderstood, "grammar"},
      {"Put the blue nut in the upper bin.", Answer::kNotUnderstood, "grammar"},
      {"Put the four bolts in the left bin.", Answer::kNotUnderstood, "grammar"},
      {"", Answer::kNotUnderstood, "nothing"},
  };
  for (const auto& c : cases) {
    const Verdict verdict = VerdictOn(std::string(c.text), Cell(), Verb::kPick);
    EXPECT_EQ(verdict.answer, c.answer) << c.text;
    EXPECT_NE(verdict.why.find(c.why), std::string::npos) << c.text << ": " << verdict.why;
  }
}

TEST(Answer, AnotherWorkAndAMissingBinCannotBeDone) {
  const Order pick = OrderFromText("pick(one blue nut -> right bin)", "test");
  EXPECT_EQ(VerdictOn(pick, Cell(), Verb::kReach).answer, Answer::kCannot);
  EXPECT_EQ(VerdictOn(pick, Cell(2), Verb::kPick).answer, Answer::kCannot);
  EXPECT_EQ(VerdictOn(pick, Cell(2), Verb::kPick).why, "there is no right bin here");
}

TEST(Answer, AForcedOrderIsPlayedOrRefusedNeverReplaced) {
  VecEnvConfig config{.task = "pick_bin", .num_worlds = 1, .num_threads = 1, .num_episodes = 1, .options = {}};
  VecEnv drawn(config);
  StepBatch batch(drawn.spec(), 1);
  drawn.Reset(batch);
  const std::vector<ScenePart> parts = VisibleParts(drawn.cell(0));
  int played = 0, refused = 0;
  for (const Order& order : EveryOrder()) {
    if ((played > 5 || !WellPosed(order, parts)) && refused > 5) continue;
    config.options.forced_order = ToText(order);
    config.options.forced_text = "do it";
    if (VerdictOn(order, drawn.cell(0), Verb::kPick).acts()) {
      VecEnv env(config);
      env.Reset(batch);
      EXPECT_EQ(env.plan(0).order, order);
      EXPECT_EQ(env.plan(0).text, "do it");
      ++played;
    } else {
      EXPECT_THROW(VecEnv env(config), Error) << ToText(order);
      ++refused;
    }
  }
  EXPECT_GT(played, 0);
  EXPECT_GT(refused, 0);
  config.num_episodes = 2;  // a second scene might not fit
  EXPECT_THROW(VecEnv env(config), Error);
}

TEST(Answer, ATypedTextWithoutAnOrderIsSaidInTheDrawnSceneAsItIs) {
  VecEnvConfig config{.task = "pick_bin", .num_worlds = 1, .num_threads = 1, .num_episodes = 1, .options = {}};
  VecEnv drawn(config);
  StepBatch batch(drawn.spec(), 1);
  drawn.Reset(batch);
  config.options.forced_text = "not the {part}";
  VecEnv ordinary(config);  // the control: a text alone is not said, what should be made of it is unknown
  ordinary.Reset(batch);
  EXPECT_EQ(ordinary.plan(0).text, drawn.plan(0).text);
  config.options.forced_expect = Answer::kMustNot;
  VecEnv env(config);
  env.Reset(batch);
  EXPECT_EQ(env.plan(0).text, "not the {part}");
  EXPECT_EQ(env.plan(0).expect, Answer::kMustNot);
  EXPECT_EQ(env.plan(0).order, drawn.plan(0).order);
  EXPECT_EQ(CellToJson(env.cell(0)), CellToJson(drawn.cell(0)));
  EXPECT_EQ(batch.expert_answer[0], Answer::kMustNot);
}

}  // namespace
}  // namespace genba::envs
