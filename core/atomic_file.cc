#include "core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "core/error.h"

namespace genba {
namespace {

// Closes on every way out; Close() reports what close(2) says.
class File {
 public:
  File(const std::filesystem::path& path, int flags) : File(path, flags, 0, path) {}
  // known_as: what messages call it, when path is a temporary name.
  File(const std::filesystem::path& path, int flags, mode_t mode, const std::filesystem::path& known_as)
      : path_(known_as), fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (fd_ < 0) throw SystemError("open", path_.string(), errno);
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw SystemError("write", path_.string(), errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void Sync() {
    if (::fsync(fd_) != 0) throw SystemError("fsync", path_.string(), errno);
  }
  void Close() {
    const int result = ::close(fd_);
    fd_ = -1;
    if (result != 0) throw SystemError("close", path_.string(), errno);
  }

 private:
  std::filesystem::path path_;
  int fd_;
};

}  // namespace

std::filesystem::path TemporaryName(const std::filesystem::path& path) {
  return path.parent_path() / (".tmp-" + path.filename().string());
}

void FsyncFolder(const std::filesystem::path& folder) {
  File file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  file.Sync();
}

void PublishFile(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  {
    File file(temporary, O_RDONLY);
    file.Sync();
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw SystemError("rename to", path.string(), errno);
  FsyncFolder(path.parent_path());
}

void WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path temporary = TemporaryName(path);
  try {
    File file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644, path);
    file.Write(bytes);
    file.Close();
    PublishFile(temporary, path);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
  }
}

int RemoveTemporaries(const std::filesystem::path& folder) {
  int removed = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with(".tmp-")) {
      removed += static_cast<int>(std::filesystem::remove_all(entry.path()));
    }
  }
  return removed;
}

void MakeWritableFolder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw SystemError("create folder", folder.string(), error.value());
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw SystemError("write into", folder.string(), errno);
}

std::string ReadFile(const std::filesystem::path& path, std::size_t max_bytes) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw BadInput({path.string(), "", "a readable file", error.message()});
  if (size > max_bytes) {
    throw BadInput({path.string(), "size", "at most " + std::to_string(max_bytes) + " bytes", std::to_string(size)});
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
    throw BadInput({path.string(), "", "a readable file", "a read error"});
  }
  return bytes;
}

}  // namespace genba
