// genba probe: how well a language backbone can be read.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/probe_tables.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::ProbeConfig config;
  bool baselines = false, leave_one_out = false;
  std::string against;  // another backbone
  ConfigOptions settings;
  JsonOption json;
};

template <class Result, class... Names>
void Say(const Options& options, const Result& result, const Names&... names) {
  options.json.Answer(ToJson(result), [&] { Print(result, names...); });
}

void Run(Options& options) {
  ConfigTable table;
  Register(table, options.config);
  options.settings.ApplyTo(table);
  const std::string backbone = policies::BackboneName(options.config.features.backbone);
  if (options.baselines) return Say(options, RunBaselines(options.config), backbone);
  if (options.leave_one_out) return Say(options, RunLeaveOneOut(options.config));
  if (options.against.empty()) return Say(options, RunProbe(options.config));
  Say(options, RunPair(options.config, options.against), options.config.features.backbone, options.against);
}

void AddComparisons(CLI::App& command, Options& options) {
  CLI::Option* baselines = command.add_flag(
      "--baselines", options.baselines,
      "beside a keyword spotter, the sentences as ids, a bag of words and a random network: three trainings");
  CLI::Option* against = command.add_option(
      "--against", options.against, "another backbone on the same texts; differences with a paired 95 % interval");
  CLI::Option* leave_one_out = command.add_flag(
      "--leave-one-out", options.leave_one_out,
      "how each family of refusals is answered when it was not learned from; 22 trainings, shorter with probe.steps");
  baselines->excludes(against, leave_one_out);
  against->excludes(leave_one_out);
}

}  // namespace

void AddProbe(CLI::App& app) {
  auto options = std::make_shared<Options>();
  ConfigTable table;
  Register(table, options->config);
  CLI::App* command =
      app.add_subcommand("probe", "Train only the reading part on a backbone, and print how well it reads");
  command->add_option("--task", options->config.task, "pick_bin | reach")->capture_default_str();
  command
      ->add_option("--backbone", options->config.features.backbone, "default | bag_of_words | random | a model folder")
      ->capture_default_str();
  command->add_option("--cache", options->config.features.cache, "folder that keeps features");
  AddComparisons(*command, *options);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
