// The one reader of JSON from outside.
#include "core/json.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  return {R"({"a": [1, 2.5, -3e2, true, null, "赤\n\u00e9"], "b": {"c": {}}})", "[]", "18446744073709551615",
          R"({"seed": 4294967298, "count": 2.7})"};
}

void Feed(std::string_view input) {
  const nlohmann::json json = ParseJson(input, "fuzz");
  GENBA_CHECK(ParseJson(json.dump(), "own") == json, "JSON reads back");
  GENBA_CHECK(Shown(json).size() < 200, "an error is described in a few words");
  if (!json.is_object()) return;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_number()) continue;
    try {
      (void)JsonInt(json, key, "fuzz");
    } catch (const Error&) {
      (void)JsonNumber(json, key, "fuzz");
    }
  }
}

}  // namespace genba::fuzz
