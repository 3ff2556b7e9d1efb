#include "trainer/diff_tensors.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/json_difference.h"
#include "policies/model_tensors.h"

namespace genba::trainer {

namespace {

using nlohmann::json;
using policies::TensorData;
using policies::TensorFile;
using policies::TensorType;

constexpr const char *kWorlds = "worlds.", *kSums = "sums.";

template <class T>
T At(const TensorData& tensor, std::int64_t i) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
  return value;
}

// visit(value) with the element in the type that has it exactly.
template <class Visit>
auto WithElement(const TensorData& tensor, std::int64_t i, Visit visit) {
  switch (tensor.type) {
    case TensorType::kF64:
      return visit(At<double>(tensor, i));
    case TensorType::kF32:
      return visit(At<float>(tensor, i));
    case TensorType::kF16:
      return visit(policies::HalfToFloat(At<std::uint16_t>(tensor, i)));
    case TensorType::kBF16:
      return visit(std::bit_cast<float>(static_cast<std::uint32_t>(At<std::uint16_t>(tensor, i)) << 16));
    case TensorType::kI64:
      return visit(At<std::int64_t>(tensor, i));
    case TensorType::kI32:
      return visit(At<std::int32_t>(tensor, i));
    case TensorType::kU8:
    case TensorType::kBool:
      break;
  }
  return visit(At<std::uint8_t>(tensor, i));
}

json Element(const TensorData& tensor, std::int64_t i) {
  return WithElement(tensor, i, [](auto value) { return NumberOrBits(value); });
}
double Real(const TensorData& tensor, std::int64_t i) {
  return WithElement(tensor, i, [](auto value) { return static_cast<double>(value); });
}

std::int64_t NumElements(const TensorData& tensor) {
  return static_cast<std::int64_t>(tensor.bytes.size() / policies::BytesOf(tensor.type));
}
json Kind(const TensorData* tensor) {
  return tensor == nullptr ? json()
                           : json(NameOf(tensor->type) + std::string(" ") + policies::ShapeText(tensor->shape));
}
const TensorData* Find(const TensorFile& file, const std::string& name) {
  const auto found = file.tensors.find(name);
  return found == file.tensors.end() ? nullptr : &found->second;
}

// Over finite numbers; negative: there were none.
struct Largest {
  double difference = -1, relative = -1;
  void Take(double a, double b) {
    if (!std::isfinite(a) || !std::isfinite(b)) return;
    const double apart = std::abs(a - b), scale = std::max(std::abs(a), std::abs(b));
    difference = std::max(difference, apart);
    relative = std::max(relative, scale > 0 ? apart / scale : 0);
  }
  void Take(const Largest& other) {
    difference = std::max(difference, other.difference);
    relative = std::max(relative, other.relative);
  }
  void PutInto(json& row) const {
    row["largest_difference"] = difference < 0 ? json() : json(difference);
    row["largest_relative_difference"] = relative < 0 ? json() : json(relative);
  }
};

struct Elements {
  std::int64_t first = -1, count = 0;
  Largest largest;
};

Elements CompareElements(const TensorData& a, const TensorData& b) {
  Elements found;
  const std::uint64_t bytes = policies::BytesOf(a.type);
  if (a.bytes == b.bytes) return found;
  for (std::int64_t i = 0; i < NumElements(a); ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * bytes;
    if (std::memcmp(a.bytes.data() + at, b.bytes.data() + at, bytes) == 0) continue;
    if (found.count++ == 0) found.first = i;
    found.largest.Take(Real(a, i), Real(b, i));
  }
  return found;
}

bool SameKind(const TensorData* a, const TensorData* b) {
  return a != nullptr && b != nullptr && a->type == b->type && a->shape == b->shape;
}

// Of a tensor that differs.
json Row(const std::string& name, const TensorData* a, const TensorData* b, const Elements& found) {
  json row{{"tensor", name}, {"index", nullptr}, {"a", Kind(a)}, {"b", Kind(b)}, {"different_elements", nullptr}};
  if (SameKind(a, b)) {
    row["index"] = found.first;
    row["a"] = Element(*a, found.first);
    row["b"] = Element(*b, found.first);
    row["different_elements"] = found.count;
    row["elements"] = NumElements(*a);
  }
  found.largest.PutInto(row);
  return row;
}

json Text(const TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) return nullptr;
  const auto document = SoundJson(found->second);
  return document ? *document : json(found->second);
}

template <class Map>
void AddKeys(const Map& map, std::set<std::string>& keys) {
  for (const auto& [key, value] : map) keys.insert(key);
}

json DiffMetadata(const TensorFile& a, const TensorFile& b) {
  std::set<std::string> keys;
  AddKeys(a.metadata, keys);
  AddKeys(b.metadata, keys);
  json rows = json::array();
  for (const std::string& key : keys) {
    for (const JsonDifference& difference : JsonDifferences(Text(a, key), Text(b, key), key))
      rows.push_back({{"key", difference.place}, {"a", difference.a}, {"b", difference.b}});
  }
  return rows;
}

// The number of a world whose state or sums this tensor is.
std::optional<std::int64_t> WorldOf(const std::string& name) {
  for (const std::string prefix : {kWorlds, kSums}) {
    std::int64_t world = -1;
    if (!name.starts_with(prefix)) continue;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), world);
    if (world >= 0 && name == prefix + std::to_string(world)) return world;
  }
  return std::nullopt;
}

