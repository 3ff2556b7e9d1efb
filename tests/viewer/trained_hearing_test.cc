// A trained policy heard in the viewer: the same as anybody who asks it, and at typing speed. Trained for seconds it
// answers nonsense; what holds is that it is the same nonsense.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "envs/task.h"
#include "tests/trainer/few_episodes.h"
#include "tests/trainer/toy_cloning.h"
#include "trainer/asking.h"
#include "viewer/app.h"

namespace genba::viewer {
namespace {

namespace fs = std::filesystem;

class TrainedHearing : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("genba-hearing-" + std::to_string(::getpid()));
    trainer::CollectFew(folder_ / "data", {.task = "pick_bin"});
    trainer::Clone({folder_ / "run",
                    {(folder_ / "data").string()},
                    {"trainer.steps=1", "trainer.batch=16", "trainer.warmup=1", "trainer.reading_texts=64",
                     "trainer.calibration_texts=64"}});
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }
  static LiveConfig Config() {
    return {.task = "pick_bin", .policy = (folder_ / "run").string(), .seed = 7, .places = {}};
  }
  static inline fs::path folder_;
};

TEST_F(TrainedHearing, IsWhatAskSays) {
  App app;
  app.live = std::make_unique<LiveSession>(Config());
  ASSERT_TRUE(app.live->reads());
  const std::unique_ptr<envs::Task> task = envs::MakeTask("pick_bin");
  const envs::Scene scene = envs::DrawScene(task->verb(), task->limits(), 7, 0, {});
  const auto actor = trainer::MakeActor(Config().policy, task->spec(), 7);
  const std::vector<std::string> texts{"Put the red bolt in the left bin.", "赤いボルトを左の箱に", "stop", ""};
  const auto asked = trainer::Ask(*actor, {scene.cell, task->verb(), task->spec().obs_dim()}, texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Opinion& shown = app.live->Hear(texts[i]);
    EXPECT_EQ(shown.answer, asked[i].heard.answer.answer) << texts[i];
    EXPECT_NEAR(*shown.probability, asked[i].heard.answer.probability, 1e-5) << texts[i];  // alone, not among others
    EXPECT_EQ(shown.order, trainer::OrderInWords(asked[i])) << texts[i];
  }
  app.typed = texts[0];
  SayLive(app);
  app.live->Step();  // and it acts as it says
  EXPECT_EQ(static_cast<Answer>(app.episode().answers[0]), app.live->Hear(texts[0]).answer);
  EXPECT_NEAR(static_cast<double>(app.episode().answer_probabilities[0]), *app.live->Hear(texts[0]).probability, 1e-4);
}

TEST_F(TrainedHearing, KeepsUpWithTyping) {  // a figure, no bar: the machine may be busy
  App app;
  app.live = std::make_unique<LiveSession>(Config());
  std::vector<double> seconds;
  for (const char key : std::string("Please put all of the red bolts that you can see into the left bin, thank you.")) {
    app.typed += key;
    const auto start = std::chrono::steady_clock::now();
    Listen(app);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("hearing after each of %zu keys: p50 %.1f ms, most %.1f ms\n", seconds.size(),
              1000 * seconds[seconds.size() / 2], 1000 * seconds.back());
}

}  // namespace
}  // namespace genba::viewer
