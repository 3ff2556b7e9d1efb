// genba report: one HTML file about a run.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "trainer/evaluation.h"
#include "trainer/report.h"
#include "viewer/session.h"

namespace genba::cli {

namespace {

constexpr int kFailures = 4, kSuccesses = 2, kFrames = 6;  // pictures
constexpr int kEpisodes = 50;                              // of a run that was not evaluated yet

struct Options {
  std::string run, task, out;
  std::uint64_t seed = 100000;
  policies::FeaturePlaces places;
  std::vector<std::string> baselines, beside;
  trainer::ReportOptions report;
};

// The episode is played once; its pictures are frames of what happened.
trainer::Strip PlayStrip(viewer::LiveSession& live, sim::OffscreenRenderer& renderer) {
  while (!live.ended()) {
    CheckInterrupt();
    live.Step();
  }
  const datasets::Episode& episode = live.episode();
  trainer::Strip strip;
  strip.failed = !episode.success;
  strip.title = "episode " + std::to_string(episode.index) + ": " + episode.text + "  –  " +
                (episode.success ? "success after " + std::to_string(episode.num_steps) + " steps" : live.failure());
  for (int i = 0; i < kFrames; ++i) {
    live.Show(i * episode.num_steps / (kFrames - 1));
    strip.pngs.push_back(
        sim::PngBytes(renderer.Render(live.model(), live.data(), "overview", viewer::MarksFor("overview"))));
  }
  return strip;
}

// Figures come from the run's evaluation; only the episodes that are shown are played.
std::vector<trainer::Strip> PlayStrips(const Options& options) {
  const auto chosen = trainer::EpisodesToShow(options.run, options.task, options.seed, kFailures, kSuccesses);
  std::vector<trainer::Strip> strips;
  if (chosen.empty()) return strips;
  sim::OffscreenRenderer renderer(320, 240);
  viewer::LiveConfig config{.task = options.task,
                            .policy = options.run,
                            .seed = options.seed,
                            .episode = chosen.front().episode,
                            .places = options.places};
  viewer::LiveSession live(config);
  for (const trainer::PlayedEpisode& played : chosen) {
    config.episode = played.episode;
    live.Restart(config);
    strips.push_back(PlayStrip(live, renderer));
  }
  return strips;
}

void EvaluateOnce(const Options& options) {
  if (!trainer::EpisodesToShow(options.run, options.task, options.seed, 1, 1).empty()) return;
  trainer::EvalConfig config;
  config.task = options.task;
  config.policy = options.run;
  config.seed = options.seed;
  config.episodes = kEpisodes;
  config.probes = false;
  config.places = options.places;
  KeepInRun(trainer::Evaluate(config));
}

void Run(Options& options) {
  const std::string out = options.out.empty() ? options.run + "/report.html" : options.out;
  if (!std::filesystem::is_directory(options.run)) throw BadInput({options.run, "", "a run folder", "none"});
  options.report.beside.assign(options.beside.begin(), options.beside.end());
  trainer::CheckRuns(options.run, options.report);
  CheckWritableTarget(out);
  for (const std::string& file : options.baselines) options.report.baselines.push_back(trainer::ReadBaseline(file));
  if (!options.task.empty()) {
    EvaluateOnce(options);
    options.report.strips = PlayStrips(options);
  }
  trainer::WriteReport(options.run, out, options.report);
  std::printf("%s\n", out.c_str());
}

}  // namespace

void AddReport(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("report", "Write report.html: curves, success, probes, failures, pictures, settings, hashes");
  command->add_option("run", options->run, "run folder")->required();
  command->add_option(
      "--task", options->task,
      "play failures and successes of its evaluation again for pictures; without it there are none. A run "
      "without an evaluation is evaluated first");
  AddSeed(*command, &options->seed, "of the evaluation that is shown");
  AddReal(*command, "--require", &options->report.bar, 0, 1, "the bar of the verdict");
  command->add_option("--baseline", options->baselines, "evaluation of another policy to stand beside (repeatable)")
      ->type_name("FILE");
  command
      ->add_option("--beside", options->beside,
                   "another run: its curves in the same plots, what came of it, which settings differ (repeatable)")
      ->type_name("RUN");
  AddOutput(*command, "--out", &options->out, "the page (default RUN/report.html)");
  AddFeaturePlaces(*command, options->places);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
