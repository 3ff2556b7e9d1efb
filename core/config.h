// config.h - one table of named settings over plain config structs: TOML file, --set key=value, help and the
// resolved dump. A module keeps `struct XConfig` with defaults and `void Register(ConfigTable&, XConfig&)`;
// the struct must outlive the table. Single-threaded, at start-up. Failure: unknown key, wrong type, out of
// range → Error(kBadInput) naming key and range.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace genba {

struct Range {  // both ends allowed
  double low;
  double high;
};

class ConfigTable {
 public:
  // key is "section.name"; help is one line with the unit.
  void Add(const std::string& key, int* value, Range range, const std::string& help);
  void Add(const std::string& key, double* value, Range range, const std::string& help);
  void Add(const std::string& key, std::uint64_t* value, const std::string& help);
  void Add(const std::string& key, bool* value, const std::string& help);
  void Add(const std::string& key, std::string* value, const std::string& help,
           std::vector<std::string> choices = {});  // no choices: any text
  // Lists: a TOML array, or one value for a list of one.
  void Add(const std::string& key, std::vector<double>* value, Range range, const std::string& help);
  void Add(const std::string& key, std::vector<std::string>* value, const std::string& help,
           std::vector<std::string> choices = {});

  void ReadToml(const std::filesystem::path& file);
  void ReadTomlText(const std::string& text, const std::string& file);
  void Set(const std::string& assignment);  // "trainer.steps=2000", "trainer.weights=[0.7, 0.3]"
  // What an option of its own stands for; said_by names it in refusals.
  void Set(const std::string& key, const std::vector<std::string>& values, const std::string& said_by);
  std::string ToToml() const;  // every setting, resolved; ReadTomlText(ToToml()) changes nothing
  std::string Help() const;    // key, default, range, help; one per line

 private:
  using Target =
      std::variant<int*, double*, std::uint64_t*, bool*, std::string*, std::vector<double>*, std::vector<std::string>*>;
  struct Entry {
    std::string key;
    Target target;
    Range range{0, 0};
    std::vector<std::string> choices;
    std::string help;
  };
  void Append(Entry entry);
  Entry& Find(const std::string& key, const std::string& file);
  // texts: of one value, or of each of a list.
  void Assign(Entry& entry, const std::vector<std::string>& texts, const std::string& file);

  std::vector<Entry> entries_;
};

}  // namespace genba
