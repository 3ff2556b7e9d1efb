// Laws of orders: the canonical text round-trips, refusals name what is wrong, and well-posed means what it says.
#include "envs/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "tests/envs/every_order.h"

namespace genba::envs {
namespace {

TEST(Order, CanonicalTextRoundTripsForEveryOrder) {
  std::set<std::string> texts;
  const std::vector<Order> orders = EveryOrder();
  EXPECT_EQ(orders.size(), 13u * 4u * (1u + 4u * 3u));
  for (const Order& order : orders) {
    const std::string text = ToText(order);
    EXPECT_TRUE(texts.insert(text).second) << text << " names two orders";
    EXPECT_EQ(OrderFromText(text, "test"), order) << text;
  }
  EXPECT_EQ(ToText(OrderFromText("  pick( all  nut except green->right bin )", "test")),
            "pick(all nut except green -> right bin)");
}

TEST(Order, RefusalsNameFileTextAndWord) {
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
      OrderFromText(c.text, "texts.jsonl:3");
      ADD_FAILURE() << c.text << " was accepted";
    } catch (const Error& error) {
      const std::string what = error.what();
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      EXPECT_EQ(what.rfind("texts.jsonl:3: order \"" + std::string(c.text) + "\": expected ", 0), 0u) << what;
      EXPECT_NE(what.find(c.named), std::string::npos) << what;
    }
  }
}

TEST(Order, SyntaxExamplesAreOrders) {
  const std::string syntax = OrderSyntax();
  for (const char* text :
       {"reach(one blue gear)", "pick(two red bolt -> left bin)", "pick(all nut except green -> right bin)"}) {
    EXPECT_NE(syntax.find(text), std::string::npos);
    EXPECT_NO_THROW(OrderFromText(text, "syntax"));
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

bool IsSensible(const Order& order, const std::vector<ScenePart>& scene) {
  const ObjectSet& set = order.objects;
  ObjectSet excluded = set;
  excluded.negated_colour = false;
  if (set.negated_colour && CountMatching(excluded, scene) == 0) return false;
  if (set.count == Count::kAll) return CountMatching(set, scene) >= 2;
  return set.has_colour || set.has_shape;
}

TEST(Order, WellPosedIsItsDefinitionOnRandomScenes) {
  Rng rng(1, 0, "scenes");
  int posed = 0;
  for (int i = 0; i < 300; ++i) {
    const std::vector<ScenePart> scene = RandomScene(rng);
    std::vector<Order> listed[2] = {WellPosedOrders(Verb::kReach, scene), WellPosedOrders(Verb::kPick, scene)};
    std::size_t expected[2] = {0, 0};
    for (const Order& order : EveryOrder()) {
      const int matching = CountMatching(order.objects, scene);
      const int wanted = order.objects.count == Count::kAll ? matching : 1 + static_cast<int>(order.objects.count);
      const bool well = wanted > 0 && matching >= wanted;
      EXPECT_EQ(NumWanted(order, scene), wanted);
      EXPECT_EQ(HasSpare(order, scene), matching > wanted);
      EXPECT_EQ(WellPosed(order, scene), well) << ToText(order);
      EXPECT_EQ(static_cast<int>(Referents(order, scene).size()), matching);
      EXPECT_EQ(NumReferents(order, scene), matching);
      const auto& list = listed[static_cast<int>(order.verb)];
      const bool in_list = std::find(list.begin(), list.end(), order) != list.end();
      EXPECT_EQ(in_list, well && IsSensible(order, scene)) << ToText(order);
      expected[static_cast<int>(order.verb)] += in_list ? 1 : 0;
      posed += well;
    }
    for (int v = 0; v < 2; ++v) EXPECT_EQ(listed[v].size(), expected[v]) << "a order is listed twice";
    EXPECT_EQ(listed[1], WellPosedOrders(Verb::kPick, scene));
  }
  EXPECT_GT(posed, 1000);
}

TEST(Order, ListedOrderDoesNotDependOnSlotOrder) {
  Rng rng(2, 0, "scenes");
  for (int i = 0; i < 50; ++i) {
    std::vector<ScenePart> scene = RandomScene(rng);
    const std::vector<Order> before = WellPosedOrders(Verb::kPick, scene);
    rng.Shuffle(scene);
    EXPECT_EQ(WellPosedOrders(Verb::kPick, scene), before);
  }
}

TEST(Order, MeaninglessCombinationsAreNotWellPosed) {
  const std::vector<ScenePart> scene = {{Colour::kRed, Shape::kBolt}};
  Order order = OrderFromText("reach(one red bolt)", "test");
  EXPECT_TRUE(WellPosed(order, scene));
  order.place = PlaceWord::kLeft;
  EXPECT_FALSE(WellPosed(order, scene));
  order = OrderFromText("pick(one red bolt -> left bin)", "test");
  order.place = PlaceWord::kNone;
  EXPECT_FALSE(WellPosed(order, scene));
}

}  // namespace
}  // namespace genba::envs
