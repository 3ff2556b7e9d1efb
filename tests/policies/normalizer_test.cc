// Laws of the normaliser: round trip, shared slot columns, absent slots do not count, flags and constants are
// guarded.
#include "policies/normalizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/policies/fakes.h"

namespace genba::policies {
namespace {

Normalizer Measure(int scenes) {
  NormalizerBuilder builder(ToySpec());
  Rng rng(3, 0, "test");
  for (int i = 0; i < scenes; ++i) {
    std::vector<float> obs = ToyScene(rng);
    obs[4] = 0.7f;  // a column that never varies
    builder.AddObservation(obs);
    builder.AddAction(
        std::vector<float>{static_cast<float>(rng.Uniform(-1, 1)), 0.001f * static_cast<float>(rng.Normal()), 1.0f});
  }
  return builder.Build();
}

TEST(Normalizer, SlotsShareScalesAndAbsentOnesDoNotCount) {
  const Normalizer n = Measure(500);
  for (int k = 1; k < 4; ++k) {
    for (int c = 0; c < 6; ++c) {
      EXPECT_EQ(n.obs_scale[static_cast<std::size_t>(5 + c)], n.obs_scale[static_cast<std::size_t>(5 + 6 * k + c)]);
      EXPECT_EQ(n.obs_mean[static_cast<std::size_t>(5 + c)], n.obs_mean[static_cast<std::size_t>(5 + 6 * k + c)]);
    }
  }
  EXPECT_NEAR(n.obs_scale[6], 0.3, 0.02);  // an absent slot's zeros would make it smaller
}

TEST(Normalizer, FlagsStayAndConstantsAreGuarded) {
  const Normalizer n = Measure(200);
  EXPECT_EQ(n.obs_scale[5], 1.0f);  // present
  EXPECT_EQ(n.obs_mean[5], 0.0f);
  EXPECT_EQ(n.obs_scale[9], 1.0f);  // red
  EXPECT_EQ(n.obs_mean[9], 0.0f);
  EXPECT_FLOAT_EQ(n.obs_mean[4], 0.7f);
  EXPECT_EQ(n.obs_scale[4], 1.0f);
  EXPECT_GE(n.action_scale[1], 0.05f);
}

TEST(Normalizer, RoundTripAndRefusals) {
  const Normalizer n = Measure(50);
  nlohmann::json json = nlohmann::json::parse(ToJson(n).dump());
  const Normalizer again = NormalizerFromJson(json, ToySpec(), "file");
  EXPECT_EQ(again.obs_mean, n.obs_mean);
  EXPECT_EQ(again.obs_scale, n.obs_scale);
  EXPECT_EQ(again.action_mean, n.action_mean);
  EXPECT_EQ(again.action_scale, n.action_scale);
  json["obs_scale"][2] = 0.0;
  try {
    NormalizerFromJson(json, ToySpec(), "file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("normalizer.obs_scale"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace genba::policies
