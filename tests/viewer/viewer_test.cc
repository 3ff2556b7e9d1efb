// The viewer looked at: pictures of its window, made without a display, and the state behind them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/error.h"
#include "core/interrupt.h"
#include "trainer/collect.h"
#include "trainer/episode_recorder.h"
#include "viewer/failure.h"
#include "viewer/marks.h"
#include "viewer/panels/panels.h"
#include "viewer/render_episode.h"
#include "viewer/window.h"

namespace genba::viewer {
namespace {

namespace fs = std::filesystem;

// One small data set for all tests of this file.
class Viewing : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("genba-viewer-" + std::to_string(::getpid()));
    for (const char* language : {"en", "ja"}) {
      trainer::CollectConfig config;
      config.task = "reach";
      config.episodes = 4;
      config.out = folder_ / language;
      config.language = language;
      trainer::Collect(config);
    }
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }
  static App Open(const char* language = "en") {
    App app;
    app.data = std::make_unique<DataSession>(folder_ / language);
    return app;
  }
  static inline fs::path folder_;
};

// Share of pixels in a part of the window that differ between two pictures.
double Difference(const sim::Image& a, const sim::Image& b, const Rect& place) {
  int different = 0, all = 0;
  for (int y = static_cast<int>(place.y); y < static_cast<int>(place.y + place.height); ++y) {
    for (int x = static_cast<int>(place.x); x < static_cast<int>(place.x + place.width); ++x, ++all) {
      const std::size_t at =
          3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(a.width) + static_cast<std::size_t>(x));
      different += std::memcmp(&a.rgb[at], &b.rgb[at], 3) != 0;
    }
  }
  return static_cast<double>(different) / all;
}

TEST_F(Viewing, FramesDifferWhereTheyShould) {
  const Layout layout = LayoutFor(kWindowWidth, kWindowHeight);
  App app = Open();
  const sim::Image first = Screenshot(app);
  EXPECT_EQ(first.rgb.size(), static_cast<std::size_t>(kWindowWidth * kWindowHeight * 3));
  const sim::Image again = Screenshot(app);
  EXPECT_EQ(first.rgb, again.rgb);
  ShowFrame(app, app.last_frame());
  const sim::Image last = Screenshot(app);
  EXPECT_GT(Difference(first, last, layout.scene), 0.02);
  EXPECT_GT(Difference(first, last, layout.timeline), 0.001);
  EXPECT_EQ(Difference(first, last, layout.list), 0);
  app.camera = "wrist";
  EXPECT_GT(Difference(last, Screenshot(app), layout.scene), 0.3);
}

TEST_F(Viewing, TheListFollowsFilterAndSorting) {
  const Layout layout = LayoutFor(kWindowWidth, kWindowHeight);
  App app = Open();
  EXPECT_EQ(VisibleEpisodes(app).size(), 4u);
  const sim::Image all = Screenshot(app);
  app.only_failed = true;
  EXPECT_EQ(VisibleEpisodes(app).size(), 0u);
  EXPECT_GT(Difference(all, Screenshot(app), layout.list), 0.001);
  app.only_failed = false;
  std::strcpy(app.filter, app.data->listed()[2].header.text.substr(0, 12).c_str());
  const auto found = VisibleEpisodes(app);
  EXPECT_NE(std::find(found.begin(), found.end(), 2), found.end());
  app.filter[0] = 0;
  app.sort = SortBy::kLength;
  app.descending = true;
  const auto rows = VisibleEpisodes(app);
  EXPECT_GE(app.data->listed()[static_cast<std::size_t>(rows[0])].header.num_steps,
            app.data->listed()[static_cast<std::size_t>(rows[3])].header.num_steps);
}

TEST_F(Viewing, JapaneseHasGlyphs) {
  // Question marks for every character would look alike: two Japanese texts of one length must not.
  App app = Open("ja");
  const Layout layout = LayoutFor(kWindowWidth, kWindowHeight);
  const sim::Image a = Screenshot(app);
  SelectEpisode(app, 1);
  EXPECT_GT(Difference(a, Screenshot(app), {layout.info.x, 30, layout.info.width, 60}), 0.01);
  EXPECT_EQ(app.message, "");  // the font was found
}

