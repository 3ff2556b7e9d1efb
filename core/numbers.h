// numbers.h - numbers that people type: decimal, whole where whole is meant, in range, nothing before or behind. "010"
// is 10; "", "+1", "0x10", "1e3" (whole), "nan", "inf", "1 " and what does not fit are refused. Any thread. Failure:
// Error(kBadInput) naming place, key, range and text.
#pragma once
#include <charconv>
#include <concepts>
#include <string>

#include "core/error.h"

namespace genba {

// place: "--set", "run.toml"; key: "trainer.steps", "--episodes".
template <std::integral T>
T ParseWhole(const std::string& text, T low, T high, const std::string& place, const std::string& key) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || rest != end || value < low || value > high) {
    throw BadInput({place, key, "a whole number in [" + std::to_string(low) + ", " + std::to_string(high) + "]",
                    text.empty() ? "nothing" : text});
  }
  return value;
}

double ParseReal(const std::string& text, double low, double high, const std::string& place, const std::string& key);

// Shortest text that reads back as the same double, always with a mark of being one: "2.0", "1e-05".
std::string RealText(double value);

}  // namespace genba
