#include "core/config.h"

#include <algorithm>
#include <climits>
#include <limits>
#include <stdexcept>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/nearest.h"
#include "core/numbers.h"
#include "core/plain_toml.h"

// What the library takes for granted about a text becomes a refusal of that text, not the end of the program.
namespace {
[[noreturn]] void RefuseAssumption() { throw std::domain_error("what no TOML begins or goes on with"); }
}  // namespace
#define TOML_ASSERT(condition) ((condition) ? void() : RefuseAssumption())
#include <toml++/toml.h>

#include <nlohmann/json.hpp>

namespace genba {
namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;  // clang 14 does not deduce it

constexpr std::size_t kLongestFile = std::size_t{1} << 20;
constexpr std::size_t kMostItems = 32;  // of a list: as many real numbers as plain_toml.h lets be on one line
constexpr std::uint64_t kLargestInToml = std::numeric_limits<std::int64_t>::max();

// A TOML basic string. JSON's escapes are TOML's, but for the one control character that JSON leaves bare.
std::string Quote(const std::string& text) {
  std::string quoted;
  for (const char c : ToText(nlohmann::json(text))) quoted += c == '\x7f' ? "\\u007F" : std::string(1, c);
  return quoted;
}

std::string SeedText(std::uint64_t value) {
  return value <= kLargestInToml ? std::to_string(value) : Quote(std::to_string(value));
}

std::string RangeText(const char* type, Range range) {
  return std::string(type) + " in [" + RealText(range.low) + ", " + RealText(range.high) + "]";
}

std::string Join(const std::vector<std::string>& items, const std::string& between) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : between) + item;
  return text;
}

std::string ListOf(const std::vector<double>& values) {
  std::vector<std::string> items;
  for (const double value : values) items.push_back(RealText(value));
  return "[" + Join(items, ", ") + "]";
}

std::string ListOf(const std::vector<std::string>& values) {
  std::vector<std::string> items;
  for (const std::string& value : values) items.push_back(Quote(value));
  return "[" + Join(items, ", ") + "]";
}

// The plain text of one TOML value, in the form Assign() parses.
std::string ValueText(const toml::node& node, const std::string& key, const std::string& file) {
  if (const auto* integer = node.as_integer()) {
    if (integer->flags() != toml::value_flags::none) throw BadInput({file, key, "a decimal number", "another base"});
    return std::to_string(integer->get());
  }
  if (const auto* real = node.as_floating_point()) return RealText(real->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* text = node.as_string()) return text->get();
  throw BadInput({file, key, "a number, true, false or text", "another TOML type"});
}

// A quoted number is a mistake worth naming: only text settings take TOML strings, and seeds beyond TOML's numbers.
struct Wanted {
  bool text = false, text_too = false, list = false;
};

template <class Target>
Wanted WantedBy(const Target& target) {
  const bool texts = std::holds_alternative<std::vector<std::string>*>(target);
  return {.text = texts || std::holds_alternative<std::string*>(target),
          .text_too = std::holds_alternative<std::uint64_t*>(target),
          .list = texts || std::holds_alternative<std::vector<double>*>(target)};
}

std::string TextOf(const toml::node& value, const Wanted& wanted, const std::string& key, const std::string& file) {
  if (value.is_string() != wanted.text && !(value.is_string() && wanted.text_too))
    throw BadInput(
        {file, key, value.is_string() ? "an unquoted value" : "text in quotes", ValueText(value, key, file)});
  return ValueText(value, key, file);
}

std::vector<std::string> TextsOf(const toml::node& value, const Wanted& wanted, const std::string& key,
                                 const std::string& file) {
  const toml::array* list = wanted.list ? value.as_array() : nullptr;
  if (list == nullptr) return {TextOf(value, wanted, key, file)};
  std::vector<std::string> texts;
  for (const toml::node& item : *list) texts.push_back(TextOf(item, wanted, key, file));
  return texts;
}

