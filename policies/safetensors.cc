#include "policies/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"

namespace genba::policies {

namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::uint64_t kMaxHeader = 100u << 20;  // what the reference implementation accepts
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

// nlohmann keeps the last of two equal keys; a file with both is not to be guessed about.
Json ParseHeader(const std::string& text, const std::string& file) {
  std::vector<std::vector<std::string>> keys;
  std::string twice;
  bool deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    deep = deep || depth > 4;
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty()) {
      const std::string key = value.get<std::string>();
      // Tensors are many: sorting them all would be the same check, slower; only the short inner objects are scanned.
      if (keys.size() > 1 && std::find(keys.back().begin(), keys.back().end(), key) != keys.back().end()) twice = key;
      keys.back().push_back(key);
    }
    return true;
  };
  const Json header = Json::parse(text, watch, false);
  if (header.is_discarded() || !header.is_object()) throw BadInput({file, "header", "a JSON object", "something else"});
  if (deep) throw BadInput({file, "header", "at most 4 levels", "more"});
  if (!twice.empty()) throw BadInput({file, "header", "each key once", "'" + twice + "' twice"});
  return header;
}

struct Span {
  std::uint64_t begin, end;
  std::string name;
};

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

TensorData ReadTensor(const std::string& name, const Json& entry, std::string_view data, const std::string& file,
                      Span& span) {
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets")) {
    throw BadInput({file, name, "dtype, shape and data_offsets", entry.dump().substr(0, 80)});
  }
  TensorData tensor;
  const TypeInfo* info = nullptr;
  for (const TypeInfo& candidate : kTypes) {
    if (entry["dtype"] == candidate.name) info = &candidate;
  }
  if (info == nullptr)
    throw BadInput({file, name + ".dtype", "F64 | F32 | F16 | BF16 | I64 | I32 | U8 | BOOL", entry["dtype"].dump()});
  tensor.type = info->type;
  if (!entry["shape"].is_array() || entry["shape"].size() > kMaxRank)
    throw BadInput({file, name + ".shape", "at most 8 lengths", entry["shape"].dump().substr(0, 80)});
  for (const Json& length : entry["shape"]) {
    if (!length.is_number_unsigned() || length.get<std::uint64_t>() > (1ull << 48))
      throw BadInput({file, name + ".shape", "lengths", length.dump()});
    tensor.shape.push_back(length.get<std::int64_t>());
  }
  const Json& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    throw BadInput({file, name + ".data_offsets", "two numbers", offsets.dump().substr(0, 80)});
  }
  span = {offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>(), name};
  if (span.begin > span.end || span.end > data.size())
    throw BadInput(
        {file, name + ".data_offsets", "inside the file's " + std::to_string(data.size()) + " bytes", offsets.dump()});
  const std::uint64_t bytes = NumBytes(tensor.shape, info->bytes, file, name);
  if (bytes != span.end - span.begin)
    throw BadInput({file, name, std::to_string(bytes) + " bytes for its shape", std::to_string(span.end - span.begin)});
  tensor.bytes = std::string(data.substr(span.begin, bytes));
  return tensor;
}

// Tensors lie one behind the other and fill the file: no gaps to hide in, no overlaps, nothing behind.
void CheckLayout(std::vector<Span> spans, std::uint64_t size, const std::string& file) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t at = 0;
  for (const Span& span : spans) {
    if (span.begin != at)
      throw BadInput(
          {file, span.name + ".data_offsets", "to begin at " + std::to_string(at), std::to_string(span.begin)});
    at = span.end;
  }
  if (at != size) throw BadInput({file, "data", std::to_string(at) + " bytes", std::to_string(size)});
}

}  // namespace

TensorFile ParseSafetensors(const std::string& bytes, const std::string& file) {
  std::uint64_t header_size = 0;
  if (bytes.size() < sizeof(header_size))
    throw BadInput({file, "", "a safetensors file", std::to_string(bytes.size()) + " bytes"});
  std::memcpy(&header_size, bytes.data(), sizeof(header_size));
  if (header_size > kMaxHeader || header_size > bytes.size() - sizeof(header_size)) {
    throw BadInput(
        {file, "header length",
         "at most " + std::to_string(std::min<std::uint64_t>(kMaxHeader, bytes.size() - sizeof(header_size))),
         std::to_string(header_size)});
  }
  const Json header = ParseHeader(bytes.substr(sizeof(header_size), header_size), file);
  if (header.size() > kMaxTensors)
    throw BadInput(
        {file, "header", "at most " + std::to_string(kMaxTensors) + " tensors", std::to_string(header.size())});
  const std::string_view data = std::string_view(bytes).substr(sizeof(header_size) + header_size);
  TensorFile out;
  std::vector<Span> spans;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      if (!entry.is_object()) throw BadInput({file, name, "strings by name", "something else"});
      for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) throw BadInput({file, name + "." + key, "a string", value.dump().substr(0, 80)});
        out.metadata[key] = value.get<std::string>();
      }
      continue;
    }
    Span span;
    out.tensors[name] = ReadTensor(name, entry, data, file, span);
    spans.push_back(span);
  }
  CheckLayout(std::move(spans), data.size(), file);
  return out;
}

TensorFile ReadSafetensors(const std::filesystem::path& path) {
  return ParseSafetensors(ReadFile(path), path.string());
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
