// genba report: one HTML file about a run.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "trainer/report.h"
#include "viewer/session.h"

namespace genba::cli {

namespace {

constexpr int kStrips = 3, kFrames = 6;

struct Options {
  std::string run, task, out;
  std::uint64_t seed = 100000;
  policies::FeaturePlaces places;
};

std::string PngBytes(const sim::Image& image) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("genba-report-" + std::to_string(::getpid()) + ".png");
  sim::WritePng(image, file.string());
  std::string bytes = ReadFile(file);
  std::filesystem::remove(file);
  return bytes;
}

// The policy itself at work in the first scenes of the evaluation's seed.
std::vector<trainer::Strip> PlayStrips(const Options& options) {
  std::vector<trainer::Strip> strips;
  sim::OffscreenRenderer renderer(320, 240);
  for (int k = 0; k < kStrips; ++k) {
    viewer::LiveConfig config{.task = options.task,
                              .policy = options.run,
                              .seed = options.seed,
                              .episode = static_cast<std::uint64_t>(k),
                              .places = options.places};
    viewer::LiveSession whole(config);
    while (!whole.ended()) whole.Step();
    const int length = whole.episode().num_steps;
    trainer::Strip strip{whole.episode().text + "  -  " +
                             (whole.episode().success ? "success" : whole.episode().cause) + " after " +
                             std::to_string(length) + " steps",
                         {}};
    viewer::LiveSession again(config);
    for (int step = 0, frame = 0; frame < kFrames; ++step) {
      if (step >= frame * length / (kFrames - 1)) {
        strip.pngs.push_back(PngBytes(renderer.Render(again.model(), again.data(), "overview")));
        ++frame;
      }
      again.Step();
    }
    strips.push_back(std::move(strip));
  }
  return strips;
}

void Run(const Options& options) {
  const std::string out = options.out.empty() ? options.run + "/report.html" : options.out;
  trainer::WriteReport(options.run, out, options.task.empty() ? std::vector<trainer::Strip>{} : PlayStrips(options));
  std::printf("%s\n", out.c_str());
}

}  // namespace

void AddReport(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("report", "Write report.html: curves, success, probes, failures, pictures, settings, hashes");
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("--task", options->task,
                      "play the policy in this task for the pictures; without it there are none");
  command->add_option("--seed", options->seed, "of the pictures' scenes")->capture_default_str();
  command->add_option("--out", options->out, "file (default RUN/report.html)");
  AddFeaturePlaces(*command, options->places);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
