#include "core/toml_shape.h"

#include <algorithm>

#include "core/error.h"

namespace genba {
namespace {

constexpr int kMostLevels = 16;  // of arrays and inline tables
constexpr int kMostDots = 32;    // outside strings, on one line

// Length of the run of quote characters at the beginning of text.
std::size_t Quotes(std::string_view text) { return std::min(text.find_first_not_of(text[0]), text.size()); }

// Length of the string literal text begins with, as TOML lexes it; one that does not end takes what is left of its line
// (of the text, with three quotes), where the library stops anyway.
std::size_t StringLength(std::string_view text) {
  const char quote = text[0];
  const std::size_t opening = Quotes(text);
  if (opening == 2) return 2;  // ""
  const bool many_lines = opening >= 3;
  for (std::size_t at = many_lines ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == '\n' && !many_lines) {
      return at;
    } else if (text[at] == quote) {
      if (!many_lines) return at + 1;
      // Up to two quotes may stand before the three that close.
      const std::size_t run = std::min<std::size_t>(Quotes(text.substr(at)), 5);
      if (run >= 3) return at + run;
      at += run - 1;
    }
  }
  return text.size();
}

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// The library looks for white space of Unicode's behind a backslash and outside literals, and its table has holes: letters
// that it meets there (é, あ) are undefined behaviour. TOML allows none there either.
bool EscapesAreAscii(std::string_view literal) {
  if (literal.front() != '"') return true;
  for (std::size_t at = literal.find('\\'); at < literal.size(); at = literal.find('\\', at + 2)) {
    const std::size_t next = literal.find_first_not_of(" \t\r\n", at + 1);
    if (next < literal.size() && !IsAscii(literal[next])) return false;
  }
  return true;
}

}  // namespace

void CheckTomlShape(std::string_view text, const std::string& file) {
  int line = 1, levels = 0, dots = 0;
  const auto refuse = [&](int most, const char* what) {
    return BadInput({file, "line " + std::to_string(line), "at most " + std::to_string(most) + what, "more"});
  };
  const auto refuse_letter = [&](const char* where) {
    return BadInput({file, "line " + std::to_string(line), std::string("ASCII ") + where, "another letter"});
  };
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '\n':
        ++line;
        dots = 0;
        break;
      case '#':
        at = std::min(text.find('\n', at), text.size()) - 1;
        break;
      case '"':
      case '\'': {
        const std::size_t length = StringLength(text.substr(at));
        const std::string_view literal = text.substr(at, length);
        if (!EscapesAreAscii(literal)) throw refuse_letter("behind a backslash");
        line += static_cast<int>(std::count(literal.begin(), literal.end(), '\n'));
        at += length - 1;
        break;
      }
      case '[':
      case '{':
        if (++levels > kMostLevels) throw refuse(kMostLevels, " levels");
        break;
      case ']':
      case '}':
        levels = std::max(levels - 1, 0);
        break;
      case '.':
        if (++dots > kMostDots) throw refuse(kMostDots, " dots");
        break;
      default:
        if (!IsAscii(text[at])) throw refuse_letter("outside quotes and comments");
    }
  }
}

}  // namespace genba
