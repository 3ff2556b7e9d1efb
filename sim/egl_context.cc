#include "sim/egl_context.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>

#include <array>
#include <string>

#include "core/error.h"

namespace genba::sim {

namespace {

Error NoContext(const std::string& what) {
  return Error(ErrorKind::kEnvironment,
               "EGL: " + what + "; images need libegl1 and a Mesa or vendor driver (script/setup installs them)");
}

}  // namespace

struct EglContext::Impl {
  EGLDisplay display = EGL_NO_DISPLAY;
  EGLContext context = EGL_NO_CONTEXT;
};

EglContext::EglContext() : impl_(std::make_unique<Impl>()) {
  const auto get_display =
      reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(eglGetProcAddress("eglGetPlatformDisplayEXT"));
  if (get_display == nullptr) throw NoContext("no platform displays");
  impl_->display = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
  if (impl_->display == EGL_NO_DISPLAY || eglInitialize(impl_->display, nullptr, nullptr) == EGL_FALSE)
    throw NoContext("no surfaceless display");
  const std::array<EGLint, 9> wanted{
      EGL_SURFACE_TYPE, EGL_DONT_CARE, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_DEPTH_SIZE, 24, EGL_RED_SIZE, 8,
      EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (eglChooseConfig(impl_->display, wanted.data(), &config, 1, &count) == EGL_FALSE || count < 1)
    throw NoContext("no OpenGL configuration");
  eglBindAPI(EGL_OPENGL_API);
  impl_->context = eglCreateContext(impl_->display, config, EGL_NO_CONTEXT, nullptr);
  if (impl_->context == EGL_NO_CONTEXT) throw NoContext("no OpenGL context");
  MakeCurrent();
}

EglContext::~EglContext() {
  eglMakeCurrent(impl_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroyContext(impl_->display, impl_->context);
}

void EglContext::MakeCurrent() {
  if (eglMakeCurrent(impl_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, impl_->context) == EGL_FALSE)
    throw NoContext("the context cannot be made current");
}

}  // namespace genba::sim