TEST_F(Viewing, PlayingFollowsTheClockAndStopsAtTheEnd) {
  App app = Open();
  app.playing = true;
  Advance(app, 0.26);  // 20 Hz: five frames
  EXPECT_EQ(app.frame, 5);
  app.speed = 2;
  Advance(app, 0.1);
  EXPECT_EQ(app.frame, 9);
  for (int i = 0; i < 100; ++i) Advance(app, 0.2);
  EXPECT_EQ(app.frame, app.last_frame());
  EXPECT_FALSE(app.playing);
  ShowFrame(app, 10000);
  EXPECT_EQ(app.frame, app.last_frame());
  ShowFrame(app, -1);
  EXPECT_EQ(app.frame, 0);
}

TEST_F(Viewing, LiveObeysTheTypedInstruction) {
  App app;
  app.live = std::make_unique<LiveSession>(LiveConfig{.task = "reach", .policy = "expert", .seed = 4, .places = {}});
  const std::string asked = app.live->episode().order;
  std::string other;
  for (const std::string& order : app.live->orders()) {
    if (order != asked) other = order;
  }
  ASSERT_NE(other, "");
  app.typed_order = other;
  app.typed = "go there";
  SayLive(app);
  EXPECT_EQ(app.live->episode().order, other);
  EXPECT_EQ(app.live->episode().text, "go there");
  while (!app.live->ended()) app.live->Step();
  EXPECT_TRUE(app.live->episode().success);
  const sim::Image before = Screenshot(app);
  RestartLive(app, 1);
  EXPECT_GT(Difference(before, Screenshot(app), LayoutFor(kWindowWidth, kWindowHeight).scene), 0.02);
}

TEST_F(Viewing, WhatIsNotActedOnIsSaidAndNotPlayed) {
  App app;
  app.live = std::make_unique<LiveSession>(LiveConfig{.task = "reach", .policy = "expert", .seed = 4, .places = {}});
  const Layout layout = LayoutFor(kWindowWidth, kWindowHeight);
  const sim::Image before = Screenshot(app);
  const auto refused = [&](const std::string& text, const std::string& order, Answer answer) {
    app.typed = text;
    app.typed_order = order;
    SayLive(app);
    EXPECT_EQ(app.live->verdict().answer, answer) << text;
    EXPECT_NE(app.live->verdict().why, "") << text;
    EXPECT_TRUE(app.live->ended());
    EXPECT_FALSE(app.playing);
    EXPECT_EQ(app.live->episode().text, text);
    EXPECT_FALSE(app.live->episode().success);
    app.playing = true;
    Advance(app, 0.4);
    StepOn(app);
    EXPECT_EQ(app.last_frame(), 0) << "it moved";
    const sim::Image said = Screenshot(app);
    EXPECT_GT(Difference(before, said, layout.list), 0.001);
    EXPECT_GT(Difference(before, said, layout.info), 0.001);
  };
  refused("Do not go to the red bolt.", "", Answer::kNotUnderstood);
  refused(std::string(2000, 'a'), "", Answer::kNotUnderstood);
  refused("Put the red bolt in the left bin.", "", Answer::kCannot);
  refused("here", "pick(one red bolt -> left bin)", Answer::kCannot);
  for (const char* colour : {"red", "blue", "green", "yellow", "purple", "white"}) {
    const std::string order = std::string("reach(one ") + colour + " bolt)";
    const auto& well_posed = app.live->orders();
    if (std::find(well_posed.begin(), well_posed.end(), order) != well_posed.end()) continue;
    refused("there", order, Answer::kCannot);
  }
  app.typed_order = "reach(nonsense";
  SayLive(app);
  EXPECT_NE(app.message, "");
  RestartLive(app, 0);
  EXPECT_TRUE(app.live->verdict().acts());
  EXPECT_TRUE(app.playing);
}

