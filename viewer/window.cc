#include "viewer/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl2.h>
#include <imgui.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/utf8.h"
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

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

// What happened at the window and is not handled yet. Keys are kept in the order they were pressed: twenty taps between
// two pictures are twenty steps.
struct Events {
  std::vector<int> keys;
  bool any = true;  // the first picture is drawn unasked
};

class GlfwWindow {
 public:
  GlfwWindow(int width, int height) {
    if (glfwInit() == GLFW_FALSE)
      throw Error(ErrorKind::kEnvironment, "no window can be opened (is DISPLAY set?); --screenshot works without one");
    window_ = glfwCreateWindow(width, height, "Genba", nullptr, nullptr);
    if (window_ == nullptr) {
      glfwTerminate();
      throw Error(ErrorKind::kEnvironment, "no window can be opened (is DISPLAY set?); --screenshot works without one");
    }
    glfwMakeContextCurrent(window_);
    glfwSetWindowUserPointer(window_, &events_);
    Listen();
  }
  ~GlfwWindow() {
    glfwDestroyWindow(window_);
    glfwTerminate();
  }
  GlfwWindow(const GlfwWindow&) = delete;
  GlfwWindow& operator=(const GlfwWindow&) = delete;
  GLFWwindow* get() { return window_; }
  Events& events() { return events_; }

 private:
  static Events& Of(GLFWwindow* window) { return *static_cast<Events*>(glfwGetWindowUserPointer(window)); }

  // Before ImGui's backend, which calls on what was there.
  void Listen() {
    glfwSetKeyCallback(window_, [](GLFWwindow* w, int key, int, int action, int) {
      Of(w).any = true;
      if (action == GLFW_PRESS || (action == GLFW_REPEAT && key != GLFW_KEY_SPACE)) Of(w).keys.push_back(key);
    });
    glfwSetCharCallback(window_, [](GLFWwindow* w, unsigned) { Of(w).any = true; });
    glfwSetCursorPosCallback(window_, [](GLFWwindow* w, double, double) { Of(w).any = true; });
    glfwSetCursorEnterCallback(window_, [](GLFWwindow* w, int) { Of(w).any = true; });
    glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int, int, int) { Of(w).any = true; });
    glfwSetScrollCallback(window_, [](GLFWwindow* w, double, double) { Of(w).any = true; });
    glfwSetWindowFocusCallback(window_, [](GLFWwindow* w, int) { Of(w).any = true; });
    glfwSetWindowRefreshCallback(window_, [](GLFWwindow* w) { Of(w).any = true; });
    glfwSetFramebufferSizeCallback(window_, [](GLFWwindow* w, int, int) { Of(w).any = true; });
  }

  GLFWwindow* window_;
  Events events_;
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

void HandleKeys(App& app, std::vector<int>& keys) {
  if (!ImGui::GetIO().WantTextInput) {
    for (const int key : keys) {
      if (key == GLFW_KEY_SPACE) app.playing = !app.playing;
      if (key == GLFW_KEY_RIGHT) StepOn(app);
      if (key == GLFW_KEY_LEFT) ShowFrame(app, app.frame - 1);
    }
  }
  keys.clear();
}

// The window with its renderer; one at a time.
class Stage {
 public:
  Stage(App& app, int width, int height) : window_(width, height), context_(app), input_(window_.get()) {}
  GLFWwindow* get() { return window_.get(); }
  Events& events() { return window_.events(); }

  void Draw(App& app) {
    ImGui_ImplOpenGL2_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    ImGui::NewFrame();
    int width = 0, height = 0;
    glfwGetFramebufferSize(get(), &width, &height);
    HandleKeys(app, events().keys);
    DrawAll(app, width, height);
    const Rect place = LayoutFor(width, height).scene;
    MoveCamera(app, place);
    ImGui::Render();
    scene_.Draw(app, ViewportOf(place, height));
    ImGui_ImplOpenGL2_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(get());
  }

 private:
  struct Input {
    explicit Input(GLFWwindow* window) { ImGui_ImplGlfw_InitForOpenGL(window, true); }
    ~Input() { ImGui_ImplGlfw_Shutdown(); }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
  };
  GlfwWindow window_;
  ImGuiContextScope context_;
  Input input_;
  OpenGlBackend backend_;
  SceneView scene_{false};
};

constexpr double kIdle = 0.5;    // [s] between looks at what can change by itself: the data set, a stop signal
constexpr int kPicturesDue = 3;  // after an event: ImGui settles what it led to

bool Listing(const App& app) { return app.data && !app.data->all_listed(); }

double SecondsToWait(const App& app, int due) {
  if (due > 0 || Listing(app)) return 0;
  if (!app.playing) return kIdle;
  return std::clamp((1 / app.spec().control_hz() - app.behind) / static_cast<double>(app.speed), 0.001, kIdle);
}

}  // namespace

void RunWindow(App& app) {
  sim::QuietEngine();
  Stage stage(app, kWindowWidth, kWindowHeight);
  glfwSwapInterval(1);
  auto last = Clock::now(), looked = last;
  int due = kPicturesDue;
  while (glfwWindowShouldClose(stage.get()) == GLFW_FALSE && !Interrupted()) {
    if (const double wait = SecondsToWait(app, due); wait > 0) {
      glfwWaitEventsTimeout(wait);
    } else {
      glfwPollEvents();
    }
    const int frame = app.frame;
    Advance(app, SecondsSince(std::exchange(last, Clock::now())));
    if (app.frame != frame) due = std::max(due, 1);
    if (std::exchange(stage.events().any, false)) due = kPicturesDue;
    if (SecondsSince(looked) >= kIdle || (due == 0 && Listing(app))) {
      looked = Clock::now();
      if (ImGui::GetIO().WantTextInput || Follow(app)) due = std::max(due, 2);  // the text cursor blinks
    }
    if (due == 0) continue;
    stage.Draw(app);
    --due;
  }
}

namespace {

// [s] from each change until it was drawn. The first picture of a window, with its fonts, is nobody's.
std::vector<double> MeasurePictures(App& app, std::size_t count, const std::function<void(std::size_t)>& change) {
  sim::QuietEngine();
  Stage stage(app, kScrubWidth, kScrubHeight);
  glfwSwapInterval(0);
  stage.Draw(app);
  std::vector<double> seconds;
  for (std::size_t i = 0; i < count && !Interrupted(); ++i) {
    glfwPollEvents();
    const auto start = Clock::now();
    change(i);
    stage.Draw(app);
    glFinish();
    seconds.push_back(SecondsSince(start));
  }
  return seconds;
}

// What stands in the field after each key.
std::vector<std::string> Beginnings(const std::string& text) {
  std::vector<std::string> beginnings;
  for (const std::string& character : Characters(text))
    beginnings.push_back((beginnings.empty() ? "" : beginnings.back()) + character);
  return beginnings;
}

}  // namespace

std::vector<double> MeasureScrub(App& app, int num_pictures) {
  return MeasurePictures(app, static_cast<std::size_t>(num_pictures),
                         [&](std::size_t i) { ShowFrame(app, static_cast<int>(i) % (app.last_frame() + 1)); });
}

std::vector<double> MeasureTyping(App& app, const std::string& text) {
  const std::vector<std::string> beginnings = Beginnings(text);
  return MeasurePictures(app, beginnings.size(), [&](std::size_t i) { app.typed = beginnings[i]; });
}

sim::Image Screenshot(App& app) {
  sim::QuietEngine();
  if (app.data) app.data->ListAll();
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
