// The suite "language" with listeners whose figures are known: one that takes every sentence of the grammar for an order (and
// so not the held-out ones by other authors), one that obeys everything, one that refuses everything and is too sure.
#include "trainer/language_suite.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <functional>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "envs/language.h"
#include "envs/refusals.h"
#include "envs/task.h"
#include "trainer/language_figures.h"

namespace genba::trainer {
namespace {

using Answering = std::function<policies::GivenAnswer(const std::string&)>;

class Listener : public Actor {
 public:
  explicit Listener(Answering answering) : answering_(std::move(answering)) {}
  std::string name() const override { return "listener"; }
  void Act(const envs::VecEnv&, const StepBatch&, Commands&) override {}
  std::vector<policies::Heard> Hear(View2<const float> obs, std::span<const std::string> texts) override {
    EXPECT_EQ(obs.rows(), static_cast<int>(texts.size()));
    std::vector<policies::Heard> heard(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      heard[i].answer = answering_(texts[i]);
      heard[i].about.assign(envs::kMaxParts + envs::kMaxPlaces, 0.0f);
    }
    return heard;
  }

 private:
  Answering answering_;
};

LanguageResult Read(const Answering& answering, int texts = 40, std::uint64_t seed = 5) {
  Listener listener(answering);
  return ReadSuite(listener, {.task = "pick_bin", .seed = seed, .items = texts});
}

policies::GivenAnswer ByGrammar(const std::string& text) {
  return envs::Understand(text) ? policies::GivenAnswer{Answer::kAct, 0.95}
                                : policies::GivenAnswer{Answer::kNotUnderstood, 0.6};
}
policies::GivenAnswer Obeying(const std::string&) { return {Answer::kAct, 0.95}; }
policies::GivenAnswer Refusing(const std::string&) { return {Answer::kCannot, 1}; }

const AnswerCount& Row(const std::vector<std::pair<std::string, AnswerCount>>& rows, const std::string& name) {
  for (const auto& [row, count] : rows) {
    if (row == name) return count;
  }
  throw BadInput({"rows", name, "a row", "none"});
}

TEST(LanguageSuite, EverySplitAndFamilyIsARowOfAnswers) {
  const auto rows = AnswersByRow(Read(ByGrammar));
  EXPECT_EQ(rows.size(), 7 + envs::RefusalFamilies().size());
  EXPECT_EQ(Row(rows, "train").right, 40);
  EXPECT_LT(Row(rows, "templates").right, 40);
  EXPECT_EQ(Row(rows, "noise").right, Row(rows, "noise").texts);
  EXPECT_EQ(Row(rows, "noise").sure, 0);
  EXPECT_EQ(Row(rows, "taught").sure_right, 40);
  EXPECT_EQ(Row(rows, "stop").right, 0);  // it must not, which is another answer
  for (const auto& [row, count] : rows) {
    EXPECT_GT(count.texts, 20) << row;
    EXPECT_LE(count.texts, 40) << row;
  }
}

TEST(LanguageSuite, OrdersRefusedBySplitAndLanguage) {
  for (const auto& [answering, refuses] : {std::pair<Answering, bool>(Obeying, false), {Refusing, true}}) {
    for (const auto& [split, by_language] : OrdersRefused(Read(answering))) {
      int texts = 0;
      for (const auto& [language, orders] : by_language) {
        EXPECT_EQ(orders.refused, refuses ? orders.texts : 0) << split << " " << language;
        texts += orders.texts;
      }
      EXPECT_EQ(texts, 40) << split;
    }
  }
}

TEST(LanguageSuite, CalibrationIsOfOrdersAndRefusalsInEqualShares) {
  const int families = static_cast<int>(envs::RefusalFamilies().size());
  const Calibrations all = CalibrationsOf(Read(Obeying));
  EXPECT_EQ(all.orders.answers, 40);
  EXPECT_EQ(all.orders.sure, 40);
  EXPECT_NEAR(all.orders.error, 0.05, 1e-12);      // says 0.95, is always right
  EXPECT_EQ(all.even.answers, 40 + 2 * families);  // 40 orders, and 40 / 26 of each family, rounded up
  EXPECT_GT(all.refusals.answers, 20 * families);
  const auto held_out = std::count_if(envs::RefusalFamilies().begin(), envs::RefusalFamilies().end(),
                                      [](const envs::RefusalFamily& family) { return family.held_out; });
  const int learned = families - static_cast<int>(held_out);
  EXPECT_EQ(all.learned.answers, 40 + 2 * learned);  // 40 / 21 of each
  // One that refuses everything, sure of itself: all orders wrong, of the refusals those right that it cannot obey.
  const Calibrations refusing = CalibrationsOf(Read(Refusing));
  EXPECT_EQ(refusing.orders.error, 1);
  EXPECT_EQ(refusing.even.sure, refusing.even.answers);
  EXPECT_GT(refusing.refusals.sure_right, 0);
}

TEST(LanguageSuite, TheSameSeedGivesTheSameFigures) {
  const auto json = [](std::uint64_t seed) { return ReadingJson(Read(ByGrammar, 20, seed)).dump(); };
  EXPECT_EQ(json(5), json(5));
  EXPECT_NE(json(5), json(6));
}

// Nothing that training or calibration said is judged; what was held out as a family has patterns of its own.
TEST(LanguageSuite, FamiliesAreSaidInPatternsOfTheEvaluation) {
  for (const envs::RefusalFamily& family : envs::RefusalFamilies()) {
    envs::EpisodeOptions options;
    options.split = envs::Split::kTemplates;
    options.negatives = 1;
    options.families = {family.name};
    for (std::uint64_t episode = 0; episode < 20; ++episode) {
      const auto plan = envs::DrawScene(envs::Verb::kPick, {}, 5, episode, options).plan;
      const bool new_pattern = plan.template_id.find(".h") != std::string::npos;
      EXPECT_TRUE(new_pattern || family.held_out || plan.expect == Answer::kAct) << plan.template_id;
    }
  }
}

TEST(LanguageSuite, LinesSayTheThreeFiguresAndNothingMeasuredIsADash) {
  const std::string lines = LanguageLines(Read(Refusing));
  EXPECT_NE(lines.find("right if sure"), std::string::npos);
  EXPECT_NE(lines.find("calibration error"), std::string::npos);
  EXPECT_NE(lines.find("plain orders refused"), std::string::npos);
  LanguageResult nothing;
  nothing.by_split.emplace_back("train", ReadCount{});
  const std::string dashes = LanguageLines(nothing);
  EXPECT_NE(dashes.find("–"), std::string::npos);
  EXPECT_EQ(dashes.find("nan"), std::string::npos) << dashes;
  EXPECT_TRUE(ReadingJson(nothing)["calibration"]["even"]["coverage"].is_null());
}

TEST(LanguageSuite, WhoDoesNotReadIsRefused) {
  const std::unique_ptr<Actor> expert = MakeExpertActor();
  EXPECT_THROW(ReadSuite(*expert, {.task = "pick_bin", .seed = 5, .items = 10}), Error);
}

}  // namespace
}  // namespace genba::trainer