// A saved world as VecEnv writes it, its cell read as well; nothing: it is none.
std::optional<json> SavedWorld(const TensorData& tensor) {
  try {
    json world = ParseCbor(tensor.bytes, "saved world");
    if (!world.is_object()) return std::nullopt;
    if (world.contains("cell") && world["cell"].is_string()) {
      if (auto cell = SoundJson(world["cell"].get<std::string>())) world["cell"] = std::move(*cell);
    }
    return world;
  } catch (const Error&) {
    return std::nullopt;
  }
}

json FieldRow(const JsonDifference& difference) {
  const std::string& place = difference.place;
  json row{{"field", place}, {"index", nullptr}, {"a", difference.a}, {"b", difference.b}};
  const std::size_t bracket = place.rfind('[');
  std::int64_t index = -1;
  if (bracket != std::string::npos) std::from_chars(place.data() + bracket + 1, place.data() + place.size(), index);
  if (index < 0 || place.substr(bracket) != "[" + std::to_string(index) + "]") return row;
  row["field"] = place.substr(0, bracket);
  row["index"] = index;
  return row;
}

// What a world is about comes before what follows from it.
json FirstField(json a, json b) {
  for (const char* key : {"task", "next", "plan", "cell", "active", "physics", "carried"}) {
    const auto differences = JsonDifferences(a.value(key, json()), b.value(key, json()), key);
    if (!differences.empty()) return FieldRow(differences.front());
  }
  const auto others = JsonDifferences(a, b);
  return others.empty() ? json() : FieldRow(others.front());
}

json BytesRow(const std::string& a, const std::string& b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto value = [](const std::string& bytes, auto at) {
    return at == bytes.end() ? json() : json(static_cast<unsigned char>(*at));
  };
  return {{"field", "byte"}, {"index", at_a - a.begin()}, {"a", value(a, at_a)}, {"b", value(b, at_b)}};
}

// Where one tensor of a world parts; null: nowhere.
json DiffWorldTensor(const std::string& name, const TensorData* a, const TensorData* b) {
  json row{{"tensor", name}, {"field", nullptr}, {"index", nullptr}, {"a", Kind(a)}, {"b", Kind(b)}};
  if (a == nullptr || b == nullptr) return a == b ? json() : row;
  if (a->bytes == b->bytes && SameKind(a, b)) return nullptr;
  if (name.starts_with(kSums)) {
    if (SameKind(a, b)) row.update(Row(name, a, b, CompareElements(*a, *b)));
    row["field"] = "sums";
    return row;
  }
  const auto world_a = SavedWorld(*a), world_b = SavedWorld(*b);
  json where = world_a && world_b ? FirstField(*world_a, *world_b) : json();
  row.update(where.is_null() ? BytesRow(a->bytes, b->bytes) : where);
  return row;
}

json DiffWorld(std::int64_t world, const TensorFile& a, const TensorFile& b) {
  for (const char* prefix : {kWorlds, kSums}) {
    const std::string name = prefix + std::to_string(world);
    json row = DiffWorldTensor(name, Find(a, name), Find(b, name));
    if (row.is_null()) continue;
    row["world"] = world;
    return row;
  }
  return nullptr;
}

}  // namespace

json DiffTensors(const TensorFile& a, const TensorFile& b) {
  std::set<std::string> names;
  AddKeys(a.tensors, names);
  AddKeys(b.tensors, names);
  std::int64_t tensors = 0, elements = 0, different = 0;
  Largest largest;
  json rows = json::array();
  for (const std::string& name : names) {
    if (WorldOf(name)) continue;
    CheckInterrupt();
    const TensorData *of_a = Find(a, name), *of_b = Find(b, name);
    ++tensors;
    elements += std::max(of_a != nullptr ? NumElements(*of_a) : 0, of_b != nullptr ? NumElements(*of_b) : 0);
    const Elements found = SameKind(of_a, of_b) ? CompareElements(*of_a, *of_b) : Elements{};
    if (SameKind(of_a, of_b) && found.count == 0) continue;
    different += found.count;
    largest.Take(found.largest);
    rows.push_back(Row(name, of_a, of_b, found));
  }
  json result{{"tensors", tensors},
              {"elements", elements},
              {"different_tensors", rows.size()},
              {"different_elements", different},
              {"metadata", DiffMetadata(a, b)}};
  largest.PutInto(result);
  result["different"] = std::move(rows);
  return result;
}

json DiffWorlds(const TensorFile& a, const TensorFile& b) {
  std::set<std::int64_t> worlds;
  for (const TensorFile* file : {&a, &b}) {
    for (const auto& [name, tensor] : file->tensors) {
      if (const auto world = WorldOf(name)) worlds.insert(*world);
    }
  }
  if (worlds.empty()) return nullptr;
  json first;
  int different = 0;
  for (const std::int64_t world : worlds) {
    CheckInterrupt();
    json row = DiffWorld(world, a, b);
    if (!row.is_null() && different++ == 0) first = std::move(row);
  }
  return {{"worlds", worlds.size()}, {"different", different}, {"first", first}};
}

}  // namespace genba::trainer
