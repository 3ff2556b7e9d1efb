// table.h - rows for people: columns by display width, cut to the terminal's; what was not measured is "–", never 0.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace genba::cli {

inline constexpr const char* kNothing = "–";

std::string Figure(const nlohmann::json& number);  // "0.1234"; "–" for null and NaN
std::string Percent(const nlohmann::json& rate);   // "97.5 %"

// Columns of standard output's terminal; when it is none (a file, a pipe) nothing is cut.
int TableWidth();
std::string TableRow(const std::vector<std::string>& cells, const std::vector<int>& widths);

}  // namespace genba::cli
