// Settings from a TOML file (--config, a run's config.toml) and from --set.
#include "core/config.h"
#include "core/error.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {
namespace {

struct Settings {
  int count = 3;
  double rate = 0.5;
  std::uint64_t seed = 1;
  bool fast = true;
  std::string name = "chunk", choice = "a";
  std::vector<double> weights = {0.5};
  std::vector<std::string> folders;
};

void Register(ConfigTable& table, Settings& s) {
  table.Add("part.count", &s.count, {1, 100}, "how many");
  table.Add("part.rate", &s.rate, {0, 10}, "1/s");
  table.Add("part.seed", &s.seed, "seed");
  table.Add("part.fast", &s.fast, "quickly");
  table.Add("other.name", &s.name, "any text");
  table.Add("other.choice", &s.choice, "one of two", {"a", "b"});
  table.Add("other.weights", &s.weights, {0, 10}, "numbers");
  table.Add("other.folders", &s.folders, "texts");
}

}  // namespace

std::vector<std::string> Seeds() {
  Settings settings;
  settings.name = "赤い \"bolt\"\n";
  ConfigTable table;
  Register(table, settings);
  return {table.ToToml(),
          "[part]\ncount = 31 # thirty-one\nrate = 1e0\nseed = 9223372036854775807\n"
          "[other]\nname = '''a\nb'''\n",
          "[other]\nweights = [1, 2.5]\nfolders = ['a', \"b\"]\n",
          "part.count = 7\nother = {name = \"x\", choice = \"b\"}\n"};
}

void Feed(std::string_view input) {
  Settings settings;
  ConfigTable table;
  Register(table, settings);
  table.ReadTomlText(std::string(input), "fuzz");
  GENBA_CHECK(settings.count >= 1 && settings.count <= 100, "what is read is in range");
  const std::string text = table.ToToml();
  table.ReadTomlText(text, "own");
  GENBA_CHECK(table.ToToml() == text, "own settings read back");
}

}  // namespace genba::fuzz
