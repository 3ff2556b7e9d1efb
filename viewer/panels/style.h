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

// A name and its value, beside it where it fits in one line; below it, over the whole width, where it does not. A word too
// long for that (a hash) is cut, and stands in the tooltip.
void Row(const char* name, const std::string& value);

// A sentence in its colour, over as many lines as it takes.
void Sentence(const ImVec4& colour, const std::string& text);

// Answer, probability, order and what is meant here, or why not, and whose opinion it is.
void DrawOpinion(const Opinion& opinion);

inline void Heading(const char* text) {
  ImGui::TextColored(kAccent, "%s", text);
  ImGui::Separator();
}

}  // namespace genba::viewer
