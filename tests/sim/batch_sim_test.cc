#include "sim/batch_sim.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "random_cell.h"
#include "sim/cell_ids.h"

namespace genba::sim {
namespace {

constexpr int kSteps = 30;

std::vector<int> All(int n) {
  std::vector<int> worlds(static_cast<std::size_t>(n));
  std::iota(worlds.begin(), worlds.end(), 0);
  return worlds;
}

// A different scene in every world, arms swinging: what one control step looks like to the engine.
std::unique_ptr<BatchSim> MakeBatch(int num_worlds, int num_threads) {
  auto sim = std::make_unique<BatchSim>(CellBuilder(RandomCell(0, 6)).Build(), BatchSimConfig{num_worlds, num_threads});
  for (int w = 0; w < num_worlds; ++w)
    sim->SetModel(w, CellBuilder(RandomCell(static_cast<std::uint64_t>(w), 2 + w % 7)).Build());
  return sim;
}

void Swing(const CellIds& ids, const mjModel* m, mjData* d, int world) {
  for (int i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < kArmJoints; ++j) {
      d->ctrl[ids.arm_actuator[j]] = Ur5eHome()[j] + 0.4 * std::sin(3 * d->time + 0.1 * world + static_cast<double>(j));
    }
    mj_step(m, d);
  }
}

std::vector<std::uint64_t> Hashes(const BatchSim& sim) {
  std::vector<std::uint64_t> hashes;
  for (int w = 0; w < sim.num_worlds(); ++w) hashes.push_back(sim.Hash(w));
  return hashes;
}

TEST(BatchSim, BitsDoNotDependOnThreads) {
  std::vector<std::vector<std::uint64_t>> results;
  for (const int threads : {1, 2, 3, 8}) {
    auto sim = MakeBatch(16, threads);
    const CellIds ids = FindCellIds(*sim->model(0));
    const auto worlds = All(16);
    for (int step = 0; step < kSteps; ++step) {
      sim->Apply(worlds, [&](const mjModel* m, mjData* d, int world) { Swing(ids, m, d, world); });
    }
    results.push_back(Hashes(*sim));
  }
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

TEST(BatchSim, SaveRestoreContinueEqualsContinue) {
  auto sim = MakeBatch(2, 1);
  const CellIds ids = FindCellIds(*sim->model(0));
  const std::vector<int> world{1};
  auto advance = [&] {
    for (int step = 0; step < kSteps; ++step)
      sim->Apply(world, [&](const mjModel* m, mjData* d, int w) { Swing(ids, m, d, w); });
  };
  advance();
  std::vector<double> saved;
  sim->Save(1, saved);
  advance();
  const std::uint64_t expected = sim->Hash(1);
  sim->Restore(1, saved);
  EXPECT_NE(sim->Hash(1), expected);
  advance();
  EXPECT_EQ(sim->Hash(1), expected);
  EXPECT_THROW(sim->Restore(1, std::vector<double>(3)), Error);
}

// Bar 8: NaN, a huge force and an engine error in a batch of 64.
TEST(BatchSim, ABadWorldLeavesTheOthersBits) {
  constexpr int kWorlds = 64;
  const auto worlds = All(kWorlds);
  std::vector<std::vector<std::uint64_t>> hashes;
  std::vector<FaultReport> faults;
  for (const bool inject : {false, true}) {
    auto sim = MakeBatch(kWorlds, 2);
    const CellIds ids = FindCellIds(*sim->model(0));
    const mjModel* m0 = sim->model(0)->get();
    for (int step = 0; step < kSteps; ++step) {
      if (inject && step == 10) {
        sim->row(5)[static_cast<std::size_t>(1 + m0->nq)] = std::numeric_limits<double>::quiet_NaN();  // qvel
      }
      sim->Apply(worlds, [&](const mjModel* m, mjData* d, int world) {
        if (inject && step == 10 && world == 20) d->xfrc_applied[6 * ids.part_body[0]] = 1e14;
        if (inject && step == 10 && world == 40) mju_error("injected engine error");
        Swing(ids, m, d, world);
        if (inject && step == 10 && world == 50) d->ctrl[0] = std::numeric_limits<double>::quiet_NaN(), mj_step(m, d);
      });
    }
    hashes.push_back(Hashes(*sim));
    for (const int w : {5, 20, 40, 50}) {
      if (inject) faults.push_back(sim->fault(w));
      EXPECT_EQ(sim->fault(w).fault != Fault::kNone, inject) << "world " << w;
    }
    EXPECT_EQ(sim->fault(6).fault, Fault::kNone);
  }
  for (int w = 0; w < kWorlds; ++w) {
    const auto i = static_cast<std::size_t>(w);
    const bool bad = w == 5 || w == 20 || w == 40 || w == 50;
    EXPECT_EQ(hashes[0][i] == hashes[1][i], !bad) << "world " << w;
  }
  EXPECT_EQ(faults[0].fault, Fault::kBadState);
  EXPECT_NE(faults[1].fault, Fault::kNone);
  EXPECT_EQ(faults[2].fault, Fault::kEngineError);
  EXPECT_NE(faults[2].detail.find("injected"), std::string::npos);
  EXPECT_EQ(faults[3].fault, Fault::kBadControl);
  EXPECT_FALSE(std::filesystem::exists("MUJOCO_LOG.TXT"));
}

// The engine counts what it meets in a step; a number that was written from outside is found without one. A new model
// begins afresh.
TEST(BatchSim, ANumberWrittenFromOutsideIsFoundAndGoesWithTheModel) {
  auto sim = MakeBatch(2, 1);
  const auto worlds = All(2);
  const auto bits = sim->row(1)[1];
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -2e10}) {
    sim->Apply(worlds, [&](const mjModel*, mjData* d, int world) {
      if (world == 0) d->qpos[0] = bad;
    });
    EXPECT_EQ(sim->fault(0).fault, Fault::kBadState) << bad;
    EXPECT_EQ(sim->fault(1).fault, Fault::kNone);
    sim->SetModel(0, sim->model(0));
    EXPECT_EQ(sim->fault(0).fault, Fault::kNone) << bad;
  }
  EXPECT_EQ(sim->row(1)[1], bits);
}

