#include "core/config.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace genba {
namespace {

struct Sample {
  int steps = 100;
  double rate = 3e-4;
  std::uint64_t seed = 1;
  bool ema = true;
  std::string head = "chunk";
};

ConfigTable Table(Sample& sample) {
  ConfigTable table;
  table.Add("trainer.steps", &sample.steps, {1, 1e6}, "optimiser steps");
  table.Add("trainer.rate", &sample.rate, {0, 1}, "learning rate");
  table.Add("trainer.seed", &sample.seed, "seed");
  table.Add("policy.ema", &sample.ema, "average weights");
  table.Add("policy.head", &sample.head, "head", {"chunk", "flow"});
  return table;
}

std::string RefusalOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Config, SetReachesEveryType) {
  Sample sample;
  ConfigTable table = Table(sample);
  for (const char* text : {"trainer.steps=7", "trainer.rate=1e-2", "trainer.seed=18446744073709551615",
                           "policy.ema=false", "policy.head=flow"})
    table.Set(text);
  EXPECT_EQ(sample.steps, 7);
  EXPECT_EQ(sample.rate, 0.01);
  EXPECT_EQ(sample.seed, 18446744073709551615ull);
  EXPECT_FALSE(sample.ema);
  EXPECT_EQ(sample.head, "flow");
}

TEST(Config, DumpReadsBackAsItself) {
  Sample sample;
  sample.rate = 0.1 + 0.2;
  sample.head = "flow";
  const std::string dump = Table(sample).ToToml();
  Sample other;
  ConfigTable table = Table(other);
  table.ReadTomlText(dump, "dump");
  EXPECT_EQ(other.rate, sample.rate);
  EXPECT_EQ(table.ToToml(), dump);
}

TEST(Config, RefusalsNameKeyAndRange) {
  Sample sample;
  ConfigTable table = Table(sample);
  EXPECT_EQ(RefusalOf([&] { table.Set("trainer.steps=0"); }),
            "--set: trainer.steps: expected a whole number in [1, 1000000], got 0");
  EXPECT_NE(RefusalOf([&] {
              table.Set("trainer.stops=5");
            }).find("trainer.stops: expected trainer.steps (did you mean that?)"),
            std::string::npos);
  EXPECT_NE(RefusalOf([&] { table.Set("policy.head=mlp"); }).find("chunk | flow"), std::string::npos);
  EXPECT_NE(RefusalOf([&] { table.Set("trainer.rate=nan"); }).find("trainer.rate"), std::string::npos);
  EXPECT_NE(RefusalOf([&] { table.Set("trainer.steps"); }).find("section.name=value"), std::string::npos);
  EXPECT_NE(
      RefusalOf([&] { table.ReadTomlText("[trainer]\nsteps = \"5\"\n", "f.toml"); }).find("f.toml: trainer.steps"),
      std::string::npos);
  EXPECT_NE(RefusalOf([&] { table.ReadTomlText("[trainer\n", "f.toml"); }).find("f.toml: line 1"), std::string::npos);
  EXPECT_EQ(sample.steps, 100) << "a refused assignment changes nothing";
}

}  // namespace
}  // namespace genba