void CheckChoice(const std::string& text, const std::vector<std::string>& choices, const std::string& key,
                 const std::string& file) {
  if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
    throw BadInput({file, key, Join(choices, " | "), text});
}

toml::table ParseToml(const std::string& text, const std::string& file) try {
  return toml::parse(PlainToml(text, file), file);
} catch (const toml::parse_error& error) {
  throw BadInput(
      {file, "line " + std::to_string(error.source().begin.line), "valid TOML", std::string(error.description())});
} catch (const std::domain_error& error) {
  throw BadInput({file, "", "valid TOML", error.what()});
}

}  // namespace

void ConfigTable::Append(Entry entry) {
  GENBA_CHECK(entry.key.find('.') != std::string::npos, "a config key is section.name");
  GENBA_CHECK(
      !std::holds_alternative<int*>(entry.target) || (entry.range.low >= INT_MIN && entry.range.high <= INT_MAX),
      "a range wider than int");
  for (const Entry& other : entries_) GENBA_CHECK(other.key != entry.key, "config key registered twice");
  entries_.push_back(std::move(entry));
}

void ConfigTable::Add(const std::string& key, int* value, Range range, const std::string& help) {
  Append({key, value, range, {}, help});
}
void ConfigTable::Add(const std::string& key, double* value, Range range, const std::string& help) {
  Append({key, value, range, {}, help});
}
void ConfigTable::Add(const std::string& key, std::uint64_t* value, const std::string& help) {
  Append({key, value, {0, 0}, {}, help});
}
void ConfigTable::Add(const std::string& key, bool* value, const std::string& help) {
  Append({key, value, {0, 0}, {}, help});
}
void ConfigTable::Add(const std::string& key, std::string* value, const std::string& help,
                      std::vector<std::string> choices) {
  Append({key, value, {0, 0}, std::move(choices), help});
}
void ConfigTable::Add(const std::string& key, std::vector<double>* value, Range range, const std::string& help) {
  Append({key, value, range, {}, help});
}
void ConfigTable::Add(const std::string& key, std::vector<std::string>* value, const std::string& help,
                      std::vector<std::string> choices) {
  Append({key, value, {0, 0}, std::move(choices), help});
}

ConfigTable::Entry& ConfigTable::Find(const std::string& key, const std::string& file) {
  for (Entry& entry : entries_) {
    if (entry.key == key) return entry;
  }
  std::vector<std::string> known;
  for (const Entry& entry : entries_) known.push_back(entry.key);
  throw BadInput({file, key, NearestOrAll(key, known), "an unknown key"});
}

void ConfigTable::Assign(Entry& entry, const std::vector<std::string>& texts, const std::string& file) {
  if (texts.size() > kMostItems)
    throw BadInput({file, entry.key, "at most " + std::to_string(kMostItems) + " items", std::to_string(texts.size())});
  const auto real = [&](const std::string& text) {
    return ParseReal(text, entry.range.low, entry.range.high, file, entry.key);
  };
  std::visit(Overload{[&](int* target) {
                        *target = ParseWhole(texts[0], static_cast<int>(entry.range.low),
                                             static_cast<int>(entry.range.high), file, entry.key);
                      },
                      [&](double* target) { *target = real(texts[0]); },
                      [&](std::uint64_t* target) {
                        *target = ParseWhole<std::uint64_t>(texts[0], 0, UINT64_MAX, file, entry.key);
                      },
                      [&](bool* target) {
                        if (texts[0] != "true" && texts[0] != "false")
                          throw BadInput({file, entry.key, "true or false", texts[0]});
                        *target = texts[0] == "true";
                      },
                      [&](std::string* target) {
                        CheckChoice(texts[0], entry.choices, entry.key, file);
                        *target = texts[0];
                      },
                      [&](std::vector<double>* target) {
                        std::vector<double> values;
                        std::transform(texts.begin(), texts.end(), std::back_inserter(values), real);
                        *target = values;
                      },
                      [&](std::vector<std::string>* target) {
                        for (const std::string& text : texts) CheckChoice(text, entry.choices, entry.key, file);
                        *target = texts;
                      }},
             entry.target);
}

