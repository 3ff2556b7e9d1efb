// commands.h - one function per subcommand: it adds the subcommand, its options and its callback to the
// program. Each lives in cli/<name>.cc: parse, call, print. Errors are thrown as genba::Error; main prints
// them and sets the exit code.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/numbers.h"
#include "policies/features.h"

namespace genba::cli {

void AddTasks(CLI::App& app);
void AddCollect(CLI::App& app);
void AddTrain(CLI::App& app);
void AddEval(CLI::App& app);
void AddReplay(CLI::App& app);
void AddData(CLI::App& app);
void AddDiff(CLI::App& app);
void AddView(CLI::App& app);
void AddRender(CLI::App& app);
void AddPretrain(CLI::App& app);
void AddEmbed(CLI::App& app);
void AddAsk(CLI::App& app);
void AddProbe(CLI::App& app);
void AddBench(CLI::App& app);
void AddBenchPpo(CLI::App& bench);  // of genba bench, as the next
void AddBenchComm(CLI::App& bench);
void AddReport(CLI::App& app);

// Options whose numbers are read strictly (core/numbers.h). The value is the default until it is given.
template <class T>
CLI::Option* AddWhole(CLI::App& command, const std::string& name, T* value, T low, T high, const std::string& help) {
  return command
      .add_option_function<std::string>(
          name, [=](const std::string& text) { *value = ParseWhole(text, low, high, name, ""); }, help)
      ->type_name("N in [" + std::to_string(low) + ", " + std::to_string(high) + "]")
      ->default_str(std::to_string(*value));
}
CLI::Option* AddReal(CLI::App& command, const std::string& name, double* value, double low, double high,
                     const std::string& help);
CLI::Option* AddSeed(CLI::App& command, std::uint64_t* seed, const std::string& help);
CLI::Option* AddThreads(CLI::App& command, int* threads, const std::string& help);

// A file that will be written: tried when the command line is read, before any work.
CLI::Option* AddOutput(CLI::App& command, const std::string& name, std::string* file, const std::string& help);

// --config FILE and --set key=value, applied to a table in that order.
struct ConfigOptions {
  std::string file;
  std::vector<std::string> sets;
  void AddTo(CLI::App& command, const std::string& settings_help);
  void ApplyTo(ConfigTable& table) const;
};

// --backbone DIR and --cache DIR: where the files of a policy's language backbone lie, and where its features are kept.
void AddFeaturePlaces(CLI::App& command, policies::FeaturePlaces& places);

// --json [FILE]: standard output without FILE, or with "-".
struct JsonOption {
  std::string file;  // "" when it was not asked for
  void AddTo(CLI::App& command);
  bool to_stdout() const { return file == "-"; }
  // The answer of a command: JSON on standard output, or print() for people and then FILE, when there is one; so that a
  // FILE that fails costs no result.
  void Answer(const nlohmann::json& json, const std::function<void()>& print) const;
};

// Everything on standard output has arrived, or Error(kEnvironment).
void FinishOutput();

}  // namespace genba::cli
