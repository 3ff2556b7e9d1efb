#include "sim/offscreen.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "random_cell.h"

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

TEST(Offscreen, AnImageThatCannotBeWrittenIsNamed) {
  EXPECT_THROW(WritePng(Image{16, 16, std::vector<std::uint8_t>(768)}, "/nonexistent/x.png"), Error);
}

}  // namespace
}  // namespace genba::sim
