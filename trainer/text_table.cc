#include "trainer/text_table.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/utf8.h"

namespace genba::trainer {

namespace {

// Characters of UTF-8, all of which are one column wide in our tables.
std::size_t Length(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

std::string Spaces(const std::string& text, int width) {
  const auto wide = static_cast<std::size_t>(width);
  return std::string(wide - std::min(wide, Length(text)), ' ');
}

}  // namespace

std::string Format(const char* format, double value) {
  std::array<char, 100> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string Format(const char* format, const std::optional<double>& value) {
  return value ? Format(format, *value) : "–";
}

std::string ShareOf(int part, int whole) { return whole == 0 ? "–" : Format("%.1f %%", 100.0 * part / whole); }

std::string Left(const std::string& text, int width) { return text + Spaces(text, width); }
std::string Right(const std::string& text, int width) { return Spaces(text, width) + text; }

}  // namespace genba::trainer
