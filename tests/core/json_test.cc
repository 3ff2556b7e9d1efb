#include "core/json.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"

namespace genba {
namespace {

std::string RefusalOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 2);
    return error.what();
  }
  return "";
}

std::string RefusalOf(const std::string& text, JsonLimits limits = {}) {
  return RefusalOf([&] { ParseJson(text, "f.json", limits); });
}

std::string Nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

TEST(Json, ReadsWhatIsGood) {
  const nlohmann::json json = ParseJson(R"({"a": [1, 2.5, "赤い", null, true], "b": {"a": -3}})", "f.json");
  EXPECT_EQ(JsonArray(json, "a", "f.json").size(), 5u);
  EXPECT_EQ(JsonInt(JsonObject(json, "b", "f.json"), "a", "f.json"), -3);
  EXPECT_EQ(ParseJson(Nested(64), "f.json").size(), 1u);
}

TEST(Json, EveryLimitIsNamed) {
  EXPECT_NE(RefusalOf(Nested(65)).find("at most 64 levels"), std::string::npos);
  EXPECT_NE(RefusalOf(std::string(1 << 20, '[')).find("at most 64 levels"), std::string::npos);
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_NE(RefusalOf(objects).find("at most 64 levels"), std::string::npos);
  EXPECT_NE(RefusalOf("[1,2,3]", {.bytes = 6}).find("at most 6 bytes"), std::string::npos);
  EXPECT_NE(RefusalOf("[1,2,3]", {.values = 3}).find("at most 3 values"), std::string::npos);
  EXPECT_EQ(RefusalOf("[1,2,3]", {.bytes = 7, .values = 4}), "");
}

TEST(Json, CborIsReadUnderTheSameLimits) {
  const nlohmann::json world{{"physics", {1.5, -0.0}}, {"carried", nlohmann::json::binary({1, 2, 3})}, {"next", 7u}};
  const auto text = [](const nlohmann::json& json) {
    const std::vector<std::uint8_t> cbor = nlohmann::json::to_cbor(json);
    return std::string(cbor.begin(), cbor.end());
  };
  const std::string good = text(world);
  EXPECT_EQ(ParseCbor(good, "world"), world);
  EXPECT_NO_THROW(ParseCbor(text(std::numeric_limits<double>::quiet_NaN()), "world"));
  const auto refused = [](const std::string& bytes, JsonLimits limits = {}) {
    return RefusalOf([&] { ParseCbor(bytes, "world", limits); });
  };
  EXPECT_NE(refused(std::string(1 << 20, '\x81')).find("at most 64 levels"), std::string::npos);
  EXPECT_NE(refused(good, {.values = 3}).find("at most 3 values"), std::string::npos);
  EXPECT_NE(refused(good, {.bytes = 4}).find("at most 4 bytes"), std::string::npos);
  EXPECT_NE(refused(good.substr(0, good.size() - 1)).find("CBOR"), std::string::npos);
  EXPECT_NE(refused(good + "x").find("CBOR"), std::string::npos) << "nothing behind the end";
  EXPECT_NE(refused(std::string("\xa2\x61\x61\x01\x61\x61\x02", 7)).find("each key once"), std::string::npos);
  EXPECT_NE(refused("\x5b\x7f\xff\xff\xff\xff\xff\xff\xff").find("CBOR"), std::string::npos) << "a length that lies";
}

TEST(Json, AKeyTwiceIsRefusedAtAnyLevelAndOnlyThere) {
  EXPECT_NE(RefusalOf(R"({"a": 1, "a": 1})").find("\"a\": expected each key once"), std::string::npos);
  EXPECT_NE(RefusalOf(R"([{"b": {"a": 1, "c": 2, "a": 3}}])").find("each key once"), std::string::npos);
  EXPECT_NE(RefusalOf("{\"a\": 1, \"\\u0061\": 2}").find("each key once"), std::string::npos);
  EXPECT_EQ(RefusalOf(R"({"a": {"a": 1}, "b": {"a": 1}})"), "");
}

TEST(Json, WhatIsNoJsonIsRefusedInOneShortSentence) {
  for (const std::string& text :
       {std::string("{"), std::string(), std::string("[1] x"), std::string("[NaN]"), std::string("[Infinity]"),
        std::string("[1e999]"), std::string("[-1e999]"), std::string("[01]"), std::string("[+1]"),
        std::string("// c\n1"), std::string("\"\xff\""), std::string("\"\\ud800\""), std::string("[1,]"),
        std::string("\"") + std::string(1 << 20, 'x')}) {
    const std::string refusal = RefusalOf(text);
    EXPECT_NE(refusal.find("f.json"), std::string::npos) << text.substr(0, 20);
    EXPECT_LT(refusal.size(), 120u);
  }
  EXPECT_NE(RefusalOf("{\n  \"a\": 1,\n  ?").find("line 3, byte 3"), std::string::npos);
}

TEST(Json, NumbersAreTakenExactly) {
  const nlohmann::json json = ParseJson(
      R"({"half": 2.5, "whole": 2.0, "large": 4294967298, "text": "2", "most": 18446744073709551615,
          "beyond": 18446744073709551616, "negative": -1})",
      "f.json");
  for (const char* key : {"half", "whole", "large", "text", "most", "beyond", "absent"})
    EXPECT_NE(RefusalOf([&] { JsonInt(json, key, "f.json"); }).find(key), std::string::npos) << key;
  EXPECT_EQ(RefusalOf([&] { JsonInt(json, "large", "f.json", 0, 10); }),
            "f.json: large: expected a whole number in [0, 10], got 4294967298");
  EXPECT_EQ(JsonInt(json, "large", "f.json", 0, 1LL << 40), 4294967298);
  EXPECT_EQ(JsonUint(json, "most", "f.json"), 18446744073709551615ull);
  EXPECT_NE(RefusalOf([&] { JsonUint(json, "beyond", "f.json"); }), "");
  EXPECT_NE(RefusalOf([&] { JsonUint(json, "negative", "f.json"); }), "");
  EXPECT_EQ(JsonNumber(json, "half", "f.json"), 2.5);
  EXPECT_NE(RefusalOf([&] { JsonNumber(json, "half", "f.json", 0, 1); }), "");
}

TEST(Json, DescribingAValueNeverRecursesIntoIt) {
  nlohmann::json deep = nlohmann::json::array();
  for (int i = 0; i < 200000; ++i) {
    nlohmann::json outer = nlohmann::json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  EXPECT_EQ(Shown(deep), "an array of 1");
  EXPECT_EQ(Shown(nlohmann::json(std::string(1000, 'x'))).size(), 60u + 3u + 2u);
  EXPECT_EQ(Shown(nlohmann::json("\xff")), "\"\xef\xbf\xbd\"");
  nlohmann::json object;
  object["k"] = std::move(deep);
  EXPECT_NE(RefusalOf([&] { JsonText(object, "k", "f.json"); }).find("an array of 1"), std::string::npos);
}

TEST(Json, AnUnknownKeyIsNamed) {
  const nlohmann::json json{{"steps", 1}, {"stops", 2}};
  EXPECT_EQ(RefusalOf([&] {
              CheckKeys(json, {"steps", "seed"}, "f.json");
            }),
            "f.json: \"stops\": expected one of steps, seed, got an unknown key");
  EXPECT_EQ(RefusalOf([&] { CheckKeys(json, {"steps", "stops"}, "f.json"); }), "");
}

}  // namespace
}  // namespace genba
