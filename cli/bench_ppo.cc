// genba bench ppo: what an iteration of PPO costs.
#include "trainer/bench_ppo.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::PpoJob job;
  ConfigOptions settings;
  JsonOption json;
};

void Run(Options& options) {
  ConfigTable table;
  Register(table, options.job);
  options.settings.ApplyTo(table);
  const nlohmann::json result = BenchPpo(options.job);
  options.json.Answer(result, [&] {
    for (const auto& [key, value] : result.items()) std::printf("%-28s %s\n", key.c_str(), value.dump().c_str());
  });
}

}  // namespace

void AddBenchPpo(CLI::App& bench) {
  auto options = std::make_shared<Options>();
  options->job.ppo.iterations = 20;
  ConfigTable table;
  Register(table, options->job);
  CLI::App* command = bench.add_subcommand("ppo", "iterations of PPO: collection against the worlds' steps, learning");
  command->add_option("task", options->job.ppo.task, "task name")->required();
  AddThreads(*command, &options->job.world_threads, "that step worlds; 0: one per core");
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
