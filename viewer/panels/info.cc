// The instruction, how the episode ended, and what was measured.
#include <algorithm>

#include "envs/task.h"
#include "viewer/panels/style.h"

namespace genba::viewer {

namespace {

void Row(const char* name, const std::string& value) {
  ImGui::TextColored(kDim, "%s", name);
  ImGui::SameLine(150);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(value.c_str());
  ImGui::PopTextWrapPos();
}

std::string Number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

void DrawMeasures(const App& app) {
  const datasets::Episode& e = app.episode();
  const std::size_t width = app.spec().measures.size(), steps = static_cast<std::size_t>(app.frame);
  for (std::size_t i = 0; i < width; ++i) {
    const FieldSpec& field = app.spec().measures[i];
    if (steps == 0 || e.measures.size() < steps * width) {  // measured is what a step did: nothing before the first
      Row(field.name.c_str(), "–");
      continue;
    }
    double peak = 0;
    for (std::size_t t = 0; t < steps; ++t) peak = std::max(peak, static_cast<double>(e.measures[t * width + i]));
    Row(field.name.c_str(), Number("%.3g", static_cast<double>(e.measures[(steps - 1) * width + i])) +
                                Number(" (max %.3g)", peak) + (field.unit == "1" ? "" : " " + field.unit));
  }
}

std::string EventText(std::uint32_t events) {
  std::string text;
  for (const auto& [bit, name] :
       {std::pair(envs::kHolding, "holding"), std::pair(envs::kHoldingWrong, "the wrong part"),
        std::pair(envs::kPlaced, "placed"), std::pair(envs::kDisturbed, "disturbed"),
        std::pair(envs::kHardContact, "hard contact")}) {
    if ((events & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text.empty() ? "-" : text;
}

void DrawCamera(App& app) {
  for (const char* name : {"orbit", "overview", "wrist"}) {
    if (ImGui::RadioButton(name, app.camera == name)) app.camera = name;
    ImGui::SameLine();
  }
  ImGui::NewLine();
}

}  // namespace

void DrawAnswer(const App& app) {
  const std::string sentence = app.live ? envs::Sentence(app.live->verdict()) : "";
  if (sentence.empty()) return;
  ImGui::PushStyleColor(ImGuiCol_Text, kBad);
  ImGui::TextWrapped("%s", sentence.c_str());
  ImGui::PopStyleColor();
}

// A failure in one sentence, as long as it is.
void DrawOutcome(const App& app) {
  const datasets::Episode& e = app.episode();
  const bool over = app.data != nullptr || app.live->ended();
  const std::string& failure = app.data ? app.data->failure() : app.live->failure();
  const std::string text = !over ? "running" : e.success ? "success" : failure.empty() ? e.cause : failure;
  ImGui::PushStyleColor(ImGuiCol_Text, !over ? kAccent : e.success ? kGood : kBad);
  ImGui::TextWrapped("%s", text.c_str());
  ImGui::PopStyleColor();
}

void DrawInfo(App& app, const Rect& place) {
  const Panel panel("info", place);
  const datasets::Episode& e = app.episode();
  Heading("Instruction");
  ImGui::SetWindowFontScale(1.25f);
  ImGui::TextWrapped("%s", e.text.empty() ? "(blank)" : e.text.c_str());
  ImGui::SetWindowFontScale(1);
  ImGui::PushStyleColor(ImGuiCol_Text, kDim);
  ImGui::TextWrapped("%s", e.order.c_str());
  ImGui::PopStyleColor();
  ImGui::Spacing();
  Heading("Outcome");
  DrawOutcome(app);
  DrawAnswer(app);
  Row("episode", std::to_string(e.index) + ", seed " + std::to_string(e.seed));
  Row("policy", e.policy);
  Row("language", e.language + ", split " + e.split);
  Row("length", std::to_string(e.num_steps) + " steps, " + Number("%.2f s", e.num_steps / app.spec().control_hz()));
  if (e.fault != "none") Row("fault", e.fault);
  ImGui::Spacing();
  Heading("Now");
  DrawMeasures(app);
  if (app.frame > 0 && static_cast<std::size_t>(app.frame) <= e.events.size())
    Row("events", EventText(e.events[static_cast<std::size_t>(app.frame) - 1]));
  ImGui::Spacing();
  Heading("Camera");
  DrawCamera(app);
  if (app.message.empty()) return;
  ImGui::Spacing();
  ImGui::PushStyleColor(ImGuiCol_Text, kBad);
  ImGui::TextWrapped("%s", app.message.c_str());
  ImGui::PopStyleColor();
}

}  // namespace genba::viewer
