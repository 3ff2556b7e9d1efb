#include "sim/batch_sim.h"

#include <gtest/gtest.h>

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
      sim->Apply(worlds, [&](const mjModel* m, mjData* d, int world) noexcept { Swing(ids, m, d, world); });
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
      sim->Apply(world, [&](const mjModel* m, mjData* d, int w) noexcept { Swing(ids, m, d, w); });
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
      sim->Apply(worlds, [&](const mjModel* m, mjData* d, int world) noexcept {
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

TEST(BatchSim, AModelOfOtherSizesIsRefused) {
  auto sim = MakeBatch(2, 1);
  CellSpec fewer = RandomCell(1, 2);
  fewer.parts.pop_back();
  EXPECT_THROW(sim->SetModel(0, CellBuilder(fewer).Build()), Error);
}

}  // namespace
}  // namespace genba::sim
