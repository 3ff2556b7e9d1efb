// safetensors.h - reader and writer of the safetensors format, strict: every length, offset, overlap, dtype, duplicate
// name and trailing byte is checked before use, and nothing is allocated that the file does not hold. No torch.
// SafetensorsReader reads a header and then tensors one by one, so that a large model costs no more memory than what
// is taken from it; ReadSafetensors takes a small file whole. One thread per reader. Failure: Error(kBadInput) naming
// file and key. Files are written atomically.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace genba::policies {

enum class TensorType { kF64, kF32, kF16, kBF16, kI64, kI32, kU8, kBool };

struct TensorData {
  TensorType type = TensorType::kF32;
  std::vector<std::int64_t> shape;
  std::string bytes;  // row-major, little-endian
};

struct TensorFile {
  std::map<std::string, TensorData> tensors;    // ordered by name: the same content gives the same bytes
  std::map<std::string, std::string> metadata;  // "__metadata__"
};

TensorFile ReadSafetensors(const std::filesystem::path& path);
TensorFile ParseSafetensors(const std::string& bytes, const std::string& file);
std::string SerializeSafetensors(const TensorFile& file);
void WriteSafetensors(const std::filesystem::path& path, const TensorFile& file);

// Where a tensor's bytes lie.
struct TensorPlace {
  TensorType type = TensorType::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, size = 0;  // bytes, from the start of the data
};
struct TensorHeader {
  std::map<std::string, TensorPlace> tensors;
  std::map<std::string, std::string> metadata;
};

class SafetensorsReader {
 public:
  explicit SafetensorsReader(const std::filesystem::path& path);  // reads and checks the header
  ~SafetensorsReader();
  SafetensorsReader(const SafetensorsReader&) = delete;
  SafetensorsReader& operator=(const SafetensorsReader&) = delete;

  const std::string& file() const { return file_; }
  const TensorHeader& header() const { return header_; }
  // Bytes [first, first + to.size()) of a tensor of this file.
  void Read(const TensorPlace& place, std::uint64_t first, std::span<char> to) const;

 private:
  void ReadAt(std::uint64_t offset, std::span<char> to) const;

  std::string file_;
  int descriptor_;
  std::uint64_t data_start_ = 0;
  TensorHeader header_;
};

const char* NameOf(TensorType type);  // "BF16"
std::uint64_t BytesOf(TensorType type);
std::string ShapeText(const std::vector<std::int64_t>& shape);  // "[3, 4]"

}  // namespace genba::policies
