#include "sim/offscreen.h"

#include <png.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "sim/egl_context.h"
#include "sim/engine_log.h"

namespace genba::sim {

struct OffscreenRenderer::Impl {
  int width, height;
  EglContext egl;
  mjvScene scene;
  mjvOption option;
  mjrContext context;
  const mjModel* uploaded = nullptr;  // whose textures the context holds

  void Upload(const mjModel* m) {
    if (uploaded == m) return;
    if (uploaded != nullptr) {
      mjr_freeContext(&context);
      mjv_freeScene(&scene);
    }
    mjv_makeScene(m, &scene, 1000);
    mjr_makeContext(m, &context, mjFONTSCALE_100);
    mjr_setBuffer(mjFB_OFFSCREEN, &context);
    uploaded = m;
  }
};

OffscreenRenderer::OffscreenRenderer(int width, int height) : impl_(std::make_unique<Impl>()) {
  QuietEngine();
  if (width < 16 || height < 16 || width > 1920 || height > 1080) {
    throw BadInput({"image", "size", "16×16 … 1920×1080", std::to_string(width) + "×" + std::to_string(height)});
  }
  impl_->width = width;
  impl_->height = height;
  mjv_defaultScene(&impl_->scene);
  mjv_defaultOption(&impl_->option);
  mjr_defaultContext(&impl_->context);
  impl_->option.sitegroup[4] = 0;
}

OffscreenRenderer::~OffscreenRenderer() {
  if (impl_->uploaded == nullptr) return;
  impl_->egl.MakeCurrent();
  mjr_freeContext(&impl_->context);
  mjv_freeScene(&impl_->scene);
}

Image OffscreenRenderer::Render(const mjModel* m, mjData* d, const std::string& camera, const Decorate& decorate) {
  impl_->egl.MakeCurrent();
  impl_->Upload(m);
  mjvCamera view;
  mjv_defaultCamera(&view);
  view.type = mjCAMERA_FIXED;
  view.fixedcamid = mj_name2id(m, mjOBJ_CAMERA, camera.c_str());
  if (view.fixedcamid < 0) throw BadInput({"image", "camera", "a camera of the scene", "'" + camera + "'"});
  mjv_updateScene(m, d, &impl_->option, nullptr, &view, mjCAT_ALL, &impl_->scene);
  if (decorate) decorate(m, impl_->scene);
  const mjrRect viewport{0, 0, impl_->width, impl_->height};
  mjr_render(viewport, &impl_->scene, &impl_->context);

  Image image{impl_->width, impl_->height, {}};
  image.rgb.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  mjr_readPixels(image.rgb.data(), nullptr, viewport, &impl_->context);
  const std::size_t stride = static_cast<std::size_t>(image.width) * 3;  // OpenGL's first row is the bottom
  for (int top = 0, bottom = image.height - 1; top < bottom; ++top, --bottom) {
    const auto a = image.rgb.begin() + static_cast<std::ptrdiff_t>(stride * static_cast<std::size_t>(top));
    std::swap_ranges(a, a + static_cast<std::ptrdiff_t>(stride),
                     image.rgb.begin() + static_cast<std::ptrdiff_t>(stride * static_cast<std::size_t>(bottom)));
  }
  return image;
}

std::string PngBytes(const Image& image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width);
  header.height = static_cast<png_uint_32>(image.height);
  header.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&header, bytes.data(), &size, 0, image.rgb.data(), 0, nullptr) == 0)
    throw Error(ErrorKind::kEnvironment, std::string("the image cannot be encoded: ") + header.message);
  bytes.resize(size);
  return bytes;
}

void WritePng(const Image& image, const std::string& path) { WriteFileAtomically(path, PngBytes(image)); }

}  // namespace genba::sim
