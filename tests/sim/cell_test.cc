#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/error.h"
#include "random_cell.h"
#include "sim/cell_ids.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::sim {
namespace {

TEST(Cell, EqualCellsAreEqualModelsAndNoOthers) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const CellSpec cell = RandomCell(seed, 2 + static_cast<int>(seed % 7));
    const std::uint64_t hash = CellBuilder(cell).Build()->Hash();
    EXPECT_EQ(CellBuilder(cell).Build()->Hash(), hash) << "seed " << seed;
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 100u);
}

TEST(Cell, TheHashSeesTheSmallestChange) {
  CellSpec cell = RandomCell(1, 3);
  const std::uint64_t hash = CellBuilder(cell).Build()->Hash();
  cell.parts[0].position.x() = std::nextafter(cell.parts[0].position.x(), 1.0);
  EXPECT_NE(CellBuilder(cell).Build()->Hash(), hash);
}

TEST(Cell, SizesDoNotDependOnWhatIsInTheSlots) {
  const auto first = CellBuilder(RandomCell(1, 8)).Build();
  const CellIds ids = FindCellIds(*first);
  for (int present = 0; present <= 8; ++present) {
    const auto other = CellBuilder(RandomCell(100 + static_cast<std::uint64_t>(present), present)).Build();
    EXPECT_EQ(Model::SizeDifference(*first, *other), "");
    const CellIds other_ids = FindCellIds(*other);
    EXPECT_EQ(ids.part_qpos, other_ids.part_qpos);
    EXPECT_EQ(ids.arm_dof, other_ids.arm_dof);
    EXPECT_EQ(ids.tcp_site, other_ids.tcp_site);
  }
  CellSpec fewer = RandomCell(1, 8);
  fewer.parts.pop_back();
  EXPECT_NE(Model::SizeDifference(*first, *CellBuilder(fewer).Build()), "");
}

TEST(Cell, OutOfRangeValuesAreNamed) {
  CellSpec cell = RandomCell(1, 2);
  cell.parts[1].size = 3;
  try {
    CellBuilder(cell).Build();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_NE(std::string(error.what()).find("parts[1].size"), std::string::npos) << error.what();
  }
}

// What "at rest on the table" promises: nothing moves when nobody moves it, and absent parts stay out of sight.
TEST(Cell, PartsAndArmStayWhereTheyStart) {
  const auto model = CellBuilder(RandomCell(3, 6)).Build();
  const CellIds ids = FindCellIds(*model);
  mjData* d = mj_makeData(model->get());
  for (std::size_t j = 0; j < kArmJoints; ++j) d->ctrl[ids.arm_actuator[j]] = Ur5eHome()[j];
  d->ctrl[ids.gripper_actuator] = kGripperOpening;
  for (int i = 0; i < 1000; ++i) mj_step(model->get(), d);  // 5 s
  for (int q = 0; q < model->get()->nq; ++q) EXPECT_NEAR(d->qpos[q], model->get()->qpos0[q], 3e-3) << "qpos " << q;
  EXPECT_NEAR(ids.Opening(d), kGripperOpening, 1e-3);
  mj_deleteData(d);
}

}  // namespace
}  // namespace genba::sim
