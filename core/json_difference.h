// json_difference.h - where two JSON values part, leaf by leaf, and numbers as differences show them. Called by
// `genba diff`. Pure; any thread; never fails. Values come from the readers of json.h, which bound their depth.
#pragma once
#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace genba {

struct JsonDifference {
  std::string place;    // "sampler.cursor", "physics[4]"; of bytes "carried[12]"
  nlohmann::json a, b;  // null: nothing there
};

// In the order of their keys. Bits, not values: -0 differs from 0, a NaN equals itself, 1 differs from 1.0.
std::vector<JsonDifference> JsonDifferences(const nlohmann::json& a, const nlohmann::json& b,
                                            const std::string& place = "");

// A number with the digits that tell it from every other of its type; where JSON has none for it, text with its bits:
// "nan (0x7fc00000)".
nlohmann::json NumberOrBits(float value);
nlohmann::json NumberOrBits(double value);
template <std::integral T>
nlohmann::json NumberOrBits(T value) {
  return value;
}

}  // namespace genba
