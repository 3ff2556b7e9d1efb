#include "core/json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"

namespace genba {
namespace {

using Json = nlohmann::json;

std::string PlaceOf(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return "line " + std::to_string(line) + ", byte " + std::to_string(std::max<std::size_t>(column, 1));
}

enum class Format { kJson, kCbor };

// Looks at the events of nlohmann's parser before anything is built: a document that passes is shallow and small enough
// for everything that recurses. The parser of CBOR recurses itself, no deeper than it is let.
class Inspector {
 public:
  Inspector(std::string_view text, const std::string& file, const JsonLimits& limits, Format format)
      : text_(text), file_(file), limits_(limits), format_(format) {}

  bool null() { return Count(); }
  bool boolean(bool /*value*/) { return Count(); }
  bool number_integer(Json::number_integer_t /*value*/) { return Count(); }
  bool number_unsigned(Json::number_unsigned_t /*value*/) { return Count(); }
  bool number_float(Json::number_float_t value, const std::string& /*text*/) {
    if (format_ == Format::kJson && !std::isfinite(value))
      throw BadInput({file_, "", "finite numbers", "one that is not"});
    return Count();
  }
  bool string(const std::string& /*value*/) { return Count(); }
  bool binary(const Json::binary_t& /*value*/) { return Count(); }
  bool start_object(std::size_t /*elements*/) {
    keys_.emplace_back();
    return Descend();
  }
  bool end_object() {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t /*elements*/) { return Descend(); }
  bool end_array() {
    --depth_;
    return true;
  }
  bool key(const std::string& name) {
    if (!keys_.back().insert(name).second) throw BadInput({file_, Shown(Json(name)), "each key once", "it twice"});
    return true;
  }
  bool parse_error(std::size_t byte, const std::string& /*token*/, const Json::exception& error) {
    if (format_ == Format::kCbor)
      throw BadInput(
          {file_, "byte " + std::to_string(byte), "CBOR", byte > text_.size() ? "its end" : "something else"});
    if (error.id == 406) throw BadInput({file_, PlaceOf(text_, byte), "finite numbers", "one beyond 1.8e308"});
    throw BadInput({file_, PlaceOf(text_, byte), "JSON", byte > text_.size() ? "its end" : "something else"});
  }

 private:
  bool Count() {
    if (++values_ > limits_.values)
      throw BadInput({file_, "", "at most " + std::to_string(limits_.values) + " values", "more"});
    return true;
  }
  bool Descend() {
    if (++depth_ > limits_.depth)
      throw BadInput({file_, "", "at most " + std::to_string(limits_.depth) + " levels", "more"});
    return Count();
  }

  std::string_view text_;
  const std::string& file_;
  JsonLimits limits_;
  Format format_;
  std::vector<std::unordered_set<std::string>> keys_;  // of the objects that are open
  std::size_t values_ = 0;
  int depth_ = 0;
};

void CheckSize(std::string_view text, const std::string& file, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    throw BadInput(
        {file, "size", "at most " + std::to_string(limits.bytes) + " bytes", std::to_string(text.size()) + " bytes"});
  }
}

std::string RangeText(const char* what, const Json& low, const Json& high) {
  return std::string(what) + " in [" + low.dump() + ", " + high.dump() + "]";
}

}  // namespace

Json ParseJson(std::string_view text, const std::string& file, JsonLimits limits) {
  CheckSize(text, file, limits);
  Inspector inspector(text, file, limits, Format::kJson);
  Json::sax_parse(text, &inspector);  // throws a refusal, or the text is good
  return Json::parse(text);
}

Json ParseCbor(std::string_view bytes, const std::string& file, JsonLimits limits) {
  CheckSize(bytes, file, limits);
  Inspector inspector(bytes, file, limits, Format::kCbor);
  Json::sax_parse(bytes, &inspector, Json::input_format_t::cbor);
  return Json::from_cbor(bytes);
}

