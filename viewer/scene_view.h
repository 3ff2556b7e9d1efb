// scene_view.h - MuJoCo's renderer in whatever OpenGL context is current, with an orbit camera or one of the model's.
// Owns mjvScene and mjrContext. Belongs to the thread of its context. Failure: Error(kBadInput) for an unknown camera.
#pragma once
#include <mujoco/mujoco.h>

#include "viewer/app.h"

namespace genba::viewer {

class SceneView {
 public:
  explicit SceneView(bool offscreen) : offscreen_(offscreen) {}
  ~SceneView();
  SceneView(const SceneView&) = delete;
  SceneView& operator=(const SceneView&) = delete;

  void Draw(const App& app, mjrRect viewport);   // leaves the target framebuffer bound
  sim::Image Read(int width, int height) const;  // of the offscreen buffer

 private:
  void Prepare(const mjModel* m);
  void Free();

  bool offscreen_;
  const mjModel* prepared_ = nullptr;
  mjvScene scene_;
  mjvOption option_;
  mjrContext context_;
};

}  // namespace genba::viewer
