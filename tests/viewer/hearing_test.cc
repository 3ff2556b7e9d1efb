// What a policy makes of typed texts, shown and played. The policy here hears colours and forbids by "not", so that what it
// answers is known; what a trained one answers is trained_hearing_test's.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/error.h"
#include "envs/task.h"
#include "trainer/asking.h"
#include "viewer/panels/panels.h"
#include "viewer/window.h"

namespace genba::viewer {
namespace {

// Goes forward, whatever was said, and forbids itself to by "not"; answers false: it goes on all the same. It means the
// parts whose colour is said.
class Parrot final : public trainer::Actor {
 public:
  explicit Parrot(bool answers = true) : answers_(answers) {}
  std::string name() const override { return "parrot"; }

  void Act(const envs::VecEnv& env, const StepBatch&, Commands& commands) override {
    commands.Fit(1, env.spec().action_dim());
    const policies::GivenAnswer given = AnswerTo(env.plan(0).text);
    commands.answers[0] = answers_ ? given.answer : Answer::kAct;
    commands.probabilities[0] = static_cast<float>(given.probability);
    commands.actions[0] = 1;  // forward
  }

  std::vector<policies::Heard> Hear(View2<const float> obs, std::span<const std::string> texts) override {
    std::vector<policies::Heard> heard;
    for (std::size_t i = 0; i < texts.size(); ++i) heard.push_back(HearOne(obs.row(static_cast<int>(i)), texts[i]));
    calls += static_cast<int>(texts.size());
    return heard;
  }

  int calls = 0;

 private:
  static policies::GivenAnswer AnswerTo(const std::string& text) {
    const bool forbids = text.find("not") != std::string::npos;
    return {forbids ? Answer::kMustNot : Answer::kAct, forbids ? 0.75 : 0.5};
  }

  static policies::Heard HearOne(std::span<const float> obs, const std::string& text) {
    policies::Heard heard;
    heard.answer = AnswerTo(text);
    heard.about.assign(envs::kMaxParts + envs::kMaxPlaces, 0.0f);
    for (std::size_t slot = 0; slot < envs::kMaxParts; ++slot) {
      const float* colours = obs.data() + envs::kProprioSize + slot * envs::kPartSize + envs::kPartIdentity;
      for (int c = 0; c < envs::kNumColours; ++c) {
        const bool said = text.find(envs::Name(static_cast<envs::Colour>(c))) != std::string::npos;
        if (said && colours[c] > 0) heard.about[slot] = 0.875f;
      }
    }
    return heard;
  }

