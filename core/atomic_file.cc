#include "core/atomic_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>

#include "core/error.h"
#include "core/interrupt.h"

namespace genba {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".tmp-genba-";
constexpr std::size_t kLongestName = 255;                      // [bytes] of a file name on every file system we meet
constexpr std::size_t kMostOfAStream = std::size_t{64} << 20;  // [bytes] read from a pipe or device

// Closes on every way out; Close() reports what close(2) says.
class File {
 public:
  // known_as: what messages call it, when path is a temporary name.
  File(const fs::path& path, int flags, const fs::path& known_as, const char* action = "open")
      : path_(known_as), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (fd_ < 0) throw SystemError(action, path_.string(), errno);
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }
  void Sync() {
    // Some file systems cannot sync a folder or a device; they say so, and there is nothing more to be done.
    if (::fsync(fd_) != 0 && errno != EINVAL && errno != ENOTSUP) throw SystemError("fsync", path_.string(), errno);
  }
  void Close() {
    const int result = ::close(fd_);
    fd_ = -1;
    if (result != 0) throw SystemError("close", path_.string(), errno);
  }

 private:
  fs::path path_;
  int fd_;
};

fs::path FolderOf(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// N of /dev/fd/N, /proc/self/fd/N and what links there (/dev/stdout): opening that anew would write over what the
// descriptor's owner has written.
std::optional<int> DescriptorOf(const fs::path& path) {
  std::error_code ignored;
  const fs::path own = fs::canonical("/proc/self/fd", ignored);
  if (ignored || fs::canonical(FolderOf(path), ignored) != own || ignored) return std::nullopt;
  const std::string name = path.filename().string();
  int descriptor = -1;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), descriptor);
  if (code != std::errc() || end != name.data() + name.size() || descriptor < 0) return std::nullopt;
  return descriptor;
}

// What a path that is to be written leads to.
struct Target {
  fs::path path;                  // symlinks followed; need not exist
  std::optional<int> descriptor;  // one of ours
  std::optional<mode_t> mode;     // of what is there
  bool plain() const { return !descriptor && (!mode || S_ISREG(*mode)); }
};

Target Resolve(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as the kernel
  Target target{path, DescriptorOf(path), {}};
  for (int links = 0; !target.descriptor; ++links) {
    struct stat info {};
    if (::lstat(target.path.c_str(), &info) != 0) {
      if (errno != ENOENT) throw SystemError("write", path.string(), errno);
      break;
    }
    target.mode = info.st_mode;
    if (!S_ISLNK(info.st_mode)) break;
    target.mode.reset();
    if (links == kMostLinks) throw SystemError("write", path.string(), ELOOP);
    std::error_code code;
    const fs::path next = fs::read_symlink(target.path, code);
    if (code) throw SystemError("write", path.string(), code.value());
    target.path = FolderOf(target.path) / next;  // an absolute next replaces the folder
    target.descriptor = DescriptorOf(target.path);
  }
  return target;
}

// Everything that can be known without writing.
void Check(const Target& target, const fs::path& path) {
  if (path.empty()) throw SystemError("write", "''", ENOENT);
  if (target.descriptor) {
    const int flags = ::fcntl(*target.descriptor, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) throw SystemError("write", path.string(), EBADF);
    return;
  }
  if (target.mode && S_ISDIR(*target.mode)) throw SystemError("write", path.string(), EISDIR);
  if (!target.path.has_filename()) throw SystemError("write", path.string(), EISDIR);
  if (target.mode && ::access(target.path.c_str(), W_OK) != 0) throw SystemError("write", path.string(), errno);
}

void Remove(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

void WriteInto(const Target& target, const fs::path& path, std::string_view bytes) {
  if (target.descriptor) {
    if (*target.descriptor == STDOUT_FILENO) std::fflush(stdout);
    return WriteDescriptor(*target.descriptor, bytes, path.string());
  }
  File file(target.path, O_WRONLY | O_NOCTTY, path, "write");
  WriteDescriptor(file.fd(), bytes, path.string());
  file.Close();
}

void Replace(const Target& target, const fs::path& path, std::string_view bytes) {
  const FinishFirst whole;
  const fs::path temporary = TemporaryName(target.path);
  try {
    File file(temporary, O_WRONLY | O_CREAT | O_EXCL, path, "write");
    if (target.mode) ::fchmod(file.fd(), *target.mode & 07777);
    WriteDescriptor(file.fd(), bytes, path.string());
    file.Sync();
    file.Close();
    if (::rename(temporary.c_str(), target.path.c_str()) != 0) throw SystemError("rename to", path.string(), errno);
  } catch (...) {
    Remove(temporary);
    throw;
  }
  FsyncFolder(FolderOf(target.path));
}

// PID of ".tmp-genba-PID-N-NAME"; 0 for any other name.
pid_t WriterOf(std::string_view name) {
  if (!name.starts_with(kPrefix)) return 0;
  const char* const end = name.data() + name.size();
  pid_t process = 0;
  const auto [after_process, code] = std::from_chars(name.data() + kPrefix.size(), end, process);
  if (code != std::errc() || process <= 0 || after_process == end || *after_process != '-') return 0;
  unsigned number = 0;
  const auto [after_number, number_code] = std::from_chars(after_process + 1, end, number);
  if (number_code != std::errc() || after_number == end || *after_number != '-') return 0;
  return process;
}

}  // namespace

