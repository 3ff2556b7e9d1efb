// style.h - colours, fonts and the frame every panel stands in. The inside of viewer/panels.
#pragma once
#include <imgui.h>

#include "viewer/panels/panels.h"

namespace genba::viewer {

inline const ImVec4 kGood{0.42f, 0.80f, 0.50f, 1}, kBad{0.95f, 0.45f, 0.40f, 1}, kDim{0.60f, 0.64f, 0.70f, 1},
    kAccent{0.45f, 0.70f, 0.98f, 1};

// Colours and a font with Japanese glyphs; without the font's file the default one, and a sentence in app.message.
void ApplyStyle(App& app);

// A fixed, untitled window at place. Use as: { const Panel panel("list", place); … }
class Panel {
 public:
  Panel(const char* name, const Rect& place) {
    ImGui::SetNextWindowPos({place.x, place.y});
    ImGui::SetNextWindowSize({place.width, place.height});
    ImGui::Begin(name, nullptr,
                 ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoBringToFrontOnFocus);
  }
  ~Panel() { ImGui::End(); }
  Panel(const Panel&) = delete;
  Panel& operator=(const Panel&) = delete;
};

// What was asked and is not done, and why; nothing when it is.
void DrawAnswer(const App& app);

inline void Heading(const char* text) {
  ImGui::TextColored(kAccent, "%s", text);
  ImGui::Separator();
}

}  // namespace genba::viewer