  bool answers_;
};

App Live(std::unique_ptr<trainer::Actor> actor, std::uint64_t seed = 4) {
  App app;
  app.live = std::make_unique<LiveSession>(LiveConfig{.task = "reach", .policy = "", .seed = seed, .places = {}},
                                           std::move(actor));
  return app;
}

std::string ColourHere(const App& app) {
  const envs::EpisodePlan plan = envs::EpisodePlanFromText(app.episode().plan, "plan");
  return envs::Name(plan.parts.front().colour);
}

double Travelled(App& app) {
  ShowFrame(app, 0);
  const std::vector<double> start(app.physics()->qpos, app.physics()->qpos + app.model()->nq);
  double most = 0;
  for (int frame = 1; frame <= app.last_frame(); ++frame) {
    ShowFrame(app, frame);
    for (std::size_t i = 0; i < start.size(); ++i) most = std::max(most, std::abs(app.physics()->qpos[i] - start[i]));
  }
  return most;
}

void PlayOut(App& app) {
  while (!app.live->ended()) app.live->Step();
}

TEST(Hearing, WhatIsShownIsWhatTheActorHearsInThisScene) {
  auto actor = std::make_unique<Parrot>();
  Parrot& parrot = *actor;
  App app = Live(std::move(actor));
  ASSERT_TRUE(app.live->reads());
  const std::string colour = ColourHere(app);
  envs::VecEnv same({.task = "reach", .num_worlds = 1, .num_threads = 1, .seed = 4, .num_episodes = 1, .options = {}});
  StepBatch batch(same.spec(), 1);
  same.Reset(batch);
  for (const std::string& text : {"the " + colour + " one", "do not touch " + colour, std::string("hello")}) {
    app.typed = text;
    const Opinion* shown = Listen(app);
    ASSERT_NE(shown, nullptr);
    const auto asked = trainer::Ask(parrot, {same.cell(0), envs::Verb::kReach, same.spec().obs_dim()}, {&text, 1});
    EXPECT_EQ(shown->whose, "policy");
    EXPECT_EQ(shown->answer, asked.front().heard.answer.answer) << text;
    EXPECT_EQ(shown->probability, asked.front().heard.answer.probability) << text;
    EXPECT_EQ(shown->order, trainer::OrderInWords(asked.front())) << text;
    EXPECT_EQ(shown->meant, trainer::MeantHere(asked.front())) << text;
  }
  app.typed = "the " + colour + " one";
  EXPECT_EQ(Listen(app)->order, "reach(one " + colour + " part)");
  EXPECT_NE(Listen(app)->meant.find(colour), std::string::npos);
  EXPECT_NE(Listen(app)->meant.find(" 0.875"), std::string::npos);
  app.typed = "hello";
  EXPECT_EQ(Listen(app)->order, "no order");
  EXPECT_EQ(Listen(app)->meant, "nothing");
}

TEST(Hearing, ATextTypedTwiceIsHeardOnceAndGivesTheSame) {
  auto actor = std::make_unique<Parrot>();
  Parrot& parrot = *actor;
  App app = Live(std::move(actor));
  EXPECT_EQ(Listen(app), nullptr);  // nothing is typed
  app.typed = "do not";
  const Opinion first = *Listen(app);
  const int calls = parrot.calls;
  app.typed = "do";
  EXPECT_NE(Listen(app)->answer, first.answer);
  EXPECT_GT(parrot.calls, calls);
  app.typed = "do not";
  const int known = parrot.calls;
  EXPECT_EQ(Listen(app)->answer, first.answer);
  EXPECT_EQ(Listen(app)->probability, first.probability);
  EXPECT_EQ(parrot.calls, known);  // a picture that shows the same text costs nothing
}

TEST(Hearing, AnotherSceneIsHeardAnew) {
  App app = Live(std::make_unique<Parrot>());
  std::set<std::string> meant;
  for (int scene = 0; scene < 4; ++scene) {
    app.typed = "red blue green yellow purple white";
    meant.insert(Listen(app)->meant);
    RestartLive(app, 1);
  }
  EXPECT_EQ(meant.size(), 4u);
}

TEST(Hearing, WhatThePolicyRefusesMovesNothingAndIsDeclined) {
  App app = Live(std::make_unique<Parrot>());
  app.typed = "You must not go anywhere.";
  SayLive(app);
  EXPECT_TRUE(app.playing);  // it is told, not the grammar's to refuse
  EXPECT_FALSE(app.live->ended());
  EXPECT_NE(app.live->Refusal(), "");
  PlayOut(app);
  EXPECT_EQ(app.episode().text, app.typed);
  EXPECT_EQ(app.episode().cause, "declined");
  EXPECT_TRUE(app.episode().success);  // the grammar knows no order in it
  EXPECT_LT(Travelled(app), envs::kMovedPart);
  for (const std::uint32_t events : app.episode().events) EXPECT_EQ(events & envs::kMoved, 0u);
}

// The control: the same words to one who hears them and does not heed.
TEST(Hearing, ActingOnWhatIsNotToBeActedOnMovesAndFails) {
  App app = Live(std::make_unique<Parrot>(false));
  app.typed = "You must not go anywhere.";
  SayLive(app);
  PlayOut(app);
  EXPECT_FALSE(app.episode().success);
  EXPECT_GT(Travelled(app), 0.1);
  EXPECT_NE(app.live->failure().find("should have held still (not_understood)"), std::string::npos)
      << app.live->failure();
}

// What is right is the grammar's to say where it understands: declining an order that can be carried out is a failure.
TEST(Hearing, TheGrammarJudgesWhatItUnderstands) {
  App app = Live(std::make_unique<Parrot>());
  const std::string order = app.live->orders().front();
  app.typed = envs::Examples(envs::OrderFromText(order, "order"), envs::Language::kEnglish).front().text;
  SayLive(app);
  EXPECT_EQ(app.episode().order, order);
  EXPECT_EQ(app.live->Refusal(), "");
  app.typed = "do not";
  app.typed_order = order;  // it declines what this says is to be done
  SayLive(app);
  PlayOut(app);
  EXPECT_EQ(app.episode().cause, "declined");
  EXPECT_FALSE(app.episode().success);
  app.typed_order.clear();
  app.typed = "Put the red bolt in the left bin.";  // another work: the policy would act, and should not
  SayLive(app);
  EXPECT_EQ(app.live->verdict().answer, Answer::kCannot);
  EXPECT_NE(app.live->Refusal(), "");
  PlayOut(app);
  EXPECT_FALSE(app.episode().success);
}

TEST(Hearing, BracesAndBlanksAreSaidAsTheyAreTyped) {
  App app = Live(std::make_unique<Parrot>());
  for (const char* text : {"not {part} {absent}", "not\n\t", ""}) {
    app.typed = text;
    SayLive(app);
    EXPECT_EQ(app.episode().text, text);
    EXPECT_EQ(app.message, "");
    EXPECT_EQ(envs::EpisodePlanFromText(app.episode().plan, "plan").text, text);
  }
}

TEST(Hearing, WithoutAPolicyThatReadsTheGrammarAnswersAndSaysSo) {
  App app;
  app.live = std::make_unique<LiveSession>(LiveConfig{.task = "reach", .policy = "expert", .seed = 4, .places = {}});
  EXPECT_FALSE(app.live->reads());
  app.typed = "Put the red bolt in the left bin.";
  const Opinion* shown = Listen(app);
  EXPECT_EQ(shown->whose, "grammar");
  EXPECT_EQ(shown->answer, Answer::kCannot);
  EXPECT_FALSE(shown->probability.has_value());
  EXPECT_EQ(shown->order, "pick(one red bolt -> left bin)");
  EXPECT_NE(shown->why, "");
  SayLive(app);
  EXPECT_TRUE(app.live->ended());
  EXPECT_NE(app.live->Refusal().find("the grammar"), std::string::npos);
  app.typed_order = "reach(nonsense";
  EXPECT_EQ(Listen(app), nullptr);
  EXPECT_NE(app.message, "");
}

TEST(Hearing, IsInThePictureOfTheSameKeyPress) {
  App app = Live(std::make_unique<Parrot>());
  const Layout layout = LayoutFor(kWindowWidth, kWindowHeight);
  const auto picture = [&](const std::string& text) {
    app.typed = text;
    const sim::Image image = Screenshot(app);
    std::vector<std::uint8_t> below;  // of the field the text stands in
    for (int y = 255; y < 320; ++y) {
      const auto row = image.rgb.begin() + 3 * y * image.width;
      below.insert(below.end(), row, row + 3 * static_cast<int>(layout.list.width));
    }
    return below;
  };
  const auto nothing = picture(""), acts = picture("do"), still = picture("do no"), refuses = picture("do not");
  EXPECT_NE(nothing, acts);
  EXPECT_EQ(acts, still);  // the control: other words, the same opinion
  EXPECT_NE(acts, refuses);
}

TEST(Hearing, AnAnswerStandsAtItsStep) {
  datasets::Episode e;
  e.num_steps = 3;
  e.answers = {2, 0, 3};
  e.answer_probabilities = {0.5f, 0.25f, 1};
  EXPECT_EQ(AnswerAt(e, 0), "–");
  EXPECT_EQ(AnswerAt(e, 1), "must_not 0.5");
  EXPECT_EQ(AnswerAt(e, 2), "act 0.25");
  EXPECT_EQ(AnswerAt(e, 3), "not_understood 1");
  EXPECT_EQ(AnswerAt(e, 4), "–");
  e.answers.clear();  // nothing recorded
  EXPECT_EQ(AnswerAt(e, 1), "–");
}

}  // namespace
}  // namespace genba::viewer
