// log.h - what a person should know while a job runs: one line on standard error, never on standard output.
// Any thread. The library behind it (spdlog) stays out of headers: LibTorch ships another version of its formatter.
#pragma once
#include <string>

namespace genba {

void LogInfo(const std::string& line);
void LogWarning(const std::string& line);
void LogError(const std::string& line);

}  // namespace genba
