// offscreen.h - images of a world without a display: EGL surfaceless context plus MuJoCo's renderer.
// One renderer per thread; it remembers nothing between Render calls. Failure: Error(kEnvironment) when EGL
// gives no context.
#pragma once
#include <mujoco/mujoco.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace genba::sim {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  // [height, width, 3], top row first
};

class OffscreenRenderer {
 public:
  OffscreenRenderer(int width, int height);
  ~OffscreenRenderer();
  OffscreenRenderer(const OffscreenRenderer&) = delete;
  OffscreenRenderer& operator=(const OffscreenRenderer&) = delete;

  // d must have been through mj_forward (or kinematics). camera: a name in the model ("overview", "wrist"). decorate
  // adds what is drawn but is no part of the model.
  using Decorate = std::function<void(const mjModel*, mjvScene&)>;
  Image Render(const mjModel* m, mjData* d, const std::string& camera, const Decorate& decorate = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string PngBytes(const Image& image);
void WritePng(const Image& image, const std::string& path);  // Error(kEnvironment) naming path

}  // namespace genba::sim
