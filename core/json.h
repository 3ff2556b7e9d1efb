// json.h - the one reader of JSON that comes from outside. Strict: at most `depth` levels, `bytes` and `values`, every
// key once, finite numbers, valid UTF-8, nothing behind the end. Typed getters take a member of an object exactly:
// 2.7, "2" and 2^32 + 2 are no int. Any thread. Failure: Error(kBadInput) naming file, key, expected and got; what was
// got is described in a few words, never dumped, so that deep or long values cost nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace genba {

struct JsonLimits {
  int depth = 64;
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t values = std::size_t{1} << 20;  // of any type; each costs 16 bytes and more once decoded
};

// file: what refusals call the text: a path, "data/x.h5: plan", "texts.jsonl: line 3".
nlohmann::json ParseJson(std::string_view text, const std::string& file, JsonLimits limits = {});
// The same of a line that may be damaged and is then left out.
std::optional<nlohmann::json> SoundJson(std::string_view text, JsonLimits limits = {});
// CBOR, in which worlds are saved, under the same limits. Numbers may be no finite ones: a state may be.
nlohmann::json ParseCbor(std::string_view bytes, const std::string& file, JsonLimits limits = {});

// A value in a few words: 12, "the first 60 bytes…", an array of 3, an object of 2 keys.
std::string Shown(const nlohmann::json& value);

// Text that machines read. Bytes that are no UTF-8 (a path in another encoding) become U+FFFD instead of an exception.
std::string ToText(const nlohmann::json& value, int indent = 2);

// object[key], which must be there. The other getters begin with it.
const nlohmann::json& JsonField(const nlohmann::json& object, const std::string& key, const std::string& file);
std::int64_t JsonInt(const nlohmann::json& object, const std::string& key, const std::string& file,
                     std::int64_t low = std::numeric_limits<int>::min(),
                     std::int64_t high = std::numeric_limits<int>::max());
std::uint64_t JsonUint(const nlohmann::json& object, const std::string& key, const std::string& file,
                       std::uint64_t high = std::numeric_limits<std::uint64_t>::max());
double JsonNumber(const nlohmann::json& object, const std::string& key, const std::string& file,
                  double low = std::numeric_limits<double>::lowest(), double high = std::numeric_limits<double>::max());
bool JsonBool(const nlohmann::json& object, const std::string& key, const std::string& file);
std::string JsonText(const nlohmann::json& object, const std::string& key, const std::string& file,
                     std::size_t max_bytes = std::size_t{1} << 20);
const nlohmann::json& JsonArray(const nlohmann::json& object, const std::string& key, const std::string& file,
                                std::size_t max_items = std::numeric_limits<std::size_t>::max());
const nlohmann::json& JsonObject(const nlohmann::json& object, const std::string& key, const std::string& file);

// The same of a value itself, for the items of arrays; name is what refusals call it: "shards[3]".
std::int64_t IntOf(const nlohmann::json& value, const std::string& name, const std::string& file, std::int64_t low,
                   std::int64_t high);
std::uint64_t UintOf(const nlohmann::json& value, const std::string& name, const std::string& file, std::uint64_t high);
double NumberOf(const nlohmann::json& value, const std::string& name, const std::string& file, double low, double high);
std::string TextOf(const nlohmann::json& value, const std::string& name, const std::string& file,
                   std::size_t max_bytes = std::size_t{1} << 20);

// Refuses a key that is not in known, by name: a misspelt one must not be silently unused.
void CheckKeys(const nlohmann::json& object, std::initializer_list<std::string_view> known, const std::string& file);

}  // namespace genba
