// genba train bc: learn a head from a data set.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/json.h"
#include "trainer/train_bc.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::TrainJob job;
  std::string data, out;
  bool resume = false;
  policies::FeaturePlaces places;
  ConfigOptions settings;
  JsonOption json;
};

// What config.toml keeps of a path: where it is seen from anywhere. Nothing of one that is no UTF-8, which TOML cannot
// hold.
std::string KeptPath(const std::string& path) {
  const std::string absolute = std::filesystem::absolute(path).string();
  return ParseJson(ToText(absolute), "path") == absolute ? absolute : "";
}

nlohmann::json ToJson(const trainer::TrainResult& r, const std::string& out) {
  return {{"out", out},
          {"steps", r.loop.steps},
          {"loss", r.loop.loss ? nlohmann::json(*r.loop.loss) : nlohmann::json()},
          {"seconds", r.loop.seconds},
          {"parameters", r.parameters},
          {"megaflops_per_plan", r.megaflops_per_action},
          {"weights_hash", r.weights_hash}};
}

void Run(Options& options) {
  trainer::RunFolder run(options.out, options.resume);
  ConfigTable table;
  Register(table, options.job);
  run.Resolve(table, [&](ConfigTable& settings) {
    options.settings.ApplyTo(settings);
    if (!options.data.empty()) settings.Set("run.data=" + KeptPath(options.data));
    if (!options.places.backbone.empty()) settings.Set("policy.backbone=" + options.places.backbone);
    // A relative folder would be another one where the run is resumed.
    const std::string& backbone = options.job.policy.features.backbone;
    if (const std::string kept = KeptPath(backbone); !policies::IsOwnBackbone(backbone) && !kept.empty())
      settings.Set("policy.backbone=" + kept);
  });
  if (!options.data.empty()) options.job.data = options.data;
  options.job.policy.features.cache = options.places.cache;
  const trainer::TrainResult r = trainer::TrainBc(options.job, run);
  options.json.Answer(ToJson(r, options.out), [&] {
    std::printf("%s: %lld steps in %.0f s, loss %s, %lld parameters, %.2f MFLOP a plan, weights %s\n",
                options.out.c_str(), static_cast<long long>(r.loop.steps), r.loop.seconds,
                r.loop.loss ? std::to_string(*r.loop.loss).c_str() : "–", static_cast<long long>(r.parameters),
                r.megaflops_per_action, r.weights_hash.c_str());
  });
}

}  // namespace

void AddTrain(CLI::App& app) {
  CLI::App* train = app.add_subcommand("train", "Train a policy");
  train->require_subcommand(1);
  auto options = std::make_shared<Options>();
  ConfigTable table;
  Register(table, options->job);
  CLI::App* command =
      train->add_subcommand("bc", "Behaviour cloning: a head on the frozen language backbone from recorded episodes");
  command->add_option("--data", options->data, "folder of the data set; with --resume, where it lies now if it moved");
  command->add_option("--out", options->out, "run folder")->required();
  command->add_flag("--resume", options->resume,
                    "go on from the newest whole checkpoint, bit for bit; settings and data set are the run's");
  AddFeaturePlaces(*command, options->places);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
