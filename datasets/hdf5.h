// hdf5.h - the only place that talks to HDF5: handles that close themselves, typed arrays and attributes with checks.
// Internal to datasets. Files live in memory: a shard is written into an image that is then published as one atomic
// file, and read from bytes whose hash is already known, so that HDF5 never sees a full disk or a path. Threads: one
// caller per File (HDF5 itself is one global lock). Failure: Error(kBadInput) naming file and key for bytes that do not
// fit; Error(kEnvironment) when HDF5 cannot write. Reading takes nothing on trust: the latest file format only (older
// ones carry no checksums), no user block, hard links only, fixed-size types only, exact type and shape, no external
// storage, no declared size beyond what the file stores, no chunk larger than its array.
#pragma once
#include <hdf5.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace genba::datasets::hdf5 {

// Owns one HDF5 id.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept { *this = std::move(other); }
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { Reset(); }
  // False when closing failed: what was written may not have arrived.
  bool Reset() {
    const herr_t status = id_ >= 0 ? close_(id_) : 0;
    id_ = -1;
    return status >= 0;
  }
  hid_t get() const { return id_; }
  bool ok() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

using Dims = std::vector<std::uint64_t>;  // outermost first
std::string DimsText(const Dims& dims);   // "[12, 7]"
std::uint64_t Product(const Dims& dims);  // how many values

// How an array lies in the file.
enum class Storage {
  kChecked,     // chunked with a Fletcher-32 checksum per chunk
  kCompressed,  // shuffle, deflate level 1, checksum: for what shrinks many times
};

// What other people's tools want to know of an array: its attributes "unit" and "meaning".
struct Label {
  std::string unit, meaning;
};

// Whether a wrong checksum is an error when reading.
enum class Checksums { kRequire, kIgnore };

class Group {
 public:
  Group() = default;

  // In files being written.
  Group Create(const std::string& name) const;
  template <class T>
  void WriteArray(const std::string& name, const T* values, const Dims& dims, Storage storage = Storage::kChecked,
                  const Label& label = {}) const;
  void WriteText(const std::string& name, std::string_view text) const;                   // compressed bytes
  void WriteNames(const std::string& name, const std::vector<std::string>& names) const;  // fixed-length strings
  template <class T>
  void WriteNumber(const std::string& name, T value) const;                // attribute
  void WriteString(const std::string& name, std::string_view text) const;  // attribute, UTF-8, no NUL inside

  // In files being read.
  bool Has(const std::string& name) const;
  Group Open(const std::string& name) const;
  std::uint64_t NumLinks() const;
  template <class T>
  std::vector<T> ReadArray(const std::string& name, const Dims& dims) const;
  std::string ReadText(const std::string& name, std::uint64_t max_bytes) const;
  bool HasAttribute(const std::string& name) const;
  template <class T>
  T ReadNumber(const std::string& name) const;
  std::string ReadString(const std::string& name) const;

 private:
  friend class File;
  Group(Handle id, std::string file, std::string path, Checksums checksums)
      : id_(std::move(id)), file_(std::move(file)), path_(std::move(path)), checksums_(checksums) {}
  std::string Key(const std::string& name) const { return path_ + name; }
  Handle OpenArray(const std::string& name, hid_t type, const Dims& dims) const;
  void CheckStored(const std::string& name, const Handle& array, hid_t type, const Dims& dims) const;
  void ReadInto(const std::string& name, const Handle& array, hid_t type, const Dims& dims, void* target) const;
  Handle CreateArray(const std::string& name, hid_t type, const Dims& dims, Storage storage) const;
  void WriteAndClose(const std::string& name, Handle array, hid_t type, const void* values) const;
  Handle OpenAttribute(const std::string& name) const;
  void CheckHardLink(const std::string& name) const;
  void CheckFormat(const std::string& name, hid_t object) const;

  Handle id_;
  std::string file_;  // for messages
  std::string path_;  // "data/demo_3/", for messages
  Checksums checksums_ = Checksums::kRequire;
};

class File {
 public:
  // An empty file in memory.
  static File Create(const std::string& name);
  // Read-only, from the bytes themselves: nothing is copied. name: what messages call it.
  static File FromBytes(std::string bytes, const std::string& name, Checksums checksums);
  ~File();
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;

  const Group& root() const { return *root_; }
  // The finished file; the File is closed and unusable afterwards. All other Groups must be gone.
  std::string CloseToBytes();

 private:
  struct Image;  // the memory the file lives in
  File();
  std::unique_ptr<Image> image_;
  Handle id_;
  std::unique_ptr<Group> root_;
  std::string name_;
};

}  // namespace genba::datasets::hdf5
