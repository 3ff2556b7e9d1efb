// genba replay: simulate stored episodes again and compare every bit.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/error.h"
#include "trainer/replay.h"

namespace genba::cli {

namespace {

struct Options {
  std::string folder;
  std::int64_t episode = -1;
  int threads = 0;
  JsonOption json;
};

void Run(const Options& options) {
  // A shard whose hash is wrong is still played: replay's work is to say where it differs.
  const datasets::Dataset dataset(options.folder, datasets::Integrity::kReport);
  const trainer::ReplayResult result = trainer::Replay(dataset, options.threads, options.episode);
  options.json.Answer(ToJson(result), [&] {
    std::printf("replayed %llu episodes, %llu steps: %llu differ\n", static_cast<unsigned long long>(result.episodes),
                static_cast<unsigned long long>(result.steps), static_cast<unsigned long long>(result.differences));
    if (!result.maker.empty()) {
      std::printf("made by another builder, engine or processor: %s; the states part by %.3g at most\n",
                  result.maker.c_str(), result.largest_state_difference);
    }
  });
  if (result.differences > 0) {
    throw Error(ErrorKind::kFailed, options.folder + ": episode " + std::to_string(result.first.episode) +
                                        " differs first at step " + std::to_string(result.first.step) + " in " +
                                        result.first.field);
  }
}

}  // namespace

void AddReplay(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "replay", "Simulate stored episodes again and compare them bit for bit; exit code 1 when one differs");
  command->add_option("data", options->folder, "folder of the data set")->required();
  AddWhole<std::int64_t>(*command, "--episode", &options->episode, 0, 1000000000,
                         "only this one (position in the data set)")
      ->default_str("all");
  AddThreads(*command, &options->threads, "0: one per core");
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
