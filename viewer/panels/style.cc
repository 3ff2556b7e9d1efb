#include "viewer/panels/style.h"

#include <filesystem>

namespace genba::viewer {

namespace {
constexpr const char* kFont = "/usr/share/fonts/opentype/ipafont-gothic/ipagp.ttf";  // Debian's fonts-ipafont-gothic
constexpr float kFontSize = 17;                                                      // [pixel]
}  // namespace

void ApplyStyle(App& app) {
  ImGui::StyleColorsDark();
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowRounding = 0;
  style.FrameRounding = 3;
  style.GrabRounding = 3;
  style.WindowPadding = {12, 10};
  style.ItemSpacing = {8, 6};
  style.WindowBorderSize = 1;
  style.Colors[ImGuiCol_WindowBg] = {0.11f, 0.12f, 0.14f, 1};
  style.Colors[ImGuiCol_Border] = {0.20f, 0.22f, 0.25f, 1};
  style.Colors[ImGuiCol_FrameBg] = {0.18f, 0.20f, 0.23f, 1};
  style.Colors[ImGuiCol_Header] = {0.20f, 0.33f, 0.50f, 1};
  style.Colors[ImGuiCol_Button] = {0.22f, 0.28f, 0.36f, 1};
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // the viewer leaves no files behind
  if (!std::filesystem::exists(kFont)) {
    app.message = std::string(kFont) +
                  " is missing: Japanese is shown as question marks (script/setup installs fonts-ipafont-gothic)";
    return;
  }
  static ImVector<ImWchar> ranges;  // ImGui keeps a pointer to it until the atlas is built
  ImFontGlyphRangesBuilder builder;
  builder.AddRanges(io.Fonts->GetGlyphRangesJapanese());
  builder.AddText("→±°…–−·×≥≤");
  ranges.clear();
  builder.BuildRanges(&ranges);
  io.Fonts->AddFontFromFileTTF(kFont, kFontSize, nullptr, ranges.Data);
}

}  // namespace genba::viewer