// How many of a world's trees sleep: the tail of its saved state.
int NumAsleep(const BatchSim& sim, int world) {
  std::vector<double> state;
  sim.Save(world, state);
  return static_cast<int>(
      std::count_if(state.end() - sim.model(world)->get()->ntree, state.end(), [](double next) { return next >= 0; }));
}

// The arm swings; after two thirds of a second a part that has fallen asleep is pushed towards the others.
void SwingAndPush(const CellIds& ids, const mjModel* m, mjData* d) {
  for (int i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < kArmJoints; ++j) d->ctrl[ids.arm_actuator[j]] = Ur5eHome()[j];
    d->ctrl[ids.arm_actuator[0]] += 0.5 * std::sin(2 * d->time);
    const bool pushed = d->time > 0.65 && d->time < 0.75;
    d->xfrc_applied[6 * ids.part_body[0] + 1] = pushed ? 2.0 : 0.0;
    mj_step(m, d);
  }
}

TEST(BatchSim, ASleepingWorldContinuesFromEveryStep) {
  constexpr int kLong = 120;
  auto sim = MakeBatch(4, 2), other = MakeBatch(4, 1);
  const CellIds ids = FindCellIds(*sim->model(0));
  const auto worlds = All(4);
  const auto step = [&](BatchSim& batch) {
    batch.Apply(worlds, [&](const mjModel* m, mjData* d, int) { SwingAndPush(ids, m, d); });
  };
  int most_asleep = 0, awake_differs = 0, woken = 0;
  for (int k = 0; k < kLong; ++k) {
    std::vector<std::vector<double>> saved(4);
    for (const int w : worlds) sim->Save(w, saved[static_cast<std::size_t>(w)]);
    const int asleep = NumAsleep(*sim, 1);
    step(*sim);
    for (const bool forget : {false, true}) {  // forget: the negative control, the rows alone
      for (const int w : worlds) {
        auto state = saved[static_cast<std::size_t>(w)];
        if (forget) std::fill(state.end() - sim->model(w)->get()->ntree, state.end(), -(1 + mjMINAWAKE));
        other->Restore(w, state);
      }
      step(*other);
      if (forget) {
        awake_differs += Hashes(*other) != Hashes(*sim);
      } else {
        ASSERT_EQ(Hashes(*other), Hashes(*sim)) << "step " << k;
      }
    }
    most_asleep = std::max(most_asleep, NumAsleep(*sim, 1));
    woken += NumAsleep(*sim, 1) < asleep;
  }
  EXPECT_GT(most_asleep, 6);  // the absent ones and more
  EXPECT_GT(woken, 0);
  EXPECT_GT(awake_differs, kLong / 2);
}

