// Laws of frames: the canonical text round-trips, refusals name what is wrong, and well-posed means what it says.
#include "envs/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "tests/envs/every_frame.h"

namespace genba::envs {
namespace {

TEST(Frame, CanonicalTextRoundTripsForEveryFrame) {
  std::set<std::string> texts;
  const std::vector<Frame> frames = EveryFrame();
  EXPECT_EQ(frames.size(), 13u * 4u * (1u + 4u * 3u));
  for (const Frame& frame : frames) {
    const std::string text = ToText(frame);
    EXPECT_TRUE(texts.insert(text).second) << text << " names two frames";
    EXPECT_EQ(FrameFromText(text, "test"), frame) << text;
  }
  EXPECT_EQ(ToText(FrameFromText("  pick( all  nut except green->right bin )", "test")),
            "pick(all nut except green -> right bin)");
}

TEST(Frame, RefusalsNameFileTextAndWord) {
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {"grab(one red bolt -> left bin)", "got grab"},
      {"pick(four red bolt -> left bin)", "got four"},
      {"pick(one orange bolt -> left bin)", "got orange"},
      {"pick(one red bolt)", "\"->\""},
      {"pick(one red bolt -> upper bin)", "got upper"},
      {"pick(one red bolt except blue -> left bin)", "both"},
      {"reach(one red bolt -> left bin)", "got ->"},
      {"reach(two red bolt)", "one part"},
      {"reach(one red bolt", "its end"},
      {"reach(one red bolt) reach", "got reach"},
      {"", "its end"},
      {"reach(one \xff\xfe)", "bolt | nut | gear | part"},
  };
  for (const auto& c : cases) {
    try {
      FrameFromText(c.text, "texts.jsonl:3");
      ADD_FAILURE() << c.text << " was accepted";
    } catch (const Error& error) {
      const std::string what = error.what();
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      EXPECT_EQ(what.rfind("texts.jsonl:3: frame \"" + std::string(c.text) + "\": expected ", 0), 0u) << what;
      EXPECT_NE(what.find(c.named), std::string::npos) << what;
    }
  }
}

TEST(Frame, SyntaxExamplesAreFrames) {
  const std::string syntax = FrameSyntax();
  for (const char* text :
       {"reach(one blue gear)", "pick(two red bolt -> left bin)", "pick(all nut except green -> right bin)"}) {
    EXPECT_NE(syntax.find(text), std::string::npos);
    EXPECT_NO_THROW(FrameFromText(text, "syntax"));
  }
}

std::vector<ScenePart> RandomScene(Rng& rng) {
  std::vector<ScenePart> scene(static_cast<std::size_t>(rng.Int(0, 8)));
  for (ScenePart& part : scene) {
    part = {static_cast<Colour>(rng.Int(0, kNumColours - 1)), static_cast<Shape>(rng.Int(0, kNumShapes - 1))};
  }
  return scene;
}

// The definition, spelled out per part instead of through Matches.
int CountMatching(const ObjectSet& set, const std::vector<ScenePart>& scene) {
  return static_cast<int>(std::count_if(scene.begin(), scene.end(), [&](const ScenePart& part) {
    const bool shape = !set.has_shape || set.shape == part.shape;
    const bool same = set.colour == part.colour;
    const bool colour = !set.has_colour || (set.negated_colour ? !same : same);
    return shape && colour;
  }));
}

bool IsSensible(const Frame& frame, const std::vector<ScenePart>& scene) {
  const ObjectSet& set = frame.objects;
  ObjectSet excluded = set;
  excluded.negated_colour = false;
  if (set.negated_colour && CountMatching(excluded, scene) == 0) return false;
  if (set.count == Count::kAll) return CountMatching(set, scene) >= 2;
  return set.has_colour || set.has_shape;
}

TEST(Frame, WellPosedIsItsDefinitionOnRandomScenes) {
  Rng rng(1, 0, "scenes");
  int posed = 0;
  for (int i = 0; i < 300; ++i) {
    const std::vector<ScenePart> scene = RandomScene(rng);
    std::vector<Frame> listed[2] = {WellPosedFrames(Verb::kReach, scene), WellPosedFrames(Verb::kPick, scene)};
    std::size_t expected[2] = {0, 0};
    for (const Frame& frame : EveryFrame()) {
      const int matching = CountMatching(frame.objects, scene);
      const bool well =
          frame.objects.count == Count::kAll ? matching > 0 : matching == 1 + static_cast<int>(frame.objects.count);
      EXPECT_EQ(WellPosed(frame, scene), well) << ToText(frame);
      EXPECT_EQ(static_cast<int>(Referents(frame, scene).size()), matching);
      const auto& list = listed[static_cast<int>(frame.verb)];
      const bool in_list = std::find(list.begin(), list.end(), frame) != list.end();
      EXPECT_EQ(in_list, well && IsSensible(frame, scene)) << ToText(frame);
      expected[static_cast<int>(frame.verb)] += in_list ? 1 : 0;
      posed += well;
    }
    for (int v = 0; v < 2; ++v) EXPECT_EQ(listed[v].size(), expected[v]) << "a frame is listed twice";
    EXPECT_EQ(listed[1], WellPosedFrames(Verb::kPick, scene));
  }
  EXPECT_GT(posed, 1000);
}

TEST(Frame, ListedOrderDoesNotDependOnSlotOrder) {
  Rng rng(2, 0, "scenes");
  for (int i = 0; i < 50; ++i) {
    std::vector<ScenePart> scene = RandomScene(rng);
    const std::vector<Frame> before = WellPosedFrames(Verb::kPick, scene);
    rng.Shuffle(scene);
    EXPECT_EQ(WellPosedFrames(Verb::kPick, scene), before);
  }
}

TEST(Frame, MeaninglessCombinationsAreNotWellPosed) {
  const std::vector<ScenePart> scene = {{Colour::kRed, Shape::kBolt}};
  Frame frame = FrameFromText("reach(one red bolt)", "test");
  EXPECT_TRUE(WellPosed(frame, scene));
  frame.place = PlaceWord::kLeft;
  EXPECT_FALSE(WellPosed(frame, scene));
  frame = FrameFromText("pick(one red bolt -> left bin)", "test");
  frame.place = PlaceWord::kNone;
  EXPECT_FALSE(WellPosed(frame, scene));
}

}  // namespace
}  // namespace genba::envs
