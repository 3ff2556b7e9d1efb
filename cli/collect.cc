// genba collect: play episodes, write a data set.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "trainer/collect.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::CollectConfig config;
  std::optional<std::uint64_t> seed;  // --seed and --policy win over the settings of the same name
  std::optional<std::string> policy;
  std::string out;
  ConfigOptions settings;
  JsonOption json;
};

void Run(Options& options) {
  ConfigTable table;
  Register(table, options.config);
  options.settings.ApplyTo(table);
  options.config.seed = options.seed.value_or(options.config.seed);
  options.config.policy = options.policy.value_or(options.config.policy);
  options.config.out = options.out.empty() ? "data/" + options.config.task : options.out;
  const trainer::CollectResult result = trainer::Collect(options.config, table.ToToml());
  const nlohmann::json json = ToJson(options.config, result);
  options.json.Write(json.dump(2));
  if (options.json.to_stdout()) return;
  std::printf("%s: %llu episodes, %llu steps, success %.1f %%, %llu faults, %zu shards, manifest %s\n",
              options.config.out.c_str(), static_cast<unsigned long long>(result.episodes),
              static_cast<unsigned long long>(result.steps), 100 * json["success_rate"].get<double>(),
              static_cast<unsigned long long>(result.faults), json["shards"].size(),
              json["manifest_sha256"].get<std::string>().substr(0, 16).c_str());
}

}  // namespace

void AddCollect(CLI::App& app) {
  auto options = std::make_shared<Options>();
  ConfigTable table;
  Register(table, options->config);
  CLI::App* command =
      app.add_subcommand("collect", "Play episodes and write them as a data set (continues one that was interrupted)");
  command->add_option("task", options->config.task, "task name, see `genba tasks`")->required();
  command->add_option("--episodes", options->config.episodes, "episodes the data set shall have")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "of scenes, instructions and noise")
      ->default_str(std::to_string(options->config.seed));
  command->add_option("--policy", options->policy, "expert | random | zero | a run folder")
      ->default_str(options->config.policy);
  command->add_option("--out", options->out, "folder of the data set (default data/TASK)");
  command->add_option("--threads", options->config.threads, "0: one per core; changes no byte")
      ->check(CLI::Range(0, 4096));
  AddFeaturePlaces(*command, options->config.places);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
