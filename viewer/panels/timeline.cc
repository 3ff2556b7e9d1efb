// Play, pause, step, scrub; reward terms and actions as curves under the time line, with a cursor at the shown frame.
#include <algorithm>

#include "viewer/panels/style.h"

namespace genba::viewer {

namespace {

constexpr ImU32 kCurves[] = {IM_COL32(110, 180, 255, 255), IM_COL32(120, 210, 130, 255), IM_COL32(250, 190, 90, 255),
                             IM_COL32(235, 110, 110, 255), IM_COL32(190, 140, 250, 255), IM_COL32(110, 215, 215, 255),
                             IM_COL32(200, 200, 200, 255), IM_COL32(240, 150, 200, 255)};
constexpr int kNothingYet = 100;  // [frame] range of the slider before the first step: its knob is small, at the left
constexpr const char* kActionNames[] = {"x", "y", "z", "turn x", "turn y", "turn z", "grip"};

void DrawPlayer(App& app) {
  if (ImGui::Button(app.playing ? "pause" : "play", {64, 0})) {
    if (!app.playing && app.data && app.frame >= app.last_frame()) ShowFrame(app, 0);
    app.playing = !app.playing;
  }
  ImGui::SameLine();
  if (ImGui::Button("<")) ShowFrame(app, app.frame - 1);
  ImGui::SameLine();
  if (ImGui::Button(">")) StepOn(app);
  ImGui::SameLine();
  ImGui::SetNextItemWidth(110);
  ImGui::SliderFloat("##speed", &app.speed, 0.1f, 8, "speed %.1fx", ImGuiSliderFlags_Logarithmic);
  ImGui::SameLine();
  ImGui::SetNextItemWidth(-175);
  int frame = app.frame;
  const int most = app.last_frame() > 0 ? app.last_frame() : kNothingYet;
  if (ImGui::SliderInt("##frame", &frame, 0, most, "")) ShowFrame(app, frame);
  ImGui::SameLine();
  ImGui::Text("%d / %d   %.2f s", app.frame, app.last_frame(), app.frame / app.spec().control_hz());
}

struct Curves {
  const char* title;
  const std::vector<float>* values;  // [T, names.size()]
  std::vector<std::string> names;
};

// Curves over all steps, with a legend at the right and a line at the shown frame.
void DrawCurves(const App& app, const Curves& curves, const ImVec2& size) {
  const std::size_t width = curves.names.size(), steps = width == 0 ? 0 : curves.values->size() / width;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy(size);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  constexpr float kLegend = 110, kTop = 20;
  const ImVec2 low(at.x, at.y + kTop), high(at.x + size.x - kLegend, at.y + size.y);
  draw->AddText(at, ImGui::GetColorU32(kDim), curves.title);
  draw->AddRectFilled(low, high, IM_COL32(22, 24, 28, 255));
  float least = 0, most = 0.001f;
  for (const float value : *curves.values) least = std::min(least, value), most = std::max(most, value);
  const auto y_of = [&](float value) { return high.y - 3 - (value - least) / (most - least) * (high.y - low.y - 6); };
  const auto x_of = [&](float step) {
    return low.x + step / static_cast<float>(std::max(1, app.last_frame())) * (high.x - low.x);
  };
  draw->AddLine({low.x, y_of(0)}, {high.x, y_of(0)}, IM_COL32(60, 64, 72, 255));
  for (std::size_t c = 0; c < width; ++c) {
    const ImU32 colour = kCurves[c % std::size(kCurves)];
    for (std::size_t t = 1; t < steps; ++t) {
      draw->AddLine({x_of(static_cast<float>(t)), y_of((*curves.values)[(t - 1) * width + c])},
                    {x_of(static_cast<float>(t + 1)), y_of((*curves.values)[t * width + c])}, colour, 1.5f);
    }
    draw->AddText({high.x + 10, at.y + kTop - 4 + 14.0f * static_cast<float>(c)}, colour, curves.names[c].c_str());
  }
  draw->AddLine({x_of(static_cast<float>(app.frame)), low.y}, {x_of(static_cast<float>(app.frame)), high.y},
                IM_COL32(255, 255, 255, 160), 1.5f);
  char range[64];
  std::snprintf(range, sizeof range, "%.2g … %.2g", static_cast<double>(least), static_cast<double>(most));
  draw->AddText({high.x - 130, at.y}, ImGui::GetColorU32(kDim), range);
}

}  // namespace

void DrawTimeline(App& app, const Rect& place) {
  const Panel panel("timeline", place);
  DrawPlayer(app);
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const ImVec2 half((space.x - 16) / 2, space.y - 4);
  const datasets::Episode& e = app.episode();
  DrawCurves(app, {"reward terms", &e.reward_terms, app.spec().reward_terms}, half);
  ImGui::SameLine(0, 16);
  DrawCurves(app, {"actions", &e.actions, std::vector<std::string>(std::begin(kActionNames), std::end(kActionNames))},
             half);
}

}  // namespace genba::viewer
