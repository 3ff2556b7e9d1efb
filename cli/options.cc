#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"

namespace genba::cli {

CLI::Option* AddReal(CLI::App& command, const std::string& name, double* value, double low, double high,
                     const std::string& help) {
  return command
      .add_option_function<std::string>(
          name, [=](const std::string& text) { *value = ParseReal(text, low, high, name, ""); }, help)
      ->type_name("NUMBER in [" + RealText(low) + ", " + RealText(high) + "]")
      ->default_str(RealText(*value));
}

CLI::Option* AddSeed(CLI::App& command, std::uint64_t* seed, const std::string& help) {
  return AddWhole(command, "--seed", seed, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(), help)
      ->type_name("N in [0, 2^64 - 1]");
}

CLI::Option* AddThreads(CLI::App& command, int* threads, const std::string& help) {
  return AddWhole(command, "--threads", threads, 0, 4096, help);
}

CLI::Option* AddOutput(CLI::App& command, const std::string& name, std::string* file, const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [=](const std::string& text) {
            CheckWritableTarget(text);
            *file = text;
          },
          help)
      ->type_name("FILE");
}

void ConfigOptions::AddTo(CLI::App& command, const std::string& settings_help) {
  command.add_option("--config", file, "TOML file with settings, at most 1 MiB")->type_name("FILE");
  command.add_option("--set", sets, "one setting, section.name=value (repeatable)")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
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
  command
      .add_option_function<std::string>(
          "--json",
          [this](const std::string& text) {
            if (text != "-") CheckWritableTarget(text);
            file = text;
          },
          "print JSON for machines: to standard output, or to FILE. The word behind it is FILE when the command has no "
          "other place for it (where any number of texts may stand: when it ends in .json); --json=FILE always is")
      ->type_name("[FILE]");
}

void JsonOption::Answer(const nlohmann::json& json, const std::function<void()>& print) const {
  if (to_stdout()) {
    std::cout << ToText(json) << "\n";
    return;
  }
  print();
  std::fflush(stdout);
  if (!file.empty()) WriteFileAtomically(file, ToText(json) + "\n");
}

void FinishOutput() {
  std::cout.flush();
  errno = 0;
  bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout;
  const int copy = lost ? -1 : ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  if (copy >= 0) lost = ::close(copy) != 0;  // some file systems say only now that there is no room
  if (lost) throw SystemError("write", "standard output", errno != 0 ? errno : EIO);
}

}  // namespace genba::cli
