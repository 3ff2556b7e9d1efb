// safetensors.h - reader and writer of the safetensors format, strict: every length, offset, overlap, dtype
// and trailing byte is checked before use. No torch. Failure: Error(kBadInput) naming file and key. Files are
// written atomically.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
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

}  // namespace genba::policies