std::optional<nlohmann::json> SoundJson(std::string_view text, JsonLimits limits) {
  try {
    return ParseJson(text, "", limits);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string Shown(const Json& value) {
  constexpr std::size_t kLongest = 60;
  switch (value.type()) {
    case Json::value_t::object:
      return "an object of " + std::to_string(value.size()) + " keys";
    case Json::value_t::array:
      return "an array of " + std::to_string(value.size());
    case Json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      return ToText(text.size() <= kLongest ? value : Json(std::string(CutUtf8(text, kLongest)) + "…"));
    }
    default:
      return ToText(value);
  }
}

std::string ToText(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json& JsonField(const Json& object, const std::string& key, const std::string& file) {
  if (!object.is_object()) throw BadInput({file, key, "inside an object", Shown(object)});
  const auto found = object.find(key);
  if (found == object.end()) throw BadInput({file, key, "a value", "nothing"});
  return *found;
}

std::int64_t IntOf(const Json& value, const std::string& name, const std::string& file, std::int64_t low,
                   std::int64_t high) {
  const bool fits =
      value.is_number_integer() &&
      (!value.is_number_unsigned() ||
       value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!fits || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high)
    throw BadInput({file, name, RangeText("a whole number", low, high), Shown(value)});
  return value.get<std::int64_t>();
}

std::uint64_t UintOf(const Json& value, const std::string& name, const std::string& file, std::uint64_t high) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > high)
    throw BadInput({file, name, RangeText("a whole number", 0, high), Shown(value)});
  return value.get<std::uint64_t>();
}

double NumberOf(const Json& value, const std::string& name, const std::string& file, double low, double high) {
  if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high))
    throw BadInput({file, name, RangeText("a number", low, high), Shown(value)});
  return value.get<double>();
}

std::string TextOf(const Json& value, const std::string& name, const std::string& file, std::size_t max_bytes) {
  if (!value.is_string()) throw BadInput({file, name, "text", Shown(value)});
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > max_bytes)
    throw BadInput(
        {file, name, "at most " + std::to_string(max_bytes) + " bytes", std::to_string(text.size()) + " bytes"});
  return text;
}

std::int64_t JsonInt(const Json& object, const std::string& key, const std::string& file, std::int64_t low,
                     std::int64_t high) {
  return IntOf(JsonField(object, key, file), key, file, low, high);
}

std::uint64_t JsonUint(const Json& object, const std::string& key, const std::string& file, std::uint64_t high) {
  return UintOf(JsonField(object, key, file), key, file, high);
}

double JsonNumber(const Json& object, const std::string& key, const std::string& file, double low, double high) {
  return NumberOf(JsonField(object, key, file), key, file, low, high);
}

bool JsonBool(const Json& object, const std::string& key, const std::string& file) {
  const Json& value = JsonField(object, key, file);
  if (!value.is_boolean()) throw BadInput({file, key, "true or false", Shown(value)});
  return value.get<bool>();
}

std::string JsonText(const Json& object, const std::string& key, const std::string& file, std::size_t max_bytes) {
  return TextOf(JsonField(object, key, file), key, file, max_bytes);
}

const Json& JsonArray(const Json& object, const std::string& key, const std::string& file, std::size_t max_items) {
  const Json& value = JsonField(object, key, file);
  if (!value.is_array()) throw BadInput({file, key, "an array", Shown(value)});
  if (value.size() > max_items)
    throw BadInput({file, key, "at most " + std::to_string(max_items) + " items", std::to_string(value.size())});
  return value;
}

const Json& JsonObject(const Json& object, const std::string& key, const std::string& file) {
  const Json& value = JsonField(object, key, file);
  if (!value.is_object()) throw BadInput({file, key, "an object", Shown(value)});
  return value;
}

void CheckKeys(const Json& object, std::initializer_list<std::string_view> known, const std::string& file) {
  if (!object.is_object()) throw BadInput({file, "", "an object", Shown(object)});
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string list;
    for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string(name);
    throw BadInput({file, Shown(Json(key)), "one of " + list, "an unknown key"});
  }
}

}  // namespace genba
