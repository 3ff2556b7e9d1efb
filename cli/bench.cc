// genba bench: honest figures with their settings.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "trainer/bench.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::BenchConfig config;
  JsonOption json;
};

void AddOne(CLI::App& bench, const char* name, const char* help, nlohmann::json (*run)(const trainer::BenchConfig&)) {
  auto options = std::make_shared<Options>();
  CLI::App* command = bench.add_subcommand(name, help);
  command->add_option("task", options->config.task, "task name")->required();
  AddWhole(*command, "--worlds", &options->config.worlds, 1, 65536, "stepped together");
  AddThreads(*command, &options->config.threads, "0: one per core");
  AddWhole(*command, "--steps", &options->config.steps, 1, 1000000, "control steps of each kind, alternating");
  options->json.AddTo(*command);
  command->callback([options, run] {
    const nlohmann::json result = run(options->config);
    options->json.Answer(result, [&] {
      for (const auto& [key, value] : result.items()) std::printf("%-24s %s\n", key.c_str(), value.dump().c_str());
    });
  });
}

}  // namespace

void AddBench(CLI::App& app) {
  CLI::App* bench =
      app.add_subcommand("bench", "Measure: environment step, collection, PPO and ranks against what they are made of");
  bench->require_subcommand(1);
  AddOne(*bench, "sim", "the environment's step against mjb_step on the same models and controls", trainer::BenchSim);
  AddBenchPpo(*bench);
  AddOne(*bench, "collect", "episodes into files against bare physics", trainer::BenchCollect);
  AddBenchComm(*bench);
}

}  // namespace genba::cli
