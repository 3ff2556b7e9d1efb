// plain_toml.h - looks over a TOML text before the library reads it: what is deep or dotted beyond any settings file
// overflows its stack, and letters of other alphabets are undefined behaviour to it in many places. So it gets ASCII only.
// Failure: Error(kBadInput) naming file, line and limit.
#pragma once
#include <string>
#include <string_view>

namespace genba {

// The same settings in ASCII: letters in double quotes escaped, in comments left out; refused elsewhere.
std::string PlainToml(std::string_view text, const std::string& file);

}  // namespace genba