void ConfigTable::ReadToml(const std::filesystem::path& file) {
  ReadTomlText(ReadStream(file, kLongestFile), file.string());
}

void ConfigTable::ReadTomlText(const std::string& text, const std::string& file) {
  if (text.size() > kLongestFile)
    throw BadInput({file, "size", "at most 1 MiB", std::to_string(text.size()) + " bytes"});
  const toml::table table = ParseToml(text, file);
  for (const auto& [section, node] : table) {
    const toml::table* fields = node.as_table();
    if (fields == nullptr) throw BadInput({file, std::string(section.str()), "a [section]", "a bare value"});
    for (const auto& [name, value] : *fields) {
      const std::string key = std::string(section.str()) + "." + std::string(name.str());
      Entry& entry = Find(key, file);
      Assign(entry, TextsOf(value, WantedBy(entry.target), key, file), file);
    }
  }
}

void ConfigTable::Set(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) throw BadInput({"--set", assignment, "section.name=value", "no '='"});
  Entry& entry = Find(assignment.substr(0, equals), "--set");
  const std::string text = assignment.substr(equals + 1);
  if (WantedBy(entry.target).list && text.starts_with('[')) return ReadTomlText(assignment, "--set");
  Assign(entry, {text}, "--set");
}

void ConfigTable::Set(const std::string& key, const std::vector<std::string>& values, const std::string& said_by) {
  Entry& entry = Find(key, said_by);
  GENBA_CHECK(values.size() == 1 || WantedBy(entry.target).list, "several values for a setting that has one");
  Assign(entry, values, said_by);
}

std::string ConfigTable::ToToml() const {
  std::vector<std::string> sections;
  for (const Entry& entry : entries_) {
    const std::string section = entry.key.substr(0, entry.key.find('.'));
    if (std::find(sections.begin(), sections.end(), section) == sections.end()) sections.push_back(section);
  }
  std::string text;
  for (const std::string& section : sections) {
    text += (text.empty() ? "[" : "\n[") + section + "]\n";
    for (const Entry& entry : entries_) {
      if (entry.key.substr(0, entry.key.find('.')) != section) continue;
      text += entry.key.substr(section.size() + 1) + " = ";
      std::visit(
          Overload{[&](int* v) { text += std::to_string(*v); }, [&](double* v) { text += RealText(*v); },
                   [&](std::uint64_t* v) { text += SeedText(*v); }, [&](bool* v) { text += *v ? "true" : "false"; },
                   [&](std::string* v) { text += Quote(*v); }, [&](std::vector<double>* v) { text += ListOf(*v); },
                   [&](std::vector<std::string>* v) { text += ListOf(*v); }},
          entry.target);
      text += "\n";
    }
  }
  return text;
}

std::string ConfigTable::Help() const {
  const auto choices = [](const Entry& entry) {
    return entry.choices.empty() ? "" : ", " + Join(entry.choices, " | ");
  };
  std::string text;
  for (const Entry& entry : entries_) {
    std::string type;
    std::visit(
        Overload{[&](int* v) { type = std::to_string(*v) + ", " + RangeText("whole", entry.range); },
                 [&](double* v) { type = RealText(*v) + ", " + RangeText("number", entry.range); },
                 [&](std::uint64_t* v) { type = std::to_string(*v); }, [&](bool* v) { type = *v ? "true" : "false"; },
                 [&](std::string* v) { type = Quote(*v) + choices(entry); },
                 [&](std::vector<double>* v) { type = ListOf(*v) + ", " + RangeText("list of numbers", entry.range); },
                 [&](std::vector<std::string>* v) { type = ListOf(*v) + ", list" + choices(entry); }},
        entry.target);
    text += "  " + entry.key + " (" + type + "): " + entry.help + "\n";
  }
  return text;
}

}  // namespace genba
