#include "policies/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"

namespace genba::policies {

namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// A hundred thousand tensors in 12 MB; the reference implementation would read 100 MB.
constexpr JsonLimits kHeaderLimits{.depth = 4, .bytes = std::size_t{16} << 20, .values = std::size_t{1} << 20};
constexpr std::size_t kMaxTensors = 100000, kMaxRank = 8;

struct TypeInfo {
  TensorType type;
  const char* name;
  std::uint64_t bytes;
};
constexpr TypeInfo kTypes[] = {{TensorType::kF64, "F64", 8}, {TensorType::kF32, "F32", 4},
                               {TensorType::kF16, "F16", 2}, {TensorType::kBF16, "BF16", 2},
                               {TensorType::kI64, "I64", 8}, {TensorType::kI32, "I32", 4},
                               {TensorType::kU8, "U8", 1},   {TensorType::kBool, "BOOL", 1}};

const TypeInfo& InfoOf(TensorType type) {
  for (const TypeInfo& info : kTypes) {
    if (info.type == type) return info;
  }
  GENBA_CHECK(false, "a tensor type without a row in kTypes");
}

using Json = nlohmann::json;

std::uint64_t NumBytes(const std::vector<std::int64_t>& shape, std::uint64_t element, const std::string& file,
                       const std::string& name) {
  std::uint64_t bytes = element;
  for (const std::int64_t length : shape) {
    const auto n = static_cast<std::uint64_t>(length);
    if (n != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / 2 / n)
      throw BadInput({file, name, "a shape that fits in memory", "more than 2^63 bytes"});
    bytes *= n;
  }
  return bytes;
}

TensorPlace ReadPlace(const std::string& name, const Json& entry, std::uint64_t data_size, const std::string& file) {
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets")) {
    throw BadInput({file, name, "dtype, shape and data_offsets", Shown(entry)});
  }
  TensorPlace place;
  const TypeInfo* info = nullptr;
  for (const TypeInfo& candidate : kTypes) {
    if (entry["dtype"] == candidate.name) info = &candidate;
  }
  if (info == nullptr)
    throw BadInput({file, name + ".dtype", "F64 | F32 | F16 | BF16 | I64 | I32 | U8 | BOOL", Shown(entry["dtype"])});
  place.type = info->type;
  for (const Json& length : JsonArray(entry, "shape", file + ": " + name, kMaxRank))
    place.shape.push_back(IntOf(length, name + ".shape", file, 0, std::int64_t{1} << 48));
  const Json& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2)
    throw BadInput({file, name + ".data_offsets", "two numbers", Shown(offsets)});
  place.begin = UintOf(offsets[0], name + ".data_offsets", file, data_size);
  const std::uint64_t end = UintOf(offsets[1], name + ".data_offsets", file, data_size);
  if (place.begin > end)
    throw BadInput({file, name + ".data_offsets", "a begin before its end", std::to_string(place.begin)});
  place.size = end - place.begin;
  const std::uint64_t bytes = NumBytes(place.shape, info->bytes, file, name);
  if (bytes != place.size)
    throw BadInput({file, name, std::to_string(bytes) + " bytes for its shape", std::to_string(place.size)});
  return place;
}

// Tensors lie one behind the other and fill the file: no gaps to hide in, no overlaps, nothing behind.
void CheckLayout(const std::map<std::string, TensorPlace>& tensors, std::uint64_t size, const std::string& file) {
  std::vector<std::pair<const TensorPlace*, const std::string*>> places;
  for (const auto& [name, place] : tensors) places.emplace_back(&place, &name);
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first->begin, a.first->size) < std::pair(b.first->begin, b.first->size);
  });
  std::uint64_t at = 0;
  for (const auto& [place, name] : places) {
    if (place->begin != at)
      throw BadInput(
          {file, *name + ".data_offsets", "to begin at " + std::to_string(at), std::to_string(place->begin)});
    at += place->size;
  }
  if (at != size) throw BadInput({file, "data", std::to_string(at) + " bytes", std::to_string(size)});
}

