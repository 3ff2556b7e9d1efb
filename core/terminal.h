// terminal.h - how wide the terminal is and how wide a text is in it, so that bars and tables fit. Any thread; never
// fails.
#pragma once
#include <cstdio>
#include <string>
#include <string_view>

namespace genba {

// Columns of the terminal behind this stream; COLUMNS when that is set and sensible; 80 when nothing is known.
int TerminalWidth(std::FILE* stream);

// Columns a UTF-8 text takes: 2 for wide characters (赤), 0 for combining ones, 1 for a byte that is no UTF-8.
int DisplayWidth(std::string_view text);

// text cut to `columns`, with "…" at its end when something is missing.
std::string Fitted(std::string_view text, int columns);
// The same, filled with spaces.
std::string Padded(std::string_view text, int columns);

bool IsUtf8(std::string_view text);

}  // namespace genba
