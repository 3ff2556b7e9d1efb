#include <iostream>

#include "cli/commands.h"
#include "core/atomic_file.h"

namespace genba::cli {

void ConfigOptions::AddTo(CLI::App& command, const std::string& settings_help) {
  command.add_option("--config", file, "TOML file with settings");
  command.add_option("--set", sets, "one setting, section.name=value (repeatable)")->type_name("KEY=VALUE");
  command.footer("Settings for --config and --set (default, range: meaning):\n" + settings_help);
}

void ConfigOptions::ApplyTo(ConfigTable& table) const {
  if (!file.empty()) table.ReadToml(file);
  for (const std::string& assignment : sets) table.Set(assignment);
}

void AddFeaturePlaces(CLI::App& command, policies::FeaturePlaces& places) {
  command
      .add_option(
          "--backbone", places.backbone,
          "folder of the policy's language backbone; without it: by name beside the program, or where it lay in "
          "training. Its content must be what the policy was trained with")
      ->type_name("DIR");
  command.add_option("--cache", places.cache, "folder that keeps the features of texts")->type_name("DIR");
}

void JsonOption::AddTo(CLI::App& command) {
  option = command.add_option("--json", file, "print JSON for machines, to FILE or standard output")
               ->expected(0, 1)
               ->type_name("[FILE]");
}

void JsonOption::Write(const std::string& text) const {
  if (!asked()) return;
  if (to_stdout()) {
    std::cout << text << "\n";
  } else {
    WriteFileAtomically(file, text + "\n");
  }
}

}  // namespace genba::cli
