#include "sim/offscreen.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <cstdlib>

#include "core/error.h"
#include "random_cell.h"
#include "sim/cell_ids.h"

namespace genba::sim {
namespace {

TEST(Offscreen, DrawsTheSceneAndTellsColoursApart) {
  CellSpec cell = RandomCell(4, 8);
  const auto model = CellBuilder(cell).Build();
  for (PartSpec& part : cell.parts) part.colour = PartColour::kRed;
  const auto red = CellBuilder(cell).Build();
  OffscreenRenderer renderer(480, 320);
  std::vector<Image> images;
  for (const auto& scene : {model, red, model}) {
    mjData* d = mj_makeData(scene->get());
    mj_forward(scene->get(), d);
    images.push_back(renderer.Render(scene->get(), d, "overview"));
    if (std::getenv("GENBA_TEST_IMAGES") != nullptr) {
      WritePng(images.back(),
               std::string(std::getenv("GENBA_TEST_IMAGES")) + "/cell" + std::to_string(images.size()) + ".png");
      WritePng(renderer.Render(scene->get(), d, "wrist"),
               std::string(std::getenv("GENBA_TEST_IMAGES")) + "/wrist" + std::to_string(images.size()) + ".png");
    }
    EXPECT_THROW(renderer.Render(scene->get(), d, "nowhere"), Error);
    mj_deleteData(d);
  }
  EXPECT_EQ(images[0].rgb.size(), 480u * 320u * 3u);
  EXPECT_EQ(images[0].rgb, images[2].rgb);  // nothing remembered
  EXPECT_NE(images[0].rgb, images[1].rgb);
}

// The wrist camera shows the fingertips and what they hold: projected, and as pixels.
TEST(Offscreen, TheWristCameraSeesTheTcpAndAHeldPart) {
  CellSpec cell;
  cell.parts.push_back({.shape = PartShape::kNut, .colour = PartColour::kRed, .position = {0.42, 0}});
  const auto model = CellBuilder(cell).Build();
  const CellIds ids = FindCellIds(*model);
  mjData* d = mj_makeData(model->get());
  mj_forward(model->get(), d);
  for (int axis = 0; axis < 3; ++axis) d->qpos[ids.part_qpos[0] + axis] = d->site_xpos[3 * ids.tcp_site + axis];
  mj_forward(model->get(), d);

  const int camera = model->camera("wrist");
  const Eigen::Map<const Eigen::Vector3d> eye(d->cam_xpos + 3 * camera), tcp(d->site_xpos + 3 * ids.tcp_site);
  const Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>> R_WC(d->cam_xmat + 9 * camera);
  const double half = std::tan(model->get()->cam_fovy[camera] / 2 * 3.14159265358979 / 180);
  const Eigen::Vector3d reach = PartHalfSize(PartShape::kNut, 1);
  for (const double sign : {-1.0, 0.0, 1.0}) {  // the TCP, and the part's corners
    const Eigen::Vector3d seen = R_WC.transpose() * (tcp + sign * reach - eye);
    EXPECT_LT(seen.z(), -0.05) << "in front of a camera that looks along -z";
    EXPECT_LT(std::abs(seen.x() / seen.z()), 0.8 * half);
    EXPECT_LT(std::abs(seen.y() / seen.z()), 0.8 * half);
  }

  OffscreenRenderer renderer(160, 120);
  const Image image = renderer.Render(model->get(), d, "wrist");
  int red = 0;
  for (std::size_t i = 0; i < image.rgb.size(); i += 3)
    red += image.rgb[i] > 2 * image.rgb[i + 1] && image.rgb[i] > 2 * image.rgb[i + 2] && image.rgb[i] > 60;
  EXPECT_GT(red, 160 * 120 / 100);
  mj_deleteData(d);
}

TEST(Offscreen, AnImageThatCannotBeWrittenIsNamed) {
  EXPECT_THROW(WritePng(Image{16, 16, std::vector<std::uint8_t>(768)}, "/nonexistent/x.png"), Error);
}

}  // namespace
}  // namespace genba::sim
