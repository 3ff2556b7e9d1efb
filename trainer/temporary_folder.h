// temporary_folder.h - a place for files that a benchmark makes; gone when this is. Any thread; not being able to remove it is
// no failure.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <string>

namespace genba::trainer {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / (name + "-" + std::to_string(::getpid()))) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }  // not made yet

 private:
  std::filesystem::path path_;
};

}  // namespace genba::trainer
