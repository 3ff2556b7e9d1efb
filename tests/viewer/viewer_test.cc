// The viewer looked at: pictures of its window, made without a display, and the state behind them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "trainer/collect.h"
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
      trainer::Collect(config, "");
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
  std::strcpy(app.filter, app.data->headers()[2].text.substr(0, 12).c_str());
  const auto found = VisibleEpisodes(app);
  EXPECT_NE(std::find(found.begin(), found.end(), 2), found.end());
  app.filter[0] = 0;
  app.sort = SortBy::kLength;
  app.descending = true;
  const auto rows = VisibleEpisodes(app);
  EXPECT_GE(app.data->headers()[static_cast<std::size_t>(rows[0])].num_steps,
            app.data->headers()[static_cast<std::size_t>(rows[3])].num_steps);
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
  app.live = std::make_unique<LiveSession>(LiveConfig{.task = "reach", .policy = "expert", .seed = 4});
  const std::string asked = app.live->episode().order;
  std::string other;
  for (const std::string& order : app.live->orders()) {
    if (order != asked) other = order;
  }
  ASSERT_NE(other, "");
  app.typed_order = other;
  std::strcpy(app.typed, "go there");
  RestartLive(app, 0, true);
  EXPECT_EQ(app.live->episode().order, other);
  EXPECT_EQ(app.live->episode().text, "go there");
  while (!app.live->ended()) app.live->Step();
  EXPECT_TRUE(app.live->episode().success);
  const sim::Image before = Screenshot(app);
  RestartLive(app, 1, false);
  EXPECT_GT(Difference(before, Screenshot(app), LayoutFor(kWindowWidth, kWindowHeight).scene), 0.02);
}

TEST_F(Viewing, StripsAndMistakes) {
  App app = Open();
  const auto strip = RenderStrip(app.data->episode(), 3, 160, 120);
  ASSERT_EQ(strip.size(), 3u);
  EXPECT_NE(strip[0].rgb, strip[2].rgb);
  RecordedScene scene(app.data->episode());
  EXPECT_THROW(scene.Show(10000), Error);
  EXPECT_THROW(SelectEpisode(app, 4), Error);
  EXPECT_THROW(DataSession(folder_ / "nothing"), Error);
  app.camera = "ceiling";
  EXPECT_THROW(Screenshot(app), Error);
}

TEST_F(Viewing, AFilmIsWritten) {
  const fs::path path = folder_ / "clip.mp4";
  WriteVideo(Open().data->episode(), {.width = 160, .height = 120}, path.string());
  EXPECT_GT(fs::file_size(path), 1000u);
}

TEST_F(Viewing, AFilmNeedsFfmpegAndSaysSo) {
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", folder_.c_str(), 1);  // nothing to be found there
  try {
    WriteVideo(Open().data->episode(), {.width = 160, .height = 120}, (folder_ / "clip.mp4").string());
    ADD_FAILURE() << "a film without ffmpeg";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kEnvironment);
    EXPECT_NE(std::string(error.what()).find("ffmpeg"), std::string::npos) << error.what();
  }
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace genba::viewer