TensorHeader ParseHeader(std::string_view text, std::uint64_t data_size, const std::string& file) {
  const Json json = ParseJson(text, file + ": header", kHeaderLimits);
  if (!json.is_object()) throw BadInput({file, "header", "an object", Shown(json)});
  if (json.size() > kMaxTensors)
    throw BadInput(
        {file, "header", "at most " + std::to_string(kMaxTensors) + " tensors", std::to_string(json.size())});
  TensorHeader header;
  for (const auto& [name, entry] : json.items()) {
    if (name != "__metadata__") {
      header.tensors.emplace(name, ReadPlace(name, entry, data_size, file));
      continue;
    }
    if (!entry.is_object()) throw BadInput({file, name, "strings by name", Shown(entry)});
    for (const auto& [key, value] : entry.items())
      header.metadata[key] = TextOf(value, name + "." + key, file, kHeaderLimits.bytes);
  }
  CheckLayout(header.tensors, data_size, file);
  return header;
}

// The first eight bytes, held against what is there before anything is allocated.
std::uint64_t HeaderSize(const char* bytes, std::uint64_t file_size, const std::string& file) {
  std::uint64_t size = 0;
  if (file_size < sizeof size) throw BadInput({file, "", "a safetensors file", std::to_string(file_size) + " bytes"});
  std::memcpy(&size, bytes, sizeof size);
  const std::uint64_t most = std::min<std::uint64_t>(kHeaderLimits.bytes, file_size - sizeof size);
  if (size > most) throw BadInput({file, "header length", "at most " + std::to_string(most), std::to_string(size)});
  return size;
}

}  // namespace

const char* NameOf(TensorType type) { return InfoOf(type).name; }
std::uint64_t BytesOf(TensorType type) { return InfoOf(type).bytes; }

std::string ShapeText(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

TensorFile ParseSafetensors(const std::string& bytes, const std::string& file) {
  const std::uint64_t header_size = HeaderSize(bytes.data(), bytes.size(), file);
  const std::string_view text = std::string_view(bytes).substr(sizeof header_size, header_size);
  const std::string_view data = std::string_view(bytes).substr(sizeof header_size + header_size);
  TensorHeader header = ParseHeader(text, data.size(), file);
  TensorFile out;
  out.metadata = std::move(header.metadata);
  for (auto& [name, place] : header.tensors)
    out.tensors[name] = {place.type, std::move(place.shape), std::string(data.substr(place.begin, place.size))};
  return out;
}

TensorFile ReadSafetensors(const std::filesystem::path& path) {
  return ParseSafetensors(ReadFile(path), path.string());
}

SafetensorsReader::SafetensorsReader(const std::filesystem::path& path)
    : file_(path.string()), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) throw BadInput({file_, "", "a readable file", std::strerror(errno)});
  try {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw SystemError("stat", file_, errno);
    if (!S_ISREG(status.st_mode)) throw BadInput({file_, "", "a plain file", "something else"});
    const auto size = static_cast<std::uint64_t>(status.st_size);
    char first[8] = {};
    if (size >= sizeof first) ReadAt(0, first);
    std::string text(HeaderSize(first, size, file_), '\0');
    ReadAt(sizeof first, text);
    data_start_ = sizeof first + text.size();
    header_ = ParseHeader(text, size - data_start_, file_);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

SafetensorsReader::~SafetensorsReader() { ::close(descriptor_); }

void SafetensorsReader::ReadAt(std::uint64_t offset, std::span<char> to) const {
  while (!to.empty()) {
    const ssize_t read = ::pread(descriptor_, to.data(), to.size(), static_cast<off_t>(offset));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) throw SystemError("read", file_, errno);
    if (read == 0) throw BadInput({file_, "", "as many bytes as when it was opened", "fewer"});
    to = to.subspan(static_cast<std::size_t>(read));
    offset += static_cast<std::uint64_t>(read);
  }
}

void SafetensorsReader::Read(const TensorPlace& place, std::uint64_t first, std::span<char> to) const {
  GENBA_CHECK(first <= place.size && to.size() <= place.size - first, "bytes inside the tensor");
  ReadAt(data_start_ + place.begin + first, to);
}

std::string SerializeSafetensors(const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : file.tensors) {
    GENBA_CHECK(tensor.bytes.size() == NumBytes(tensor.shape, InfoOf(tensor.type).bytes, "", name),
                "tensor " + name + " has not the bytes of its shape");
    header[name] = {
        {"dtype", InfoOf(tensor.type).name}, {"shape", tensor.shape}, {"data_offsets", {at, at + tensor.bytes.size()}}};
    at += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data starts aligned
  const std::uint64_t header_size = text.size();
  std::string out(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
  out += text;
  for (const auto& [name, tensor] : file.tensors) out += tensor.bytes;
  return out;
}

void WriteSafetensors(const std::filesystem::path& path, const TensorFile& file) {
  WriteFileAtomically(path, SerializeSafetensors(file));
}

}  // namespace genba::policies
