#include "trainer/progress_table.h"

#include <algorithm>

#include "core/progress.h"
#include "core/terminal.h"
#include "trainer/text_table.h"

namespace genba::trainer {

namespace {

constexpr int kFigure = 11;  // columns: "-1.234e+10", and a space
constexpr int kGap = 3, kMostColumns = 3;

struct Row {
  std::string name, figure;
};

std::string Eta(const TableState& state) {
  if (state.rate <= 0 || state.step >= state.steps) return "";
  return ", ETA " + ClockText(static_cast<double>(state.steps - state.step) / state.rate);
}

std::string Head(const TableState& state, int columns) {
  const std::string text = "-- " + state.label + ", step " + std::to_string(state.step) + "/" +
                           std::to_string(state.steps) + ", " + ClockText(state.seconds) + Eta(state) + " ";
  return Fitted(text + std::string(static_cast<std::size_t>(std::max(0, columns - DisplayWidth(text))), '-'), columns);
}

std::vector<Row> RowsOf(const TableState& state) {
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, double value) { rows.push_back({name, Format("%.4g", value)}); };
  for (const char* name : {"Perf/steps_per_s", "Perf/total_fps", "Perf/collection_time", "Perf/learning_time"}) {
    if (const auto found = state.timing.find(name); found != state.timing.end()) add(name, found->second);
  }
  for (const auto& [name, value] : state.measured) add(name, value);
  return rows;
}

int WidestName(const std::vector<Row>& rows) {
  int widest = 0;
  for (const Row& row : rows) widest = std::max(widest, DisplayWidth(row.name));
  return widest;
}

}  // namespace

std::vector<std::string> ProgressTable(const TableState& state, int columns) {
  const std::vector<Row> rows = RowsOf(state);
  const int name = WidestName(rows), cell = name + kFigure;
  const auto across = static_cast<std::size_t>(std::clamp((columns + kGap) / (cell + kGap), 1, kMostColumns));
  const std::size_t down = (rows.size() + across - 1) / across;
  std::vector<std::string> lines{Head(state, columns)};
  for (std::size_t line = 0; line < down; ++line) {
    std::string text;
    for (std::size_t at = line; at < rows.size(); at += down)
      text += std::string(at > line ? kGap : 0, ' ') + Padded(rows[at].name, name) + Right(rows[at].figure, kFigure);
    lines.push_back(Fitted(text, columns));
  }
  return lines;
}

}  // namespace genba::trainer
