#include "core/terminal.h"

#include <sys/ioctl.h>
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace genba {
namespace {

// The next character of text and its length in bytes; -1 with length 1 for a byte that is no UTF-8.
std::pair<utf8proc_int32_t, std::size_t> Next(std::string_view text) {
  utf8proc_int32_t code = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (length <= 0) return {-1, 1};
  return {code, static_cast<std::size_t>(length)};
}

int WidthOf(utf8proc_int32_t code) { return code < 0 ? 1 : utf8proc_charwidth(code); }

}  // namespace

int TerminalWidth(std::FILE* stream) {
  constexpr int kNarrowest = 20, kUnknown = 80, kWidest = 10000;
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return std::max<int>(size.ws_col, kNarrowest);
  if (const char* columns = std::getenv("COLUMNS")) {
    int value = 0;
    const char* const end = columns + std::strlen(columns);
    const auto [rest, code] = std::from_chars(columns, end, value);
    if (code == std::errc() && rest == end && value > 0) return std::clamp(value, kNarrowest, kWidest);
  }
  return kUnknown;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, length] = Next(text.substr(at));
    width += WidthOf(code);
    at += length;
  }
  return width;
}

std::string Fitted(std::string_view text, int columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  int width = 1;  // of the mark
  std::size_t at = 0;
  while (at < text.size()) {
    const auto [code, length] = Next(text.substr(at));
    if (width + WidthOf(code) > columns) break;
    width += WidthOf(code);
    at += length;
  }
  return std::string(text.substr(0, at)) + (columns > 0 ? "…" : "");
}

std::string Padded(std::string_view text, int columns) {
  std::string fitted = Fitted(text, columns);
  const int missing = columns - DisplayWidth(fitted);
  return fitted + std::string(static_cast<std::size_t>(std::max(missing, 0)), ' ');
}

bool IsUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, length] = Next(text.substr(at));
    if (code < 0) return false;
    at += length;
  }
  return true;
}

}  // namespace genba
