// A policy at work: who acts, another seed, another instruction typed by hand.
#include <imgui.h>
#include <imgui_stdlib.h>

#include "viewer/panels/style.h"

namespace genba::viewer {

namespace {

void DrawOrderChoice(App& app) {
  ImGui::TextColored(kDim, "what counts as success");
  ImGui::SetNextItemWidth(-1);
  const char* shown = app.typed_order.empty() ? "what the sentence means" : app.typed_order.c_str();
  if (!ImGui::BeginCombo("##order", shown)) return;
  if (ImGui::Selectable("what the sentence means", app.typed_order.empty())) app.typed_order.clear();
  for (const std::string& order : app.live->orders()) {
    if (ImGui::Selectable(order.c_str(), order == app.typed_order)) app.typed_order = order;
  }
  ImGui::EndCombo();
}

}  // namespace

void DrawLivePanel(App& app, const Rect& place) {
  const Panel panel("live", place);
  const LiveConfig& config = app.live->config();
  Heading("Live");
  Row("task", config.task);
  Row("policy", app.live->actor());
  Row("seed", std::to_string(config.seed));
  ImGui::Spacing();
  if (ImGui::Button("again")) RestartLive(app, 0);
  ImGui::SameLine();
  if (ImGui::Button("new seed")) RestartLive(app, 1);
  ImGui::Spacing();
  Heading("Another instruction, same scene");
  ImGui::InputTextMultiline("##typed", &app.typed, {-1, 70});
  if (const Opinion* opinion = Listen(app)) DrawOpinion(*opinion);
  DrawOrderChoice(app);
  if (ImGui::Button("say it")) SayLive(app);
  ImGui::Spacing();
  Heading("What could be asked here");
  ImGui::BeginChild("orders");
  for (const std::string& order : app.live->orders()) ImGui::TextColored(kDim, "%s", order.c_str());
  ImGui::EndChild();
}

}  // namespace genba::viewer
