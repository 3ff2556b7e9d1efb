// genba train: learn a head from a data set (bc), or from the worlds themselves (ppo).
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/ranks.h"
#include "core/json.h"
#include "trainer/train_bc.h"
#include "trainer/train_ppo.h"

namespace genba::cli {

namespace {

struct Options {
  trainer::TrainJob job;
  std::string data, out;
  bool resume = false;
  policies::FeaturePlaces places;
  ConfigOptions settings;
  RankOptions ranks;
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

// What the command line says, over what the run folder has.
template <class Job>
void Resolve(trainer::RunFolder& run, const ConfigOptions& given, const policies::FeaturePlaces& places,
             const std::string& own, Job& job) {
  ConfigTable table;
  Register(table, job);
  run.Resolve(table, [&](ConfigTable& settings) {
    given.ApplyTo(settings);
    if (!own.empty()) settings.Set(own);
    if (!places.backbone.empty()) settings.Set("policy.backbone=" + places.backbone);
    // A relative folder would be another one where the run is resumed.
    const std::string& backbone = job.policy.features.backbone;
    if (const std::string kept = KeptPath(backbone); !policies::IsOwnBackbone(backbone) && !kept.empty())
      settings.Set("policy.backbone=" + kept);
  });
  job.policy.features.cache = places.cache;
}

// Of a run that begins on several ranks: a shard each, and a thread each, unless something else is asked for.
void ShareOut(int ranks, const trainer::RunFolder& run, trainer::TrainConfig& config) {
  if (ranks == 1 || run.resumes()) return;
  config.shards = ranks;
  config.threads = 1;
}

void Run(Options& options) {
  const Ranks ranks(options.ranks);
  trainer::Comm& comm = ranks.comm();
  trainer::RunFolder run(options.out, options.resume, comm.rank() == 0);
  ShareOut(comm.size(), run, options.job.trainer);
  Resolve(run, options.settings, options.places, options.data.empty() ? "" : "run.data=" + KeptPath(options.data),
          options.job);
  if (!options.data.empty()) options.job.data = options.data;
  const trainer::TrainResult r = trainer::TrainBc(options.job, comm, run);
  if (comm.rank() != 0) return;
  options.json.Answer(ToJson(r, options.out), [&] {
    std::printf("%s: %lld steps in %.0f s, loss %s, %lld parameters, %.2f MFLOP a plan, weights %s\n",
                options.out.c_str(), static_cast<long long>(r.loop.steps), r.loop.seconds,
                r.loop.loss ? std::to_string(*r.loop.loss).c_str() : "–", static_cast<long long>(r.parameters),
                r.megaflops_per_action, r.weights_hash.c_str());
  });
}

struct PpoOptions {
  trainer::PpoJob job;
  std::string task, out;
  bool resume = false;
  policies::FeaturePlaces places;
  ConfigOptions settings;
  JsonOption json;
};

void RunPpo(PpoOptions& options) {
  trainer::RunFolder run(options.out, options.resume);
  Resolve(run, options.settings, options.places, options.task.empty() ? "" : "run.task=" + options.task, options.job);
  const trainer::PpoResult r = trainer::TrainPpo(options.job, run);
  const nlohmann::json answer{{"out", options.out},         {"steps", r.loop.steps},
                              {"env_steps", r.env_steps},   {"seconds", r.loop.seconds},
                              {"parameters", r.parameters}, {"megaflops_per_step", r.megaflops_per_action}};
  options.json.Answer(answer, [&] {
    std::printf("%s: %lld steps of worlds in %.0f s, %lld parameters, %.2f MFLOP a step\n", options.out.c_str(),
                static_cast<long long>(r.env_steps), r.loop.seconds, static_cast<long long>(r.parameters),
                r.megaflops_per_action);
  });
}

void AddPpo(CLI::App& train) {
  auto options = std::make_shared<PpoOptions>();
  ConfigTable table;
  Register(table, options->job);
  CLI::App* command = train.add_subcommand(
      "ppo", "Proximal policy optimisation: words from texts, then motion from the worlds themselves");
  command->add_option("task", options->task, "what is learned; with --resume, the run's");
  command->add_option("--out", options->out, "run folder")->required();
  command->add_flag("--resume", options->resume, "go on from the newest whole checkpoint, bit for bit");
  AddWhole(*command, "--threads", &options->job.world_threads, 0, 1024, "that step worlds; 0: one per core");
  AddFeaturePlaces(*command, options->places);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { RunPpo(*options); });
}

}  // namespace

void AddTrain(CLI::App& app) {
  CLI::App* train = app.add_subcommand("train", "Train a policy");
  train->require_subcommand(1);
  AddPpo(*train);
  auto options = std::make_shared<Options>();
  ConfigTable table;
  Register(table, options->job);
  CLI::App* command =
      train->add_subcommand("bc", "Behaviour cloning: a head on the frozen language backbone from recorded episodes");
  command->add_option("--data", options->data, "folder of the data set; with --resume, where it lies now if it moved");
  command->add_option("--out", options->out, "run folder")->required();
  command->add_flag("--resume", options->resume,
                    "go on from the newest whole checkpoint, bit for bit; settings and data set are the run's");
  options->ranks.AddTo(*command);
  AddFeaturePlaces(*command, options->places);
  options->settings.AddTo(*command, table.Help());
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