fs::path TemporaryName(const fs::path& path) {
  static std::atomic<unsigned> number{0};
  std::string name = std::string(kPrefix) + std::to_string(::getpid()) + "-" + std::to_string(++number) + "-" +
                     path.filename().string();
  name.resize(std::min(name.size(), kLongestName));
  return path.parent_path() / name;
}

void WriteDescriptor(int descriptor, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw SystemError("write", name, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void FsyncFolder(const fs::path& folder) {
  File file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, folder);
  file.Sync();
}

void WriteFileAtomically(const fs::path& path, std::string_view bytes) {
  const Target target = Resolve(path);
  Check(target, path);
  target.plain() ? Replace(target, path, bytes) : WriteInto(target, path, bytes);
}

void CheckWritableTarget(const fs::path& path) {
  const Target target = Resolve(path);
  Check(target, path);
  if (!target.plain()) return;
  const fs::path trial = TemporaryName(target.path);
  { const File file(trial, O_WRONLY | O_CREAT | O_EXCL, path, "write"); }
  Remove(trial);
}

int RemoveTemporaries(const fs::path& folder) {
  int removed = 0;
  std::error_code code;
  for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    const pid_t process = WriterOf(entry->path().filename().string());
    if (process == 0 || ::kill(process, 0) == 0 || errno != ESRCH) continue;
    std::error_code ignored;
    const auto type = entry->symlink_status(ignored).type();
    if (type == fs::file_type::regular) removed += fs::remove(entry->path(), ignored) ? 1 : 0;
    if (type == fs::file_type::directory) removed += fs::remove_all(entry->path(), ignored) > 0 ? 1 : 0;
  }
  return removed;
}

void MakeWritableFolder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw SystemError("create folder", folder.string(), code.value());
  if (!fs::is_directory(folder, code)) throw SystemError("create folder", folder.string(), ENOTDIR);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw SystemError("write into", folder.string(), errno);
}

namespace {

Error CannotRead(const fs::path& path, int error) {
  return BadInput({path.string(), "", "a readable file", std::error_code(error, std::generic_category()).message()});
}

// An open file; refuses folders and, unless a stream will do, whatever is no plain file.
class Source {
 public:
  Source(const fs::path& path, bool stream_will_do)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | (stream_will_do ? 0 : O_NONBLOCK))) {
    if (fd_ < 0) throw CannotRead(path, errno);
    struct stat info {};
    const bool known = ::fstat(fd_, &info) == 0;
    const int error = errno;
    plain_ = known && S_ISREG(info.st_mode);
    size_ = plain_ ? static_cast<std::size_t>(info.st_size) : 0;
    if (plain_ || (known && stream_will_do && !S_ISDIR(info.st_mode))) return;
    ::close(fd_);
    if (!known) throw CannotRead(path, error);
    throw BadInput({path.string(), "", "a file", S_ISDIR(info.st_mode) ? "a folder" : "a pipe or device"});
  }
  ~Source() { ::close(fd_); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  std::string ReadAll(std::size_t max_bytes) const {
    if (size_ > max_bytes) throw TooLong(max_bytes, std::to_string(size_));
    const std::size_t most = plain_ ? max_bytes : std::min(max_bytes, kMostOfAStream);
    // One byte more than is known of: a file may have grown, and those of /proc say 0.
    std::string bytes(plain_ ? size_ + 1 : std::size_t{1} << 16, '\0');
    for (std::size_t filled = 0;;) {
      if (!plain_) CheckInterrupt();
      if (filled == bytes.size()) bytes.resize(filled + (std::size_t{1} << 16));
      const ssize_t count = ::read(fd_, bytes.data() + filled, bytes.size() - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw CannotRead(path_, errno);
      filled += static_cast<std::size_t>(count);
      if (filled > most) throw TooLong(most, "more");
      if (count > 0) continue;
      bytes.resize(filled);
      return bytes;
    }
  }

 private:
  Error TooLong(std::size_t most, const std::string& got) const {
    return BadInput({path_.string(), "size", "at most " + std::to_string(most) + " bytes", got});
  }

  const fs::path& path_;
  int fd_;
  bool plain_ = false;
  std::size_t size_ = 0;
};

}  // namespace

std::string ReadFile(const fs::path& path, std::size_t max_bytes) { return Source(path, false).ReadAll(max_bytes); }

std::string ReadStream(const fs::path& path, std::size_t max_bytes) { return Source(path, true).ReadAll(max_bytes); }

}  // namespace genba
