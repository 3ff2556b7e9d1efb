#include "policies/model_tensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"

namespace genba::policies {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = std::size_t{1} << 20;  // bytes
constexpr JsonLimits kIndexLimits{.depth = 4};
constexpr std::size_t kMaxShards = 4096;

// The shards an index names, and which of its tensors each must hold.
std::map<std::string, std::set<std::string>> ReadIndex(const fs::path& path) {
  const std::string file = path.string();
  const nlohmann::json index = ParseJson(ReadFile(path, kIndexLimits.bytes), file, kIndexLimits);
  if (!index.is_object()) throw BadInput({file, "", "a JSON object", Shown(index)});
  std::map<std::string, std::set<std::string>> shards;
  for (const auto& [tensor, value] : JsonObject(index, "weight_map", file).items()) {
    const std::string shard = TextOf(value, "weight_map." + tensor, file, 255);
    if (shard.empty() || shard.front() == '.' || shard.find('/') != std::string::npos ||
        shard.find('\0') != std::string::npos)
      throw BadInput({file, "weight_map." + tensor, "the name of a file in the same folder", Shown(value)});
    shards[shard].insert(tensor);
  }
  if (shards.empty() || shards.size() > kMaxShards)
    throw BadInput(
        {file, "weight_map", "1 … " + std::to_string(kMaxShards) + " shards", std::to_string(shards.size())});
  return shards;
}

// count values at from; true when all are finite.
bool Widen(TensorType type, const char* from, std::size_t count, float* to) {
  if (type == TensorType::kF32) {
    std::memcpy(to, from, count * sizeof(float));
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, from + 2 * i, sizeof bits);
      to[i] =
          type == TensorType::kBF16 ? std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16) : HalfToFloat(bits);
    }
  }
  return std::all_of(to, to + count, [](float value) { return std::isfinite(value); });
}

}  // namespace

float HalfToFloat(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16, exponent = (bits >> 10) & 0x1Fu, mantissa = bits & 0x3FFu;
  if (exponent == 0) return std::ldexp(static_cast<float>(mantissa), -24) * (sign != 0 ? -1.0f : 1.0f);
  const std::uint32_t full = exponent == 31 ? 0x7F800000u : (exponent + 112) << 23;
  return std::bit_cast<float>(sign | full | (mantissa << 13));
}

ModelTensors::ModelTensors(const fs::path& folder) : file_((folder / "model.safetensors").string()) {
  std::error_code ignored;
  const fs::path index = folder / "model.safetensors.index.json";
  if (fs::exists(file_, ignored) || !fs::exists(index, ignored)) {
    AddShard(file_);
    return;
  }
  file_ = index.string();
  for (const auto& [shard, tensors] : ReadIndex(index)) {
    AddShard(folder / shard);
    for (const std::string& tensor : tensors) {
      if (!readers_.back()->header().tensors.contains(tensor))
        throw BadInput({file_, "weight_map." + tensor, "a tensor of " + shard, "nothing there"});
    }
  }
}

void ModelTensors::AddShard(const fs::path& path) {
  readers_.push_back(std::make_unique<SafetensorsReader>(path));
  const SafetensorsReader& reader = *readers_.back();
  for (const auto& [name, place] : reader.header().tensors) {
    const auto [known, is_new] = all_.try_emplace(name, Found{&reader, &place});
    if (!is_new) throw BadInput({reader.file(), name, "each tensor once", "also in " + known->second.reader->file()});
  }
}

const ModelTensors::Found& ModelTensors::Find(const std::string& name, const std::vector<std::int64_t>& shape) const {
  const auto found = all_.find(name);
  if (found == all_.end()) throw BadInput({file_, name, "tensor " + ShapeText(shape), "nothing"});
  const TensorPlace& place = *found->second.place;
  const std::string& file = found->second.reader->file();
  if (place.shape != shape) throw BadInput({file, name, "shape " + ShapeText(shape), ShapeText(place.shape)});
  if (place.type != TensorType::kF32 && place.type != TensorType::kBF16 && place.type != TensorType::kF16)
    throw BadInput({file, name, "F32 | BF16 | F16", NameOf(place.type)});
  return found->second;
}

void ReadAsFloats(const std::string& name, const ModelTensors::Found& tensor, std::span<float> to, Sha256Stream& hash) {
  const TensorPlace& place = *tensor.place;
  const std::uint64_t element = BytesOf(place.type);
  GENBA_CHECK(to.size() * element == place.size, "as many floats as the tensor has");
  hash.Add(name + " " + NameOf(place.type) + " " + ShapeText(place.shape) + "\n");
  std::string piece(std::min<std::uint64_t>(kPiece, place.size), '\0');
  for (std::uint64_t at = 0; at < place.size; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(kPiece, place.size - at));
    tensor.reader->Read(place, at, piece);
    hash.Add(piece);
    if (!Widen(place.type, piece.data(), piece.size() / element, to.data() + at / element))
      throw BadInput({tensor.reader->file(), name, "finite values", "NaN or infinity"});
  }
}

}  // namespace genba::policies
