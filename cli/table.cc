#include "cli/table.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/terminal.h"

namespace genba::cli {
namespace {

std::string Formatted(const nlohmann::json& number, const char* format, double scale) {
  if (!number.is_number() || !std::isfinite(number.get<double>())) return kNothing;
  char text[32];
  std::snprintf(text, sizeof text, format, scale * number.get<double>());
  return text;
}

}  // namespace

std::string Figure(const nlohmann::json& number) { return Formatted(number, "%.4g", 1); }
std::string Percent(const nlohmann::json& rate) { return Formatted(rate, "%.1f %%", 100); }

int TableWidth() { return isatty(STDOUT_FILENO) != 0 ? TerminalWidth(stdout) : 1 << 20; }

std::string TableRow(const std::vector<std::string>& cells, const std::vector<int>& widths) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) row += (i > 0 ? " " : "") + Padded(cells[i], widths[i]);
  row.erase(row.find_last_not_of(' ') + 1);
  return Fitted(row, TableWidth());
}

}  // namespace genba::cli
