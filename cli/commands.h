// commands.h - one function per subcommand: it adds the subcommand, its options and its callback to the
// program. Each lives in cli/<name>.cc: parse, call, print. Errors are thrown as genba::Error; main prints
// them and sets the exit code.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "policies/features.h"

namespace genba::cli {

void AddTasks(CLI::App& app);
void AddCollect(CLI::App& app);
void AddTrain(CLI::App& app);
void AddEval(CLI::App& app);
void AddReplay(CLI::App& app);
void AddData(CLI::App& app);
void AddView(CLI::App& app);
void AddRender(CLI::App& app);
void AddPretrain(CLI::App& app);
void AddEmbed(CLI::App& app);
void AddBench(CLI::App& app);
void AddReport(CLI::App& app);

// --config FILE and --set key=value, applied to a table in that order.
struct ConfigOptions {
  std::string file;
  std::vector<std::string> sets;
  void AddTo(CLI::App& command, const std::string& settings_help);
  void ApplyTo(ConfigTable& table) const;
};

// --backbone DIR and --cache DIR: where the files of a policy's language backbone lie, and where its features are kept.
void AddFeaturePlaces(CLI::App& command, policies::FeaturePlaces& places);

// --json [FILE]: standard output without FILE.
struct JsonOption {
  CLI::Option* option = nullptr;
  std::string file;
  void AddTo(CLI::App& command);
  bool asked() const { return option != nullptr && option->count() > 0; }
  bool to_stdout() const { return asked() && (file.empty() || file == "-"); }
  void Write(const std::string& text) const;  // when asked
};

}  // namespace genba::cli
