#include "core/numbers.h"

#include <cmath>

namespace genba {

double ParseReal(const std::string& text, double low, double high, const std::string& place, const std::string& key) {
  double value{};
  const char* const end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || rest != end || !std::isfinite(value) || value < low || value > high) {
    throw BadInput(
        {place, key, "a number in [" + RealText(low) + ", " + RealText(high) + "]", text.empty() ? "nothing" : text});
  }
  return value;
}

std::string RealText(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

}  // namespace genba
