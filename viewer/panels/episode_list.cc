// The data set's episodes: filter, sort, choose.
#include "core/error.h"
#include "viewer/panels/style.h"

namespace genba::viewer {

namespace {

void SortFromHeader(App& app) {
  ImGuiTableSortSpecs* specs = ImGui::TableGetSortSpecs();
  if (specs == nullptr || specs->SpecsCount == 0) return;
  const ImGuiTableColumnSortSpecs& first = specs->Specs[0];
  app.sort = first.ColumnIndex == 1 ? SortBy::kSuccess : first.ColumnIndex == 3 ? SortBy::kLength : SortBy::kNumber;
  app.descending = first.SortDirection == ImGuiSortDirection_Descending;
}

void Choose(App& app, int k) {
  app.message.clear();
  try {
    SelectEpisode(app, k);
  } catch (const Error& error) {
    app.message = error.what();  // a damaged shard: say so, keep showing what is there
  }
}

std::string EndOf(const ListedEpisode& row) {
  if (!row.readable) return "unreadable";
  if (!row.trouble.empty()) return "changed";
  if (row.header.success) return "done";
  return row.header.fault != "none" ? row.header.fault : row.header.cause;
}

void DrawRow(App& app, int k) {
  const ListedEpisode& row = app.data->listed()[static_cast<std::size_t>(k)];
  const datasets::Episode& header = row.header;
  ImGui::TableNextRow();
  ImGui::TableSetColumnIndex(0);
  ImGui::PushID(k);
  if (ImGui::Selectable(std::to_string(header.index).c_str(), k == app.data->selected(),
                        ImGuiSelectableFlags_SpanAllColumns))
    Choose(app, k);
  ImGui::PopID();
  ImGui::TableSetColumnIndex(1);
  ImGui::TextColored(header.success && row.trouble.empty() ? kGood : kBad, "%s", EndOf(row).c_str());
  ImGui::TableSetColumnIndex(2);
  ImGui::TextUnformatted(header.language.c_str());
  ImGui::TableSetColumnIndex(3);
  if (row.readable) ImGui::Text("%d", header.num_steps);
  ImGui::TableSetColumnIndex(4);
  ImGui::TextUnformatted((row.readable ? header.text : row.trouble).c_str());
  if (!row.trouble.empty() && ImGui::IsItemHovered()) ImGui::SetTooltip("%s", row.trouble.c_str());
}

}  // namespace

void DrawEpisodeList(App& app, const Rect& place) {
  const Panel panel("list", place);
  const std::vector<int> rows = VisibleEpisodes(app);
  ImGui::TextColored(kAccent, "%s", app.data->dataset().folder().filename().c_str());
  ImGui::SameLine();
  ImGui::TextColored(kDim, "%zu of %d episodes", rows.size(), app.data->dataset().num_episodes());
  ImGui::SetNextItemWidth(place.width - 150);
  ImGui::InputTextWithHint("##filter", "filter: text, language, cause, order", app.filter, sizeof app.filter);
  ImGui::SameLine();
  ImGui::Checkbox("failed", &app.only_failed);
  const ImGuiTableFlags flags =
      ImGuiTableFlags_Sortable | ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV;
  if (!ImGui::BeginTable("episodes", 5, flags)) return;
  ImGui::TableSetupScrollFreeze(0, 1);
  ImGui::TableSetupColumn("#", ImGuiTableColumnFlags_WidthFixed, 40);
  ImGui::TableSetupColumn("end", ImGuiTableColumnFlags_WidthFixed, 88);
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed | ImGuiTableColumnFlags_NoSort, 22);
  ImGui::TableSetupColumn("steps", ImGuiTableColumnFlags_WidthFixed, 56);
  ImGui::TableSetupColumn("instruction", ImGuiTableColumnFlags_WidthStretch | ImGuiTableColumnFlags_NoSort);
  ImGui::TableHeadersRow();
  SortFromHeader(app);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(rows.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) DrawRow(app, rows[static_cast<std::size_t>(i)]);
  }
  ImGui::EndTable();
}

}  // namespace genba::viewer
