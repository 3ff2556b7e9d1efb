// training.h - the commands of `genba train`: what every learner is told, and the one way in which its command goes. A
// learner's command is a struct that AddLearner is given; the call is its registration. Called by cli/train.cc; main
// thread. Failure: Error.
//
//   struct ExampleLearning {
//     ExampleJob job;                                    // Register(ConfigTable&, ExampleJob&) is found beside it
//     void ShareOut(int ranks);                          // settings of a run that begins on several ranks
//     Learned Train(trainer::Comm& comm, trainer::RunFolder& run);
//     void AddTo(CLI::App& command);                     // where it has options of its own
//     std::vector<GivenSetting> Given(bool resumes);     // and settings that they stand for
//   };
#pragma once
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/ranks.h"
#include "trainer/run_folder.h"

namespace genba::cli {

// What training is told, whatever it learns from.
struct RunOptions {
  std::string out;
  bool resume = false;
  policies::FeaturePlaces places;
  RankOptions ranks;
  ConfigOptions settings;
  std::string trace;
  JsonOption json;
  void AddTo(CLI::App& command, const std::string& settings_help);
};

struct GivenSetting {
  std::string option, key;
  std::vector<std::string> values;  // several of a list only
};

// --trace FILE: of all learners, pretraining too.
void AddTrace(CLI::App& command, std::string* file);

// What a command answers with, for machines and in a line.
struct Learned {
  nlohmann::json json;
  std::string line;
};

// What config.toml keeps of a path: where it is seen from anywhere. Nothing of one that is no UTF-8, which TOML cannot
// hold.
std::string KeptPath(const std::string& path);
std::vector<std::string> KeptPaths(const std::vector<std::string>& paths);

// The backbone as it is given, or as it stands in the settings, from where it is seen.
void KeepBackbone(const policies::FeaturePlaces& given, policies::FeatureConfig& features, ConfigTable& settings);

template <class Learning>
void RunLearning(Learning& learning, const RunOptions& given) {
  const Ranks ranks(given.ranks);
  trainer::Comm& comm = ranks.comm();
  trainer::RunFolder run(given.out, given.resume, comm.rank() == 0);
  run.set_trace(given.trace);
  if (comm.size() > 1 && !run.resumes()) learning.ShareOut(comm.size());
  std::vector<GivenSetting> own;
  if constexpr (requires { learning.Given(true); }) own = learning.Given(run.resumes());
  ConfigTable table;
  Register(table, learning.job);
  run.Resolve(table, [&](ConfigTable& settings) {
    given.settings.ApplyTo(settings);
    for (const GivenSetting& setting : own) settings.Set(setting.key, setting.values, setting.option);
    if constexpr (requires { learning.job.policy; }) KeepBackbone(given.places, learning.job.policy.features, settings);
  });
  const Learned learned = learning.Train(comm, run);
  if (comm.rank() == 0)
    given.json.Answer(learned.json, [&] { std::printf("%s: %s\n", given.out.c_str(), learned.line.c_str()); });
}

template <class Learning>
void AddLearner(CLI::App& train, const std::string& name, const std::string& help) {
  struct Options {
    Learning learning;
    RunOptions run;
  };
  auto options = std::make_shared<Options>();
  ConfigTable table;
  Register(table, options->learning.job);
  CLI::App* command = train.add_subcommand(name, help);
  if constexpr (requires { options->learning.AddTo(*command); }) options->learning.AddTo(*command);
  options->run.AddTo(*command, table.Help());
  command->callback([options] { RunLearning(options->learning, options->run); });
}

}  // namespace genba::cli
