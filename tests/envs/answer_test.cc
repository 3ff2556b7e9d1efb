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
      const Answer answer = AnswerOf(order, cell, verb);
      EXPECT_EQ(answer.acts(), order.verb == verb && WellPosed(order, VisibleParts(cell))) << ToText(order);
      EXPECT_EQ(answer.acts(), answer.why.empty()) << ToText(order);
      EXPECT_EQ(answer.acts(), Sentence(answer).empty()) << ToText(order);
      for (const Utterance& said : Examples(order, Language::kJapanese)) {
        EXPECT_EQ(AnswerOf(said.text, cell, verb).kind, answer.kind) << said.text;
        break;
      }
    }
  }
}

TEST(Answer, SaysWhatIsNotThere) {
  const struct {
    const char* text;
    Answer::Kind kind;
    const char* why;
  } cases[] = {
      {"Put the blue nut in the left bin.", Answer::Kind::kAct, ""},
      {"Put the red bolt in the left bin.", Answer::Kind::kCannot, "2 parts here match \"red bolt\""},
      {"Put the yellow bolt in the left bin.", Answer::Kind::kCannot, "no part here matches \"yellow bolt\""},
      {"青いナットを右の箱に入れて", Answer::Kind::kAct, ""},
      {"黄色いナットを右の箱に入れて", Answer::Kind::kCannot, "no part here matches \"yellow nut\""},
      {"Don't put the blue nut in the left bin.", Answer::Kind::kNotUnderstood, "grammar"},
      {"青いナットを右の箱に入れないで", Answer::Kind::kNotUnderstood, "grammar"},
      {"Put the orange nut in the left bin.", Answer::Kind::kNotUnderstood, "grammar"},
      {"Put the blue nut in the upper bin.", Answer::Kind::kNotUnderstood, "grammar"},
      {"Put the four bolts in the left bin.", Answer::Kind::kNotUnderstood, "grammar"},
      {"", Answer::Kind::kNotUnderstood, "nothing"},
  };
  for (const auto& c : cases) {
    const Answer answer = AnswerOf(std::string(c.text), Cell(), Verb::kPick);
    EXPECT_EQ(Name(answer.kind), std::string(Name(c.kind))) << c.text;
    EXPECT_NE(answer.why.find(c.why), std::string::npos) << c.text << ": " << answer.why;
  }
}

TEST(Answer, AnotherWorkIsNotUnderstoodAndAMissingBinCannotBeReached) {
  const Order pick = OrderFromText("pick(one blue nut -> right bin)", "test");
  EXPECT_EQ(AnswerOf(pick, Cell(), Verb::kReach).kind, Answer::Kind::kNotUnderstood);
  EXPECT_EQ(AnswerOf(pick, Cell(2), Verb::kPick).kind, Answer::Kind::kCannot);
  EXPECT_EQ(AnswerOf(pick, Cell(2), Verb::kPick).why, "there is no right bin here");
}

TEST(Answer, AForcedOrderIsPlayedOrRefusedNeverReplaced) {
  VecEnvConfig config{.task = "pick_bin", .num_worlds = 1, .num_threads = 1, .num_episodes = 1, .options = {}};
  VecEnv drawn(config);
  StepBatch batch(drawn.spec(), 1);
  drawn.Reset(batch);
  const std::vector<ScenePart> parts = drawn.plan(0).parts;
  int played = 0, refused = 0;
  for (const Order& order : EveryOrder()) {
    if ((played > 5 || !WellPosed(order, parts)) && refused > 5) continue;
    config.options.forced_order = ToText(order);
    config.options.forced_text = "do it";
    if (AnswerOf(order, drawn.cell(0), Verb::kPick).acts()) {
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

}  // namespace
}  // namespace genba::envs
