#include "viewer/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl2.h>
#include <imgui.h>

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/interrupt.h"
#include "sim/egl_context.h"
#include "sim/engine_log.h"
#include "viewer/panels/style.h"
#include "viewer/scene_view.h"

namespace genba::viewer {

namespace {

class ImGuiContextScope {
 public:
  explicit ImGuiContextScope(App& app) {
    ImGui::CreateContext();
    ApplyStyle(app);
  }
  ~ImGuiContextScope() { ImGui::DestroyContext(); }
  ImGuiContextScope(const ImGuiContextScope&) = delete;
  ImGuiContextScope& operator=(const ImGuiContextScope&) = delete;
};

class OpenGlBackend {
 public:
  OpenGlBackend() { ImGui_ImplOpenGL2_Init(); }
  ~OpenGlBackend() { ImGui_ImplOpenGL2_Shutdown(); }
  OpenGlBackend(const OpenGlBackend&) = delete;
  OpenGlBackend& operator=(const OpenGlBackend&) = delete;
};

class GlfwWindow {
 public:
  GlfwWindow() {
    if (glfwInit() == GLFW_FALSE)
      throw Error(ErrorKind::kEnvironment, "no window can be opened (is DISPLAY set?); --screenshot works without one");
    window_ = glfwCreateWindow(kWindowWidth, kWindowHeight, "Genba", nullptr, nullptr);
    if (window_ == nullptr) {
      glfwTerminate();
      throw Error(ErrorKind::kEnvironment, "no window can be opened (is DISPLAY set?); --screenshot works without one");
    }
    glfwMakeContextCurrent(window_);
    glfwSwapInterval(1);
  }
  ~GlfwWindow() {
    glfwDestroyWindow(window_);
    glfwTerminate();
  }
  GlfwWindow(const GlfwWindow&) = delete;
  GlfwWindow& operator=(const GlfwWindow&) = delete;
  GLFWwindow* get() { return window_; }

 private:
  GLFWwindow* window_;
};

mjrRect ViewportOf(const Rect& scene, int height) {
  return {static_cast<int>(scene.x), height - static_cast<int>(scene.y + scene.height), static_cast<int>(scene.width),
          static_cast<int>(scene.height)};
}

bool Inside(const Rect& place, const ImVec2& point) {
  return point.x >= place.x && point.x < place.x + place.width && point.y >= place.y &&
         point.y < place.y + place.height;
}

// Left drag turns, right drag moves, the wheel comes nearer.
void MoveCamera(App& app, const Rect& scene) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantCaptureMouse || !Inside(scene, io.MousePos) || app.camera != "orbit") return;
  const double dx = static_cast<double>(io.MouseDelta.x), dy = static_cast<double>(io.MouseDelta.y);
  if (ImGui::IsMouseDown(0)) {
    app.azimuth -= 0.3 * dx;
    app.elevation = std::clamp(app.elevation - 0.3 * dy, -89.0, 10.0);
  }
  if (ImGui::IsMouseDown(1)) app.look_at[2] = std::clamp(app.look_at[2] + 0.002 * app.distance * dy, -0.5, 1.0);
  app.distance = std::clamp(app.distance * (1 - 0.1 * static_cast<double>(io.MouseWheel)), 0.3, 6.0);
}

void Keys(App& app) {
  if (ImGui::GetIO().WantTextInput) return;
  if (ImGui::IsKeyPressed(GLFW_KEY_SPACE, false)) app.playing = !app.playing;
  if (ImGui::IsKeyPressed(GLFW_KEY_RIGHT)) ShowFrame(app, app.frame + 1);
  if (ImGui::IsKeyPressed(GLFW_KEY_LEFT)) ShowFrame(app, app.frame - 1);
}

}  // namespace

void RunWindow(App& app) {
  sim::QuietEngine();
  GlfwWindow window;
  const ImGuiContextScope context(app);
  ImGui_ImplGlfw_InitForOpenGL(window.get(), true);
  {
    const OpenGlBackend backend;
    SceneView scene(false);
    auto last = std::chrono::steady_clock::now();
    while (glfwWindowShouldClose(window.get()) == GLFW_FALSE && !Interrupted()) {
      glfwPollEvents();
      const auto now = std::chrono::steady_clock::now();
      Advance(app, std::chrono::duration<double>(now - last).count());
      last = now;
      ImGui_ImplOpenGL2_NewFrame();
      ImGui_ImplGlfw_NewFrame();
      ImGui::NewFrame();
      int width = 0, height = 0;
      glfwGetFramebufferSize(window.get(), &width, &height);
      Keys(app);
      DrawAll(app, width, height);
      const Rect place = LayoutFor(width, height).scene;
      MoveCamera(app, place);
      ImGui::Render();
      scene.Draw(app, ViewportOf(place, height));
      ImGui_ImplOpenGL2_RenderDrawData(ImGui::GetDrawData());
      glfwSwapBuffers(window.get());
    }
  }
  ImGui_ImplGlfw_Shutdown();
}

sim::Image Screenshot(App& app) {
  sim::QuietEngine();
  sim::EglContext egl;
  const ImGuiContextScope context(app);
  const OpenGlBackend backend;
  SceneView scene(true);
  ImGui::GetIO().DisplaySize = {static_cast<float>(kWindowWidth), static_cast<float>(kWindowHeight)};
  ImGui::GetIO().DeltaTime = 1.0f / 60;
  for (int pass = 0; pass < 3; ++pass) {  // ImGui settles sizes and tables in its second picture
    ImGui_ImplOpenGL2_NewFrame();
    ImGui::NewFrame();
    DrawAll(app, kWindowWidth, kWindowHeight);
    ImGui::Render();
  }
  scene.Draw(app, ViewportOf(LayoutFor(kWindowWidth, kWindowHeight).scene, kWindowHeight));
  ImGui_ImplOpenGL2_RenderDrawData(ImGui::GetDrawData());
  return scene.Read(kWindowWidth, kWindowHeight);
}

}  // namespace genba::viewer
