// genba probe: how well a language backbone can be read.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/table.h"
#include "trainer/probe.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::ProbeConfig config;
  ConfigOptions settings;
  JsonOption json;
};

nlohmann::json ToJson(const trainer::ProbeResult& result) {
  nlohmann::json rows = nlohmann::json::array();
  for (const trainer::ProbeRow& row : result.rows)
    rows.push_back({{"row", row.name},
                    {"items", row.items},
                    {"exact", row.exact},
                    {"answered", row.answered},
                    {"acted", row.acted}});
  return {{"rows", rows},
          {"calibration", policies::ToJson(result.calibration)},
          {"calibration_error", result.calibration_error},
          {"parameters", result.parameters},
          {"seconds", result.seconds},
          {"texts_per_s", result.texts_per_s}};
}

void Run(Options& options) {
  ConfigTable table;
  Register(table, options.config);
  options.settings.ApplyTo(table);
  const trainer::ProbeResult result = trainer::RunProbe(options.config);
  options.json.Answer(ToJson(result), [&] {
    std::printf("%-34s %6s %8s %8s %8s\n", "row", "texts", "exact", "right", "acts");
    for (const trainer::ProbeRow& row : result.rows)
      std::printf("%-34s %6d %7.1f%% %7.1f%% %7.1f%%\n", row.name.c_str(), row.items, 100 * row.exact,
                  100 * row.answered, 100 * row.acted);
    std::printf("acts from probability %.3f on, at temperature %.2f; expected calibration error %.3f\n",
                result.calibration.threshold, result.calibration.temperature, result.calibration_error);
    std::printf("%lld parameters, %.0f s, %.0f texts read a second\n", static_cast<long long>(result.parameters),
                result.seconds, result.texts_per_s);
  });
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
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
