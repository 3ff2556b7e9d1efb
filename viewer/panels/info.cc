// The instruction, how the episode ended, and what was measured.
#include <algorithm>
#include <optional>
#include <vector>

#include "envs/task.h"
#include "viewer/panels/style.h"

namespace genba::viewer {

namespace {

std::string Number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

struct MeasureNow {
  double now, most;  // most: so far
};
// Measured is what a step did: nothing before the first.
std::optional<MeasureNow> MeasureAt(const App& app, std::size_t column) {
  const std::vector<float>& all = app.episode().measures;
  const std::size_t width = app.spec().measures.size(), steps = static_cast<std::size_t>(app.frame);
  if (steps == 0 || all.size() < steps * width) return std::nullopt;
  MeasureNow measure{static_cast<double>(all[(steps - 1) * width + column]), 0};
  for (std::size_t t = 0; t < steps; ++t)
    measure.most = std::max(measure.most, static_cast<double>(all[t * width + column]));
  return measure;
}

void Cell(const ImVec4& colour, const std::string& text) {
  ImGui::TableNextColumn();
  ImGui::TextColored(colour, "%s", text.c_str());
}

void DrawMeasure(const FieldSpec& field, const std::optional<MeasureNow>& measure) {
  const ImVec4 plain = ImGui::GetStyleColorVec4(ImGuiCol_Text);
  Cell(kDim, field.name);
  Cell(plain, measure ? Number("%.3g", measure->now) : "–");
  Cell(plain, measure ? Number("%.3g", measure->most) : "–");
  Cell(kDim, field.unit == "1" ? "" : field.unit);
}

// A table, so that numbers keep their places while they change.
void DrawMeasures(const App& app) {
  if (!ImGui::BeginTable("measures", 4)) return;
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, 130);
  ImGui::TableSetupColumn("now");
  ImGui::TableSetupColumn("most");
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, 30);
  for (const char* title : {"", "now", "most", ""}) Cell(kDim, title);
  for (std::size_t i = 0; i < app.spec().measures.size(); ++i) DrawMeasure(app.spec().measures[i], MeasureAt(app, i));
  ImGui::EndTable();
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

// A failure in one sentence, as long as it is.
void DrawOutcome(const App& app) {
  const datasets::Episode& e = app.episode();
  const bool over = app.data != nullptr || app.live->ended();
  const std::string& failure = app.data ? app.data->failure() : app.live->failure();
  const std::string done = e.cause == "declined" ? "success: held still, as it should" : "success";
  const std::string text = !over ? "running" : e.success ? done : failure.empty() ? e.cause : failure;
  Sentence(!over ? kAccent : e.success ? kGood : kBad, text);
}

// What was made of the instruction before the first step, and what counts as right where that is not to act.
void DrawHearing(App& app) {
  if (!app.live) return;
  const envs::Verdict& verdict = app.live->verdict();
  if (app.live->reads()) {
    DrawOpinion(app.live->Hear(app.episode().text));
    if (!verdict.acts()) Row("judged", "to hold still is right: " + verdict.why);
  } else if (!verdict.acts()) {
    Sentence(kBad, app.live->Refusal());
  }
}

std::string Origin(const datasets::Episode& e) {
  const std::string language = e.language.empty() ? "" : ", " + e.language;
  return std::to_string(e.index) + ", seed " + std::to_string(e.seed) + language + ", " + e.split;
}

void DrawInstruction(App& app) {
  const datasets::Episode& e = app.episode();
  Heading("Instruction");
  ImGui::SetWindowFontScale(1.25f);
  ImGui::TextWrapped("%s", e.text.empty() ? "(blank)" : e.text.c_str());
  ImGui::SetWindowFontScale(1);
  if (!e.order.empty()) Sentence(kDim, e.order);
  DrawHearing(app);
}

void DrawFacts(const App& app) {
  const datasets::Episode& e = app.episode();
  Heading("Outcome");
  DrawOutcome(app);
  Row("episode", Origin(e));
  Row("policy", e.policy);
  Row("length", std::to_string(e.num_steps) + " steps, " + Number("%.2f s", e.num_steps / app.spec().control_hz()));
  if (e.fault != "none") Row("fault", e.fault);
}

// Of the step that led to the frame shown.
void DrawNow(const App& app) {
  const datasets::Episode& e = app.episode();
  Heading("Now");
  Row("answer", AnswerAt(e, app.frame));
  DrawMeasures(app);
  if (app.frame > 0 && static_cast<std::size_t>(app.frame) <= e.events.size())
    Row("events", EventText(e.events[static_cast<std::size_t>(app.frame) - 1]));
}

}  // namespace

void DrawInfo(App& app, const Rect& place) {
  const Panel panel("info", place);
  DrawInstruction(app);
  ImGui::Spacing();
  DrawFacts(app);
  ImGui::Spacing();
  DrawNow(app);
  ImGui::Spacing();
  Heading("Camera");
  DrawCamera(app);
  if (app.message.empty()) return;
  ImGui::Spacing();
  Sentence(kBad, app.message);
}

}  // namespace genba::viewer
