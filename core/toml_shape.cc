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
  const auto refusal = [&](const std::string& expected, const std::string& got) {
    return BadInput({file, "line " + std::to_string(line), expected, got});
  };
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  // A literal, array or table may begin here. Elsewhere the library reads quotes and brackets as part of a number or a
  // word, and what looks like a literal is none.
  bool fresh = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!fresh && std::string_view("\"'[{").find(c) != std::string_view::npos)
      throw refusal("white space or one of = , [ { before " + std::string(1, c), std::string(1, text[at - 1]));
    switch (c) {
      case '\n':
        ++line;
        dots = 0;
        fresh = true;
        break;
      case ' ':
      case '\t':
      case '\r':
      case '=':
      case ',':
        fresh = true;
        break;
      case '#':
        at = std::min(text.find('\n', at), text.size()) - 1;
        break;
      case '"':
      case '\'': {
        const std::size_t length = StringLength(text.substr(at));
        const std::string_view literal = text.substr(at, length);
        if (!EscapesAreAscii(literal)) throw refusal("ASCII behind a backslash", "another letter");
        line += static_cast<int>(std::count(literal.begin(), literal.end(), '\n'));
        at += length - 1;
        fresh = false;
        break;
      }
      case '[':
      case '{':
        if (++levels > kMostLevels) throw refusal("at most " + std::to_string(kMostLevels) + " levels", "more");
        break;
      case ']':
      case '}':
        levels = std::max(levels - 1, 0);
        fresh = false;
        break;
      case '.':
        if (++dots > kMostDots) throw refusal("at most " + std::to_string(kMostDots) + " dots", "more");
        fresh = false;
        break;
      default:
        if (!IsAscii(c)) throw refusal("ASCII outside quotes and comments", "another letter");
        fresh = false;
    }
  }
}

}  // namespace genba
