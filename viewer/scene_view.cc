#include "viewer/scene_view.h"

#include <algorithm>

#include "core/error.h"
#include "viewer/marks.h"

namespace genba::viewer {

namespace {

mjvCamera CameraOf(const App& app) {
  mjvCamera camera;
  mjv_defaultCamera(&camera);
  if (app.camera == "orbit") {
    camera.type = mjCAMERA_FREE;
    camera.azimuth = app.azimuth;
    camera.elevation = app.elevation;
    camera.distance = app.distance;
    std::copy_n(app.look_at, 3, camera.lookat);
    return camera;
  }
  camera.type = mjCAMERA_FIXED;
  camera.fixedcamid = mj_name2id(app.model(), mjOBJ_CAMERA, app.camera.c_str());
  if (camera.fixedcamid < 0) throw BadInput({"view", "camera", "orbit | overview | wrist", app.camera});
  return camera;
}

}  // namespace

SceneView::~SceneView() { Free(); }

void SceneView::Free() {
  if (prepared_ == nullptr) return;
  mjr_freeContext(&context_);
  mjv_freeScene(&scene_);
  prepared_ = nullptr;
}

void SceneView::Prepare(const mjModel* m) {
  if (prepared_ == m) return;
  Free();
  mjv_defaultScene(&scene_);
  mjv_defaultOption(&option_);
  mjr_defaultContext(&context_);
  mjv_makeScene(m, &scene_, 1000);
  mjr_makeContext(m, &context_, mjFONTSCALE_100);
  mjr_setBuffer(offscreen_ ? mjFB_OFFSCREEN : mjFB_WINDOW, &context_);
  prepared_ = m;
}

void SceneView::Draw(const App& app, mjrRect viewport) {
  Prepare(app.model());
  mjvCamera camera = CameraOf(app);
  mjv_updateScene(app.model(), app.physics(), &option_, nullptr, &camera, mjCAT_ALL, &scene_);
  if (app.camera != "wrist") AddMarks(app.model(), scene_);
  mjr_render(viewport, &scene_, &context_);
}

sim::Image SceneView::Read(int width, int height) const {
  sim::Image image{width, height, {}};
  const auto stride = static_cast<std::size_t>(width) * 3;
  image.rgb.resize(stride * static_cast<std::size_t>(height));
  mjr_readPixels(image.rgb.data(), nullptr, {0, 0, width, height}, &context_);
  for (int top = 0, bottom = height - 1; top < bottom; ++top, --bottom) {
    const auto a = image.rgb.begin() + static_cast<std::ptrdiff_t>(stride * static_cast<std::size_t>(top));
    std::swap_ranges(a, a + static_cast<std::ptrdiff_t>(stride),
                     image.rgb.begin() + static_cast<std::ptrdiff_t>(stride * static_cast<std::size_t>(bottom)));
  }
  return image;
}

}  // namespace genba::viewer
