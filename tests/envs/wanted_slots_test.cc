// The grounding signal: what a network is told an instruction is about is what the observation shows as such.
#include <gtest/gtest.h>

#include <algorithm>

#include "envs/observation.h"
#include "envs/vec_env.h"

namespace genba::envs {
namespace {

// Index of the one that is set among count columns of a slot; -1: none.
int OneOf(const float* slot, const std::vector<int>& columns, int first, int count) {
  for (int i = 0; i < count; ++i) {
    if (slot[columns[static_cast<std::size_t>(first + i)]] > 0.5f) return i;
  }
  return -1;
}

TEST(WantedSlots, AreThePartsThatMatchAndTheBinThatIsNamed) {
  VecEnvConfig config;
  config.task = "pick_bin";
  config.num_worlds = 128;
  config.num_threads = 1;
  VecEnv env(config);
  StepBatch batch(env.spec(), config.num_worlds);
  env.Reset(batch);
  const EnvSpec& spec = env.spec();
  const auto field = [&](const std::string& name) -> const FieldSpec& {
    return *std::find_if(spec.observation.begin(), spec.observation.end(),
                         [&](const auto& f) { return f.name == name; });
  };
  const FieldSpec &parts = field("parts"), &places = field("places");
  const std::vector<int> part_columns(parts.identity.begin(), parts.identity.end());
  const std::vector<int> place_columns(places.identity.begin(), places.identity.end());
  int wanted_parts = 0, unwanted_parts = 0;
  for (int world = 0; world < config.num_worlds; ++world) {
    const EpisodePlan& plan = env.plan(world);
    const std::vector<std::uint8_t> wanted = WantedSlots(plan, env.cell(world));
    ASSERT_EQ(static_cast<int>(wanted.size()), parts.shape[0] + places.shape[0]);
    const float* obs = batch.obs_view().row(world).data();
    for (int slot = 0; slot < parts.shape[0]; ++slot) {
      const float* part = obs + spec.obs_offset("parts") + slot * parts.shape[1];
      const bool present = part[0] > 0.5f;
      const bool meant = present && Matches(plan.order.objects,
                                            {static_cast<Colour>(OneOf(part, part_columns, 0, kNumColours)),
                                             static_cast<Shape>(OneOf(part, part_columns, kNumColours, kNumShapes))});
      EXPECT_EQ(wanted[static_cast<std::size_t>(slot)] > 0, meant) << plan.text;
      wanted_parts += meant;
      unwanted_parts += present && !meant;
    }
    for (int slot = 0; slot < places.shape[0]; ++slot) {
      const float* place = obs + spec.obs_offset("places") + slot * places.shape[1];
      const bool named = place[0] > 0.5f && OneOf(place, place_columns, 0, 3) == static_cast<int>(plan.order.place) - 1;
      EXPECT_EQ(wanted[static_cast<std::size_t>(parts.shape[0] + slot)] > 0, named) << plan.text;
    }
  }
  EXPECT_GT(wanted_parts, 100);  // the controls: both kinds occur
  EXPECT_GT(unwanted_parts, 100);
}

// A set of slots says what its things are where the task's orders name one, and nowhere else: what can be named is
// asked for before an order can be carried out (policies/reader.h), and reach would have to name a bin.
TEST(WantedSlots, WhatHasAnIdentityIsNamedByTheTasksOrders) {
  for (const std::string& name : TaskNames()) {
    VecEnvConfig config;
    config.task = name;
    config.num_worlds = 32;
    config.num_threads = 1;
    VecEnv env(config);
    StepBatch batch(env.spec(), config.num_worlds);
    env.Reset(batch);
    std::size_t first = 0;
    for (const FieldSpec& set : env.spec().observation) {
      if (set.shape.size() != 2) continue;
      const auto count = static_cast<std::size_t>(set.shape[0]);
      int named = 0;
      for (int world = 0; world < config.num_worlds; ++world) {
        const std::vector<std::uint8_t> wanted = WantedSlots(env.plan(world), env.cell(world));
        named += static_cast<int>(std::count(wanted.begin() + static_cast<std::ptrdiff_t>(first),
                                             wanted.begin() + static_cast<std::ptrdiff_t>(first + count), 1));
      }
      EXPECT_EQ(named > 0, !set.identity.empty()) << name << " " << set.name;
      first += count;
    }
  }
}

}  // namespace
}  // namespace genba::envs
