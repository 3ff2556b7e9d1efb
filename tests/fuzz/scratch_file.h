// scratch_file.h - for parsers that read a file by its name: a file of this process with the given bytes, written without the
// care of core/atomic_file.h, because it happens a million times.
#pragma once
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace genba::fuzz {

inline const std::filesystem::path& ScratchFile(std::string_view bytes) {
  static const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("genba-fuzz-" + std::to_string(::getpid()));
  if (std::FILE* out = std::fopen(file.c_str(), "wb")) {
    std::fwrite(bytes.data(), 1, bytes.size(), out);
    std::fclose(out);
  }
  return file;
}

}  // namespace genba::fuzz
