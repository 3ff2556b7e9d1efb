#include "core/plain_toml.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdio>

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

// The \u or \U escape of the letter that text begins with, whose bytes are taken off. Empty: no UTF-8.
std::string Escaped(std::string_view& text) {
  utf8proc_int32_t letter = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &letter);
  if (length < 1 || letter < 0) return "";
  text.remove_prefix(static_cast<std::size_t>(length));
  std::array<char, 12> escape{};
  std::snprintf(escape.data(), escape.size(), letter > 0xFFFF ? "\\U%08X" : "\\u%04X", static_cast<unsigned>(letter));
  return escape.data();
}

// A literal in ASCII, or what was expected instead.
struct Plain {
  std::string text, expected;
};
Plain PlainLiteral(std::string_view literal) {
  if (std::all_of(literal.begin(), literal.end(), IsAscii)) return {std::string(literal), ""};
  if (literal.front() != '"') return {"", "double quotes around letters that are not ASCII"};
  Plain plain;
  while (!literal.empty()) {
    if (IsAscii(literal.front())) {
      const std::size_t length = literal.front() == '\\' ? std::min<std::size_t>(2, literal.size()) : 1;
      if (!IsAscii(literal[length - 1])) return {"", "ASCII behind a backslash"};
      plain.text += literal.substr(0, length);
      literal.remove_prefix(length);
    } else {
      const std::string escape = Escaped(literal);
      if (escape.empty()) return {"", "UTF-8"};
      plain.text += escape;
    }
  }
  return plain;
}

}  // namespace

std::string PlainToml(std::string_view text, const std::string& file) {
  int line = 1, levels = 0, dots = 0;
  const auto refusal = [&](const std::string& expected, const std::string& got) {
    return BadInput({file, "line " + std::to_string(line), expected, got});
  };
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '\n':
        ++line;
        dots = 0;
        break;
      case '#': {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        for (; at < end; ++at) plain += IsAscii(text[at]) ? text[at] : '?';
        --at;
        continue;
      }
      case '"':
      case '\'': {
        const std::string_view literal = text.substr(at, StringLength(text.substr(at)));
        const auto [in_ascii, expected] = PlainLiteral(literal);
        if (!expected.empty()) throw refusal(expected, "another letter");
        plain += in_ascii;
        line += static_cast<int>(std::count(literal.begin(), literal.end(), '\n'));
        at += literal.size() - 1;
        continue;
      }
      case '[':
      case '{':
        if (++levels > kMostLevels) throw refusal("at most " + std::to_string(kMostLevels) + " levels", "more");
        break;
      case ']':
      case '}':
        levels = std::max(levels - 1, 0);
        break;
      case '.':
        if (++dots > kMostDots) throw refusal("at most " + std::to_string(kMostDots) + " dots", "more");
        break;
      default:
        if (!IsAscii(text[at])) throw refusal("ASCII outside quotes and comments", "another letter");
    }
    plain += text[at];
  }
  return plain;
}

}  // namespace genba