TEST(BatchSim, AnotherModelLeavesNothingOfTheOldOne) {
  auto used = MakeBatch(1, 1);
  const CellIds ids = FindCellIds(*used->model(0));
  const auto worlds = All(1);
  const auto run = [&](BatchSim& batch, int steps) {
    for (int k = 0; k < steps; ++k)
      batch.Apply(worlds, [&](const mjModel* m, mjData* d, int) { SwingAndPush(ids, m, d); });
  };
  run(*used, 40);
  CellSpec moved = RandomCell(77, 5);
  for (BinSpec& bin : moved.bins) bin.centre.x() -= 0.05;
  const auto model = CellBuilder(moved).Build();
  BatchSim fresh(model, {1, 1}), entered(CellBuilder(RandomCell(0, 6)).Build(), {1, 1});
  used->SetModel(0, model);
  run(entered, 40);
  entered.Apply(worlds, [&](const mjModel*, mjData* d, int world) { entered.EnterModel(world, model, d); });
  EXPECT_EQ(used->Hash(0), entered.Hash(0));
  for (BatchSim* batch : {used.get(), &fresh, &entered}) run(*batch, 60);
  EXPECT_EQ(used->Hash(0), fresh.Hash(0));
  EXPECT_EQ(entered.Hash(0), fresh.Hash(0));
}

TEST(BatchSim, WithoutSleepNothingSleeps) {
  BatchSim awake(CellBuilder(RandomCell(0, 6)).Build(false), {1, 1});
  std::vector<double> state;
  awake.Save(0, state);
  EXPECT_EQ(state.size(), awake.row(0).size());
}

TEST(BatchSim, TooManyContactsAreAFault) {
  const auto model = CellBuilder(RandomCell(1, 8)).Build();
  mjModel* tight = mj_copyModel(nullptr, model->get());
  tight->narena = 12000;
  BatchSim sim(std::make_shared<const Model>(tight), {1, 1});
  sim.Apply(All(1), [](const mjModel* m, mjData* d, int) { mj_step(m, d); });
  EXPECT_NE(sim.fault(0).fault, Fault::kNone);
}

TEST(BatchSim, WhatAWorldThrowsArrivesAfterThePass) {
  auto sim = MakeBatch(4, 2);
  std::array<int, 4> played{};
  try {
    sim->Apply(All(4), [&](const mjModel*, mjData*, int world) {
      ++played[static_cast<std::size_t>(world)];
      if (world != 0) throw std::runtime_error("world " + std::to_string(world));
    });
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "world 1");
  }
  EXPECT_EQ(played, (std::array<int, 4>{1, 1, 1, 1}));
  EXPECT_NO_THROW(sim->Apply(All(4), [](const mjModel*, mjData*, int) {}));
}

TEST(BatchSim, MoreWorldsThanMemoryAreRefused) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs more addresses than any limit leaves";
#endif
  const auto model = CellBuilder(RandomCell(1, 8)).Build();
  const auto refused = [&] {
    const rlimit limit{2000000000, 2000000000};
    ::setrlimit(RLIMIT_AS, &limit);
    try {
      BatchSim sim(model, {60000, 2});
    } catch (const Error& error) {
      std::fprintf(stderr, "%s\n", error.what());
      std::_Exit(error.exit_code());
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(refused(), testing::ExitedWithCode(3), "60000 worlds need [0-9]+ MB, [0-9]+ MB are free");
}

TEST(BatchSim, AWorldTakesLittleMemory) {
  EXPECT_LT(MakeBatch(2, 1)->bytes_per_world(), 1500000u);  // the engine's own choice of arena: 17 MB
}

TEST(BatchSim, AModelOfOtherSizesIsRefused) {
  auto sim = MakeBatch(2, 1);
  CellSpec fewer = RandomCell(1, 2);
  fewer.parts.pop_back();
  EXPECT_THROW(sim->SetModel(0, CellBuilder(fewer).Build()), Error);
}

}  // namespace
}  // namespace genba::sim
