// text_table.h - columns of text for tables that people read in a terminal. Widths are of characters, not of bytes. Called by
// what evaluations print. Pure; any thread. What was not measured is "–".
#pragma once
#include <optional>
#include <string>

namespace genba::trainer {

std::string Format(const char* format, double value);  // one number
std::string Format(const char* format, const std::optional<double>& value);
std::string ShareOf(int part, int whole);  // "93.5 %"

// With spaces behind or before it, up to a width; longer text stays whole.
std::string Left(const std::string& text, int width);
std::string Right(const std::string& text, int width);

}  // namespace genba::trainer
