// arguments.h - what was typed, made unambiguous before CLI11 reads it: unknown commands and options are refused with
// the nearest known one, and --json gets its FILE or "-", so that it never takes a neighbour.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace genba::cli {

// The word behind --json is its FILE when it is "-", or when the command has no place left for it: when there are more
// words than positional arguments, or, for a command that takes any number of texts, when it ends in ".json". Every
// other word is an argument of the command; --json=FILE always names a file.
std::vector<std::string> MakeUnambiguous(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace genba::cli