TEST_F(Viewing, TheCursorMovesThroughWhatALivePolicyDid) {
  App app;
  app.live = std::make_unique<LiveSession>(LiveConfig{.task = "reach", .policy = "expert", .seed = 4, .places = {}});
  const auto qpos = [&] { return std::vector<double>(app.physics()->qpos, app.physics()->qpos + app.model()->nq); };
  std::vector<std::vector<double>> seen{qpos()};
  for (int i = 0; i < 6; ++i) {
    StepOn(app);
    seen.push_back(qpos());
  }
  EXPECT_EQ(app.last_frame(), 6);
  for (int frame = 5; frame >= 0; --frame) {
    ShowFrame(app, frame);
    EXPECT_EQ(qpos(), seen[static_cast<std::size_t>(frame)]) << frame;
  }
  EXPECT_NE(seen.front(), seen.back());
  StepOn(app);  // through the past first, without a step of the world
  EXPECT_EQ(app.frame, 1);
  EXPECT_EQ(app.last_frame(), 6);
  EXPECT_EQ(qpos(), seen[1]);
}

TEST_F(Viewing, LeftIsLeftInThePicture) {
  LiveSession pick({.task = "pick_bin", .policy = "expert", .seed = 3, .places = {}});
  const mjModel* m = pick.model();
  std::map<std::string, double> y;
  for (int bin = 0; bin < 3; ++bin)
    y[BinLabel(m, bin)] = m->body_pos[3 * mj_name2id(m, mjOBJ_BODY, ("bin" + std::to_string(bin)).c_str()) + 1];
  ASSERT_EQ(y.size(), 3u);
  EXPECT_GT(y.at("left"), y.at("middle"));
  EXPECT_GT(y.at("middle"), y.at("right"));
  EXPECT_EQ(BinLabel(m, 3), "");
  // The x axis of both cameras points to the robot's right, which is -y.
  const int overview = mj_name2id(m, mjOBJ_CAMERA, "overview");
  EXPECT_LT(pick.data()->cam_xmat[9 * overview + 3], -0.7);
  EXPECT_GT(std::cos(App{}.azimuth * M_PI / 180), 0.7);  // looks along +x
}

TEST_F(Viewing, ADamagedShardCostsItsRowsOnly) {
  const fs::path folder = folder_ / "damaged";
  trainer::CollectConfig config;
  config.task = "reach";
  config.episodes = 6;
  config.episodes_per_shard = 2;
  config.out = folder;
  trainer::Collect(config);
  const auto edit = [&](const char* shard, std::streamoff at_from_end, bool cut) {
    const fs::path file = folder / shard;
    const auto size = static_cast<std::streamoff>(fs::file_size(file));
    if (cut) return fs::resize_file(file, static_cast<std::uintmax_t>(size / 2));
    std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
    f.seekg(size - at_from_end);
    const char byte = static_cast<char>(f.get() ^ 1);
    f.seekp(size - at_from_end);
    f.put(byte);
  };
  edit("shard-00000.h5", 0, true);
  edit("shard-00001.h5", 1, false);
  App app;
  app.data = std::make_unique<DataSession>(folder);
  app.data->ListAll();
  const auto& rows = app.data->listed();
  ASSERT_EQ(rows.size(), 6u);
  for (const int k : {0, 1}) EXPECT_FALSE(rows[static_cast<std::size_t>(k)].readable);
  for (const int k : {2, 3}) EXPECT_NE(rows[static_cast<std::size_t>(k)].trouble, "");
  for (const int k : {4, 5}) EXPECT_EQ(rows[static_cast<std::size_t>(k)].trouble, "");
  EXPECT_THROW(SelectEpisode(app, 0), Error);
  SelectEpisode(app, 5);
  EXPECT_EQ(app.data->episode().index, 5u);
  Screenshot(app);
  app.only_failed = true;
  EXPECT_EQ(VisibleEpisodes(app).size(), 4u);
  for (const char* shard : {"shard-00001.h5", "shard-00002.h5"}) edit(shard, 0, true);
  EXPECT_THROW(DataSession{folder}, Error);
}

TEST_F(Viewing, AGrowingSetIsFollowed) {
  trainer::CollectConfig config;
  config.task = "reach";
  config.episodes = 3;
  config.out = folder_ / "growing";
  trainer::Collect(config);
  App app;
  app.data = std::make_unique<DataSession>(config.out);
  SelectEpisode(app, 2);
  EXPECT_FALSE(Follow(app));
  config.episodes = 5;
  trainer::Collect(config);
  fs::last_write_time(config.out / "manifest.json", fs::file_time_type::clock::now() + std::chrono::seconds(2));
  while (Follow(app)) continue;
  EXPECT_EQ(app.data->listed().size(), 5u);
  for (std::size_t k = 0; k < 5; ++k) EXPECT_EQ(app.data->listed()[k].header.index, k);
  EXPECT_EQ(app.data->selected(), 2);
  EXPECT_EQ(app.message, "");
}

