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

// What other people's tools compile from the text begins as ours does: where everything lies, and what sleeps.
TEST(Cell, TheTextBeginsAsTheModelDoes) {
  const CellSpec cell = RandomCell(5, 4);
  std::string text;
  const std::shared_ptr<const Model> model = CellBuilder(cell).Build(true, &text);
  EXPECT_EQ(model->Hash(), CellBuilder(cell).Build()->Hash()) << "the text costs time, not bits";
  std::array<char, 500> error{};
  const std::unique_ptr<mjSpec, void (*)(mjSpec*)> spec(
      mj_parseXMLString(text.c_str(), nullptr, error.data(), static_cast<int>(error.size())), mj_deleteSpec);
  ASSERT_NE(spec, nullptr) << error.data();
  const Model read(mj_compile(spec.get(), nullptr));
  const mjModel *m = model->get(), *text_m = read.get();
  ASSERT_EQ(m->ntree, text_m->ntree);
  int asleep = 0;
  for (int tree = 0; tree < m->ntree; ++tree) {
    EXPECT_EQ(m->tree_sleep_policy[tree] == mjSLEEP_INIT, text_m->tree_sleep_policy[tree] == mjSLEEP_INIT) << tree;
    asleep += m->tree_sleep_policy[tree] == mjSLEEP_INIT;
  }
  EXPECT_EQ(asleep, kMaxPartSlots - 4);
  for (int i = 0; i < m->nq; ++i) EXPECT_NEAR(m->qpos0[i], text_m->qpos0[i], 1e-6) << i;
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

// The maker's figures, in the link's frame of the maker's own description: mass, centre of mass, tensor about it.
TEST(Cell, TheArmHasTheMakersDynamics) {
  const auto model = CellBuilder(RandomCell(1, 0)).Build();
  const mjModel* m = model->get();
  const int arm = model->body("upper_arm"), wrist = model->body("wrist_1");
  EXPECT_NEAR(m->body_mass[arm], 8.058, 1e-9);
  EXPECT_NEAR(m->body_ipos[3 * arm], -0.2125, 1e-6);
  EXPECT_NEAR(m->body_ipos[3 * arm + 2], 0.11336, 1e-6);
  EXPECT_NEAR(m->body_ipos[3 * wrist + 1], -0.01634, 1e-6);
  double total = 0;
  for (const char* name : {"shoulder", "upper_arm", "forearm", "wrist_1", "wrist_2", "wrist_3"})
    total += m->body_mass[model->body(name)];
  EXPECT_NEAR(total, 17.7, 1e-3);
  // Tensor from principal moments and axes: I = R diag R'.
  const auto tensor = [m](int body) {
    const double* q = m->body_iquat + 4 * body;
    const Eigen::Matrix3d R = Eigen::Quaterniond(q[0], q[1], q[2], q[3]).toRotationMatrix();
    return Eigen::Matrix3d(R * Eigen::Map<const Eigen::Vector3d>(m->body_inertia + 3 * body).asDiagonal() *
                           R.transpose());
  };
  EXPECT_NEAR(tensor(arm)(1, 1), 0.33388086, 1e-6);
  EXPECT_NEAR(tensor(arm)(0, 1), -0.000054, 1e-6);
  // wrist_1's is given in a frame turned by 90° about x: its zz is the link's yy.
  EXPECT_NEAR(tensor(wrist)(1, 1), 0.00126279, 1e-7);
  EXPECT_NEAR(tensor(wrist)(2, 2), 0.00135962, 1e-7);
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
