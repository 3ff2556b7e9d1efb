// nearest.h - which of the known words somebody may have meant. Any thread; never fails.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace genba {

// The known word that fewest slips of the hand (a letter wrong, missing, too many, or two swapped) lead from; "" when
// none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& known);

// What a refusal says it expected: "collect (did you mean that?)", or "one of collect, train, …".
std::string NearestOrAll(std::string_view word, const std::vector<std::string>& known);

}  // namespace genba
