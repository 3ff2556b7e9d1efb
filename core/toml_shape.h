// toml_shape.h - looks over a TOML text before the library reads it: what is deep or dotted beyond any settings file
// overflows its stack, and letters of other alphabets outside quotes and comments are undefined behaviour to it. Failure:
// Error(kBadInput) naming file, line and limit.
#pragma once
#include <string>
#include <string_view>

namespace genba {

void CheckTomlShape(std::string_view text, const std::string& file);

}  // namespace genba
