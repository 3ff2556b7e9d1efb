// genba eval: how good a policy is, and whether it listens.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/error.h"
#include "envs/disturbances.h"
#include "envs/scene.h"
#include "trainer/evaluation.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::EvalConfig config;
  std::string instructions;
  bool no_probes = false;
  double require = 0;
  ConfigOptions settings;
  JsonOption json;
};

void RegisterSettings(ConfigTable& table, trainer::EvalConfig& config) {
  envs::Register(table, config.disturbances);
  envs::RegisterMaxWanted(table, &config.max_wanted);
}

void Run(Options& options) {
  options.config.instructions = options.instructions;
  options.config.probes = !options.no_probes;
  ConfigTable table;
  RegisterSettings(table, options.config);
  options.settings.ApplyTo(table);
  const trainer::Evaluation evaluation = trainer::Evaluate(options.config);
  KeepInRun(evaluation);
  options.json.Answer(ToJson(evaluation), [&] { std::printf("%s", ToTable(evaluation).c_str()); });
  const std::optional<double> rate = SuccessRate(evaluation);
  if (rate.value_or(0) < options.require) {
    throw Error(ErrorKind::kFailed, "success " + (rate ? std::to_string(*rate) : "–") + " is under --require " +
                                        std::to_string(options.require));
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
                   "JSON lines {\"text\": …, \"order\": …} and, if wanted, \"lang\", \"expect\", \"family\"; they "
                   "replace generated texts")
      ->type_name("FILE");
  command->add_option("--language", options->config.language, "en | ja | both")
      ->check(CLI::IsMember({"en", "ja", "both"}))
      ->capture_default_str();
  AddWhole(*command, "--worlds", &options->config.worlds, 1, 65536, "stepped together; changes nothing");
  AddThreads(*command, &options->config.threads, "0: one per core; changes nothing");
  command
      ->add_option("--suite", options->config.suite,
                   "which rows the table has: splits and language probes (standard); one disturbance, family of "
                   "refusals or aspect "
                   "of counterfactual orders a row; every order in both languages (languages); texts read without "
                   "physics (language)")
      ->check(CLI::IsMember(trainer::SuiteNames()))
      ->capture_default_str();
  command->add_flag("--no-probes", options->no_probes, "the nominal row only");
  AddReal(*command, "--require", &options->require, 0, 1, "exit code 1 when the success rate is lower");
  AddFeaturePlaces(*command, options->config.places);
  ConfigTable table;
  RegisterSettings(table, options->config);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
