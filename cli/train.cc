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

// What training is told, whatever it learns from.
struct RunOptions {
  std::string out;
  bool resume = false;
  policies::FeaturePlaces places;
  ConfigOptions settings;
  JsonOption json;
  void AddTo(CLI::App& command, const std::string& settings_help) {
    command.add_option("--out", out, "run folder")->required();
    command.add_flag(
        "--resume", resume,
        "go on from the newest whole checkpoint, bit for bit; settings and what is learned from are the run's");
    AddFeaturePlaces(command, places);
    settings.AddTo(command, settings_help);
    json.AddTo(command);
  }
};

struct BcOptions {
  trainer::TrainJob job;
  std::string data;
  RankOptions ranks;
  RunOptions run;
};

struct PpoOptions {
  trainer::PpoJob job;
  std::string task, from;
  RankOptions ranks;
  RunOptions run;
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

// What the command line says, over what the run folder has. own: a setting that has an option of its own.
template <class Job>
void Resolve(trainer::RunFolder& run, const RunOptions& given, const std::string& own, Job& job) {
  ConfigTable table;
  Register(table, job);
  run.Resolve(table, [&](ConfigTable& settings) {
    given.settings.ApplyTo(settings);
    if (!own.empty()) settings.Set(own);
    if (!given.places.backbone.empty()) settings.Set("policy.backbone=" + given.places.backbone);
    // A relative folder would be another one where the run is resumed.
    const std::string& backbone = job.policy.features.backbone;
    if (const std::string kept = KeptPath(backbone); !policies::IsOwnBackbone(backbone) && !kept.empty())
      settings.Set("policy.backbone=" + kept);
  });
  job.policy.features.cache = given.places.cache;
}

// Of a run that begins on several ranks: a shard each, and a thread each, unless something else is asked for.
template <class Config>
void ShareOut(int ranks, const trainer::RunFolder& run, Config& config) {
  if (ranks == 1 || run.resumes()) return;
  config.shards = ranks;
  config.threads = 1;
}

void RunBc(BcOptions& options) {
  const Ranks ranks(options.ranks);
  trainer::Comm& comm = ranks.comm();
  trainer::RunFolder run(options.run.out, options.run.resume, comm.rank() == 0);
  ShareOut(comm.size(), run, options.job.trainer);
  Resolve(run, options.run, options.data.empty() ? "" : "run.data=" + KeptPath(options.data), options.job);
  if (!options.data.empty()) options.job.data = options.data;
  const trainer::TrainResult r = trainer::TrainBc(options.job, comm, run);
  if (comm.rank() != 0) return;
  options.run.json.Answer(ToJson(r, options.run.out), [&] {
    std::printf("%s: %lld steps in %.0f s, loss %s, %lld parameters, %.2f MFLOP a plan, weights %s\n",
                options.run.out.c_str(), static_cast<long long>(r.loop.steps), r.loop.seconds,
                r.loop.loss ? std::to_string(*r.loop.loss).c_str() : "–", static_cast<long long>(r.parameters),
                r.megaflops_per_action, r.weights_hash.c_str());
  });
}

void RunPpo(PpoOptions& options) {
  const Ranks ranks(options.ranks);
  trainer::Comm& comm = ranks.comm();
  trainer::RunFolder run(options.run.out, options.run.resume, comm.rank() == 0);
  ShareOut(comm.size(), run, options.job.ppo);
  if (!options.task.empty()) options.job.ppo.task = options.task;
  if (!options.from.empty() && !run.resumes()) trainer::BeginFrom(KeptPath(options.from), options.job);
  Resolve(run, options.run, options.task.empty() ? "" : "run.task=" + options.task, options.job);
  const trainer::PpoResult r = trainer::TrainPpo(options.job, comm, run);
  if (comm.rank() != 0) return;
  const nlohmann::json answer{{"out", options.run.out},     {"steps", r.loop.steps},
                              {"env_steps", r.env_steps},   {"seconds", r.loop.seconds},
                              {"parameters", r.parameters}, {"megaflops_per_step", r.megaflops_per_action}};
  options.run.json.Answer(answer, [&] {
    std::printf("%s: %lld steps of worlds in %.0f s, %lld parameters, %.2f MFLOP a step\n", options.run.out.c_str(),
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
  command->add_option("--from", options->from,
                      "a run or checkpoint: its policy goes on learning, with what it reads as it is");
  AddWhole(*command, "--threads", &options->job.world_threads, 0, 1024, "that step worlds; 0: one per core");
  options->ranks.AddTo(*command);
  options->run.AddTo(*command, table.Help());
  command->callback([options] { RunPpo(*options); });
}

void AddBc(CLI::App& train) {
  auto options = std::make_shared<BcOptions>();
  ConfigTable table;
  Register(table, options->job);
  CLI::App* command =
      train.add_subcommand("bc", "Behaviour cloning: a head on the frozen language backbone from recorded episodes");
  command->add_option("--data", options->data, "folder of the data set; with --resume, where it lies now if it moved");
  options->ranks.AddTo(*command);
  options->run.AddTo(*command, table.Help());
  command->callback([options] { RunBc(*options); });
}

}  // namespace

void AddTrain(CLI::App& app) {
  CLI::App* train = app.add_subcommand("train", "Train a policy");
  train->require_subcommand(1);
  AddBc(*train);
  AddPpo(*train);
}

}  // namespace genba::cli