TEST_F(Viewing, AFailureSaysLimitValueBodiesAndStep) {
  envs::VecEnv env(
      {.task = "pick_bin", .num_worlds = 1, .num_threads = 1, .seed = 5, .num_episodes = 1, .options = {}});
  StepBatch batch(env.spec(), 1);
  env.Reset(batch);
  datasets::Episode ended;
  trainer::EpisodeRecorder recorder(env, "down",
                                    [&](trainer::Recorded recorded) { ended = std::move(recorded.episode); });
  Commands commands;
  commands.Fit(1, env.spec().action_dim());
  commands.actions[2] = -1, commands.actions[3] = 1;  // down and tilted, into the table
  const auto model = env.model(0);
  while (ended.num_steps == 0) {
    recorder.BeforeStep(env, batch, commands);
    env.Step(commands, batch);
    recorder.AfterStep(env, batch);
  }
  ASSERT_EQ(ended.cause, "safety_stop");
  const std::string sentence = FailureSentence(env.spec(), ended);
  EXPECT_NE(sentence.find("N > 250 N between "), std::string::npos) << sentence;
  EXPECT_NE(sentence.find(" and table at step " + std::to_string(ended.num_steps)), std::string::npos) << sentence;
  ended.cause = "timeout";
  EXPECT_NE(FailureSentence(env.spec(), ended).find("not done within"), std::string::npos);
  ended.success = true;
  EXPECT_EQ(FailureSentence(env.spec(), ended), "");
  ended.success = false;
  ended.states.pop_back();  // of other widths than the model's: refused, not read past
  EXPECT_THROW(PutState(ended, 0, model->get(), nullptr), Error);
}

TEST_F(Viewing, NothingIsMeasuredBeforeTheFirstStep) {
  App app = Open();
  ShowFrame(app, 0);
  const Layout layout = LayoutFor(kWindowWidth, kWindowHeight);
  const Rect now{layout.info.x, layout.info.y + 200, layout.info.width, layout.info.height - 200};
  const sim::Image zero = Screenshot(app);
  ShowFrame(app, 1);
  EXPECT_GT(Difference(zero, Screenshot(app), now), 0.001);
}

TEST_F(Viewing, StripsAndMistakes) {
  App app = Open();
  const auto strip = RenderStrip(app.data->episode(), app.data->dataset().info(), 3, 160, 120);
  ASSERT_EQ(strip.size(), 3u);
  EXPECT_NE(strip[0].rgb, strip[2].rgb);
  RecordedScene scene(app.data->episode(), app.data->dataset().info());
  EXPECT_THROW(scene.Show(10000), Error);
  EXPECT_THROW(SelectEpisode(app, 4), Error);
  EXPECT_THROW(DataSession(folder_ / "nothing"), Error);
  app.camera = "ceiling";
  EXPECT_THROW(Screenshot(app), Error);
}

TEST_F(Viewing, AFilmIsWritten) {
  const fs::path path = folder_ / "clip.mp4";
  const App app = Open();
  WriteVideo(app.data->episode(), app.data->dataset().info(), {.width = 160, .height = 120}, path.string());
  EXPECT_GT(fs::file_size(path), 1000u);
}

TEST_F(Viewing, AFilmNeedsFfmpegAndSaysSo) {
  CatchInterrupts();  // as the program does: a pipe that nobody reads is an error, not a signal
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", folder_.c_str(), 1);  // nothing to be found there
  try {
    const App app = Open();
    WriteVideo(app.data->episode(), app.data->dataset().info(), {.width = 160, .height = 120},
               (folder_ / "clip.mp4").string());
    ADD_FAILURE() << "a film without ffmpeg";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kEnvironment);
    EXPECT_NE(std::string(error.what()).find("ffmpeg"), std::string::npos) << error.what();
  }
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace genba::viewer
