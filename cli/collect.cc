// genba collect: play episodes, write a data set.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "cli/table.h"
#include "trainer/collect.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::CollectConfig config;
  CLI::Option* seed_given = nullptr;  // --seed and --policy win over the settings of the same name
  std::uint64_t seed = 0;
  std::optional<std::string> policy;
  std::string out;
  ConfigOptions settings;
  JsonOption json;
};

void Run(Options& options) {
  ConfigTable table;
  Register(table, options.config);
  options.settings.ApplyTo(table);
  options.config.seed = options.seed_given->empty() ? options.config.seed : options.seed;
  options.config.policy = options.policy.value_or(options.config.policy);
  options.config.out = options.out.empty() ? "data/" + options.config.task : options.out;
  const trainer::CollectResult result = trainer::Collect(options.config);
  const nlohmann::json json = ToJson(options.config, result);
  options.json.Answer(json, [&] {
    std::printf("%s: %llu episodes, %llu steps, success %s, %llu faults, %zu shards, manifest %s\n",
                options.config.out.c_str(), static_cast<unsigned long long>(result.episodes),
                static_cast<unsigned long long>(result.steps), Percent(json["success_rate"]).c_str(),
                static_cast<unsigned long long>(result.faults), json["shards"].size(),
                json["manifest_sha256"].get<std::string>().substr(0, 16).c_str());
  });
}

}  // namespace

void AddCollect(CLI::App& app) {
  auto options = std::make_shared<Options>();
  ConfigTable table;
  Register(table, options->config);
  CLI::App* command =
      app.add_subcommand("collect", "Play episodes and write them as a data set (continues one that was interrupted)");
  command->add_option("task", options->config.task, "task name, see `genba tasks`")->required();
  AddWhole<std::uint64_t>(*command, "--episodes", &options->config.episodes, 1, 1000000000,
                          "episodes the data set shall have");
  options->seed = options->config.seed;
  options->seed_given = AddSeed(*command, &options->seed, "of scenes, instructions and noise");
  command->add_option("--policy", options->policy, "expert | random | zero | a run folder")
      ->default_str(options->config.policy);
  command->add_option("--out", options->out, "folder of the data set (default data/TASK)");
  AddThreads(*command, &options->config.threads, "0: one per core; changes no byte");
  AddFeaturePlaces(*command, options->config.places);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
