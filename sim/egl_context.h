// egl_context.h - an OpenGL context that belongs to no window and needs no display: for images, reports and
// screenshots. Current on the thread that made it; one thread per context. Failure: Error(kEnvironment) saying what is
// missing.
#pragma once
#include <memory>

namespace genba::sim {

class EglContext {
 public:
  EglContext();
  ~EglContext();
  EglContext(const EglContext&) = delete;
  EglContext& operator=(const EglContext&) = delete;
  void MakeCurrent();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace genba::sim
