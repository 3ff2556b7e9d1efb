// The arm weighs what its maker publishes (Universal_Robots_ROS2_Description, config/ur5e/physical_parameters.yaml).
#include <gtest/gtest.h>

#include <map>

#include "random_cell.h"
#include "sim/cell_ids.h"

namespace genba::sim {
namespace {

TEST(Ur5e, LinksHaveTheMakersMasses) {
  const auto model = CellBuilder(RandomCell(1, 2)).Build();
  const mjModel* m = model->get();
  const std::map<std::string, double> published{{"shoulder", 3.761}, {"upper_arm", 8.058}, {"forearm", 2.846},
                                                {"wrist_1", 1.37},   {"wrist_2", 1.3},     {"wrist_3", 0.365}};
  for (const auto& [name, mass] : published) {
    const int body = mj_name2id(m, mjOBJ_BODY, name.c_str());
    ASSERT_GE(body, 0) << name;
    EXPECT_DOUBLE_EQ(m->body_mass[body], mass) << name;
  }
}

}  // namespace
}  // namespace genba::sim
