// genba train bc: learn a head from a data set.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "trainer/train_bc.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::TrainJob job;
  std::string data, out;
  policies::FeaturePlaces places;
  ConfigOptions settings;
  JsonOption json;
};

void RegisterAll(ConfigTable& table, trainer::TrainJob& job) {
  trainer::Register(table, job.trainer);
  policies::Register(table, job.policy);
}

void Run(Options& options) {
  trainer::TrainJob& job = options.job;
  job.data = options.data;
  job.out = options.out;
  ConfigTable table;
  RegisterAll(table, job);
  options.settings.ApplyTo(table);
  if (!options.places.backbone.empty()) job.policy.features.backbone = options.places.backbone;
  job.policy.features.cache = options.places.cache;
  job.config_toml = table.ToToml();
  const trainer::TrainResult r = trainer::TrainBc(job);
  const nlohmann::json json{
      {"out", job.out.string()},       {"steps", r.steps},           {"loss", r.loss},
      {"seconds", r.seconds},          {"parameters", r.parameters}, {"megaflops_per_plan", r.megaflops_per_action},
      {"weights_hash", r.weights_hash}};
  options.json.Answer(json, [&] {
    std::printf("%s: %lld steps in %.0f s, loss %.4f, %lld parameters, %.2f MFLOP a plan, weights %s\n",
                job.out.c_str(), static_cast<long long>(r.steps), r.seconds, r.loss,
                static_cast<long long>(r.parameters), r.megaflops_per_action, r.weights_hash.c_str());
  });
}

}  // namespace

void AddTrain(CLI::App& app) {
  CLI::App* train = app.add_subcommand("train", "Train a policy");
  train->require_subcommand(1);
  auto options = std::make_shared<Options>();
  ConfigTable table;
  RegisterAll(table, options->job);
  CLI::App* command =
      train->add_subcommand("bc", "Behaviour cloning: a head on the frozen language backbone from recorded episodes");
  command->add_option("--data", options->data, "folder of the data set")->required();
  command->add_option("--out", options->out, "run folder")->required();
  command->add_flag("--resume", options->job.resume, "go on from the newest whole checkpoint (bit for bit)");
  AddFeaturePlaces(*command, options->places);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
