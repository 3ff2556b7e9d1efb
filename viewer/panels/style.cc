#include "viewer/panels/style.h"

#include <cstdio>
#include <filesystem>
#include <sstream>
#include <utility>

namespace genba::viewer {

namespace {
constexpr const char* kFont = "/usr/share/fonts/opentype/ipafont-gothic/ipagp.ttf";  // Debian's fonts-ipafont-gothic
constexpr float kFontSize = 17;                                                      // [pixel]
constexpr float kValueColumn = 112, kValueIndent = 16;                               // [pixel]

std::string Shown(const Opinion& opinion) {
  char probability[32] = "";
  if (opinion.probability) std::snprintf(probability, sizeof probability, " %.4g", *opinion.probability);
  return "the " + opinion.whose + ": " + Name(opinion.answer) + probability;
}

float WidthOf(const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; }

// With line ends at spaces. ImGui alone would also break "0.9984" behind its point; it still breaks what has no spaces.
std::string Broken(const std::string& text, float width) {
  std::string broken, line;
  std::istringstream words(text);
  for (std::string word; words >> word; line += word) {
    if (!line.empty()) line += ' ';
    if (line.empty() || WidthOf(line + word) <= width) continue;
    line.back() = '\n';
    broken += std::exchange(line, "");
  }
  return broken + line;
}

// The beginning of one long word; all of it is a matter for a tooltip.
std::string Cut(std::string word, float width) {
  while (!word.empty() && WidthOf(word + "…") > width) word.pop_back();
  return word + "…";
}

void CutValue(const std::string& value, float width) {
  ImGui::SameLine(kValueColumn);
  ImGui::TextUnformatted(Cut(value, width).c_str());
  if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", value.c_str());
}

}  // namespace

void Sentence(const ImVec4& colour, const std::string& text) {
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(Broken(text, ImGui::GetContentRegionAvail().x).c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

void Row(const char* name, const std::string& value) {
  const ImVec4 colour = ImGui::GetStyleColorVec4(ImGuiCol_Text);
  ImGui::TextColored(kDim, "%s", name);
  const float right = ImGui::GetWindowContentRegionMax().x, beside = right - kValueColumn;
  const bool one_word = value.find(' ') == std::string::npos;
  if (WidthOf(value) <= beside) {
    ImGui::SameLine(kValueColumn);
    return Sentence(colour, value);
  }
  if (one_word && WidthOf(value) > right - kValueIndent) return CutValue(value, beside);
  ImGui::Indent(kValueIndent);
  Sentence(colour, value);
  ImGui::Unindent(kValueIndent);
}

void DrawOpinion(const Opinion& opinion) {
  Sentence(opinion.answer == Answer::kAct ? kGood : kBad, Shown(opinion));
  Row("reads", opinion.order);
  if (!opinion.meant.empty()) Row("means here", opinion.meant);
  if (!opinion.why.empty()) Row("because", opinion.why);
}

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
