#include "core/config.h"

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"

namespace genba {
namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

// Shortest text that reads back as the same double, always with a mark of being one.
std::string DoubleText(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

template <class T>
T ParseNumber(const std::string& text, const Refusal& refusal) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) throw BadInput(refusal);
  return value;
}

std::string Quote(const std::string& text) { return nlohmann::json(text).dump(); }

std::string RangeText(const char* type, Range range) {
  return std::string(type) + " in [" + DoubleText(range.low) + ", " + DoubleText(range.high) + "]";
}

std::string Join(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : " | ") + item;
  return text;
}

// The plain text of one TOML value, in the form Assign() parses.
std::string ValueText(const toml::node& node, const std::string& key, const std::string& file) {
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* real = node.as_floating_point()) return DoubleText(real->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* text = node.as_string()) return text->get();
  throw BadInput({file, key, "a number, true, false or text", "another TOML type"});
}

}  // namespace

void ConfigTable::Append(Entry entry) {
  GENBA_CHECK(entry.key.find('.') != std::string::npos, "a config key is section.name");
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

ConfigTable::Entry& ConfigTable::Find(const std::string& key, const std::string& file) {
  for (Entry& entry : entries_) {
    if (entry.key == key) return entry;
  }
  std::string known;
  for (const Entry& entry : entries_) known += (known.empty() ? "" : ", ") + entry.key;
  throw BadInput({file, key, "one of " + known, "an unknown key"});
}

void ConfigTable::Assign(Entry& entry, const std::string& text, const std::string& file) {
  std::visit(Overload{[&](int* target) {
                        const Refusal refusal{file, entry.key, RangeText("a whole number", entry.range), text};
                        const int value = ParseNumber<int>(text, refusal);
                        if (value < entry.range.low || value > entry.range.high) throw BadInput(refusal);
                        *target = value;
                      },
                      [&](double* target) {
                        const Refusal refusal{file, entry.key, RangeText("a number", entry.range), text};
                        const double value = ParseNumber<double>(text, refusal);
                        if (!(value >= entry.range.low && value <= entry.range.high)) throw BadInput(refusal);
                        *target = value;
                      },
                      [&](std::uint64_t* target) {
                        *target = ParseNumber<std::uint64_t>(text, {file, entry.key, "a whole number from 0", text});
                      },
                      [&](bool* target) {
                        if (text != "true" && text != "false") {
                          throw BadInput({file, entry.key, "true or false", text});
                        }
                        *target = text == "true";
                      },
                      [&](std::string* target) {
                        if (!entry.choices.empty() &&
                            std::find(entry.choices.begin(), entry.choices.end(), text) == entry.choices.end()) {
                          throw BadInput({file, entry.key, Join(entry.choices), text});
                        }
                        *target = text;
                      }},
             entry.target);
}

void ConfigTable::ReadToml(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw BadInput({file.string(), "", "a readable configuration file", "none"});
  std::ostringstream text;
  text << stream.rdbuf();
  ReadTomlText(text.str(), file.string());
}

void ConfigTable::ReadTomlText(const std::string& text, const std::string& file) {
  if (text.size() > (1u << 20)) throw BadInput({file, "size", "at most 1 MiB", std::to_string(text.size()) + " bytes"});
  toml::table table;
  try {
    table = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw BadInput(
        {file, "line " + std::to_string(error.source().begin.line), "valid TOML", std::string(error.description())});
  }
  for (const auto& [section, node] : table) {
    const toml::table* fields = node.as_table();
    if (fields == nullptr) throw BadInput({file, std::string(section.str()), "a [section]", "a bare value"});
    for (const auto& [name, value] : *fields) {
      const std::string key = std::string(section.str()) + "." + std::string(name.str());
      Entry& entry = Find(key, file);
      // A quoted number is a mistake worth naming: only text settings take TOML strings.
      if (value.is_string() != std::holds_alternative<std::string*>(entry.target)) {
        throw BadInput(
            {file, key, value.is_string() ? "an unquoted value" : "text in quotes", ValueText(value, key, file)});
      }
      Assign(entry, ValueText(value, key, file), file);
    }
  }
}

void ConfigTable::Set(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) throw BadInput({"--set", assignment, "section.name=value", "no '='"});
  Assign(Find(assignment.substr(0, equals), "--set"), assignment.substr(equals + 1), "--set");
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
      std::visit(Overload{[&](int* v) { text += std::to_string(*v); }, [&](double* v) { text += DoubleText(*v); },
                          [&](std::uint64_t* v) { text += std::to_string(*v); },
                          [&](bool* v) { text += *v ? "true" : "false"; }, [&](std::string* v) { text += Quote(*v); }},
                 entry.target);
      text += "\n";
    }
  }
  return text;
}

std::string ConfigTable::Help() const {
  std::string text;
  for (const Entry& entry : entries_) {
    std::string type;
    std::visit(
        Overload{[&](int* v) { type = std::to_string(*v) + ", " + RangeText("whole", entry.range); },
                 [&](double* v) { type = DoubleText(*v) + ", " + RangeText("number", entry.range); },
                 [&](std::uint64_t* v) { type = std::to_string(*v); }, [&](bool* v) { type = *v ? "true" : "false"; },
                 [&](std::string* v) { type = Quote(*v) + (entry.choices.empty() ? "" : ", " + Join(entry.choices)); }},
        entry.target);
    text += "  " + entry.key + " (" + type + "): " + entry.help + "\n";
  }
  return text;
}

}  // namespace genba
