#include "core/json_difference.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace genba {
namespace {

using Json = nlohmann::json;

template <class Bits, class T>
std::string BitsText(T value) {
  char text[64];
  std::snprintf(text, sizeof text, "%g (0x%llx)", static_cast<double>(value),
                static_cast<unsigned long long>(std::bit_cast<Bits>(value)));
  return text;
}

// What is not there is null, and so is null.
bool SameLeaf(const Json& a, const Json& b) {
  if (a.is_number_float() && b.is_number_float())
    return std::bit_cast<std::uint64_t>(a.get<double>()) == std::bit_cast<std::uint64_t>(b.get<double>());
  return a.is_number_float() == b.is_number_float() && a == b;
}

Json Leaf(const Json& value) {
  if (value.is_number_float()) return NumberOrBits(value.get<double>());
  if (value.is_binary()) return std::to_string(value.get_binary().size()) + " bytes";
  return value;
}

class Walk {
 public:
  std::vector<JsonDifference> found;

  void Compare(const Json& a, const Json& b, const std::string& place) {
    if (a.is_object() && b.is_object()) return Objects(a, b, place);
    if (a.is_array() && b.is_array()) return Items(a, b, place);
    if (a.is_binary() && b.is_binary()) return Items(a.get_binary(), b.get_binary(), place);
    if (!SameLeaf(a, b)) found.push_back({place, Leaf(a), Leaf(b)});
  }

 private:
  void Objects(const Json& a, const Json& b, const std::string& place) {
    const std::string before = place.empty() ? "" : place + ".";
    std::vector<std::string> keys;
    for (const auto& [key, value] : a.items()) keys.push_back(key);
    for (const auto& [key, value] : b.items()) {
      if (!a.contains(key)) keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end());
    for (const std::string& key : keys) Compare(a.value(key, Json()), b.value(key, Json()), before + key);
  }

  template <class List>
  void Items(const List& a, const List& b, const std::string& place) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
      Compare(i < a.size() ? Json(a[i]) : Json(), i < b.size() ? Json(b[i]) : Json(),
              place + "[" + std::to_string(i) + "]");
  }
};

}  // namespace

std::vector<JsonDifference> JsonDifferences(const Json& a, const Json& b, const std::string& place) {
  Walk walk;
  walk.Compare(a, b, place);
  return std::move(walk.found);
}

// By way of its shortest text: 0.1f is 0.1, not 0.10000000149011612.
Json NumberOrBits(float value) {
  if (!std::isfinite(value)) return BitsText<std::uint32_t>(value);
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, value).ptr;
  double same = 0;
  std::from_chars(text, end, same);
  return same;
}

Json NumberOrBits(double value) {
  if (!std::isfinite(value)) return BitsText<std::uint64_t>(value);
  return value;
}

}  // namespace genba
