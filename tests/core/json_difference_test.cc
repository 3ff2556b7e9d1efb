#include "core/json_difference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace genba {
namespace {

using Json = nlohmann::json;

std::string Places(const Json& a, const Json& b) {
  std::string places;
  for (const JsonDifference& difference : JsonDifferences(a, b)) places += difference.place + ";";
  return places;
}

TEST(JsonDifference, NamesEveryLeafInTheOrderOfKeys) {
  const Json a = Json::parse(R"({"x": {"z": 1, "y": [1, [2, 3]]}, "b": "text", "gone": 1})");
  EXPECT_EQ(Places(a, a), "");
  const Json b = Json::parse(R"({"x": {"z": 2, "y": [1, [2, 4], 5]}, "b": "other", "new": 1})");
  EXPECT_EQ(Places(a, b), "b;gone;new;x.y[1][1];x.y[2];x.z;");
  const auto found = JsonDifferences(a, b);
  EXPECT_EQ(found[1].a, 1);
  EXPECT_TRUE(found[1].b.is_null());
  EXPECT_EQ(Places(Json(1), Json::parse("[1]")), ";");
}

TEST(JsonDifference, ComparesBits) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Places({{"x", nan}}, {{"x", nan}}), "");
  EXPECT_EQ(Places({{"x", nan}}, {{"x", -nan}}), "x;");
  EXPECT_EQ(Places({{"x", 0.0}}, {{"x", -0.0}}), "x;");
  EXPECT_EQ(Places({{"x", 1}}, {{"x", 1.0}}), "x;");
  EXPECT_EQ(Places({{"x", 1}}, {{"x", 1u}}), "");
  EXPECT_EQ(Places({{"x", 0.1}}, {{"x", std::nextafter(0.1, 1)}}), "x;");
  const auto found = JsonDifferences({{"x", Json::binary({1, 2, 3})}}, {{"x", Json::binary({1, 9, 3})}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "x[1]");
  EXPECT_EQ(found[0].b, 9);
}

TEST(JsonDifference, NumbersReadBackAsTheyWere) {
  EXPECT_EQ(NumberOrBits(0.1f).dump(), "0.1");
  EXPECT_EQ(NumberOrBits(std::nextafter(0.1f, 1.0f)).dump(), "0.10000001");
  EXPECT_EQ(static_cast<float>(NumberOrBits(1.1754944e-38f).get<double>()), 1.1754944e-38f);
  EXPECT_EQ(NumberOrBits(-0.0f).dump(), "-0.0");
  EXPECT_EQ(NumberOrBits(std::uint64_t{18446744073709551615u}).dump(), "18446744073709551615");
  EXPECT_EQ(NumberOrBits(std::numeric_limits<float>::quiet_NaN()), "nan (0x7fc00000)");
  EXPECT_EQ(NumberOrBits(-std::numeric_limits<double>::infinity()), "-inf (0xfff0000000000000)");
}

}  // namespace
}  // namespace genba
