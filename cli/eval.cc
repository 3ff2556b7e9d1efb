// genba eval: how good a policy is, and whether it listens.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "trainer/evaluate.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::EvalConfig config;
  std::string instructions;
  bool no_probes = false;
  double require = 0;
  JsonOption json;
};

// A run keeps its evaluations, for the report.
void KeepInRun(const trainer::EvalConfig& config, const std::string& text) try {
  const std::filesystem::path run = config.policy;
  if (!std::filesystem::exists(run / "config.toml")) return;
  std::filesystem::create_directories(run / "eval");
  WriteFileAtomically(run / "eval" / (config.task + "-" + std::to_string(config.seed) + ".json"), text + "\n");
} catch (const std::exception& error) {
  LogWarning(std::string("the evaluation is not kept in the run: ") + error.what());
}

void Run(Options& options) {
  options.config.instructions = options.instructions;
  options.config.probes = !options.no_probes;
  const trainer::Evaluation evaluation = trainer::Evaluate(options.config);
  const nlohmann::json json = ToJson(evaluation);
  options.json.Answer(json, [&] { std::printf("%s", ToTable(evaluation).c_str()); });
  KeepInRun(options.config, ToText(json));
  const double rate = json["success"]["rate"];
  if (rate < options.require) {
    throw Error(ErrorKind::kFailed,
                "success " + std::to_string(rate) + " is under --require " + std::to_string(options.require));
  }
}

}  // namespace

void AddEval(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "eval", "Success on held-out seeds with interval, by language and split, and the language probes");
  command->add_option("task", options->config.task, "task name, see `genba tasks`")->required();
  command->add_option("--policy", options->config.policy, "expert | random | zero | a run folder | a checkpoint folder")
      ->required();
  AddWhole(*command, "--episodes", &options->config.episodes, 1, 1000000, "of every row of the table");
  AddSeed(*command, &options->config.seed, "of scenes and instructions; not one that was trained on");
  command
      ->add_option("--instructions", options->instructions,
                   "JSON lines {\"order\": …, \"text\": …} that replace generated texts")
      ->type_name("FILE");
  command->add_option("--language", options->config.language, "en | ja | both")
      ->check(CLI::IsMember({"en", "ja", "both"}))
      ->capture_default_str();
  AddWhole(*command, "--worlds", &options->config.worlds, 1, 65536, "stepped together; changes nothing");
  AddThreads(*command, &options->config.threads, "0: one per core; changes nothing");
  command->add_flag("--no-probes", options->no_probes, "the nominal row only");
  AddReal(*command, "--require", &options->require, 0, 1, "exit code 1 when the success rate is lower");
  AddFeaturePlaces(*command, options->config.places);
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
