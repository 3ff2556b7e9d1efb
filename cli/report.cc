// genba report: one HTML file about a run.
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interrupt.h"
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
    while (!whole.ended()) {
      CheckInterrupt();
      whole.Step();
    }
    const int length = whole.episode().num_steps;
    trainer::Strip strip{whole.episode().text + "  -  " +
                             (whole.episode().success ? "success" : whole.episode().cause) + " after " +
                             std::to_string(length) + " steps",
                         {}};
    viewer::LiveSession again(config);
    for (int step = 0, frame = 0; frame < kFrames; ++step) {
      CheckInterrupt();
      if (step >= frame * length / (kFrames - 1)) {
        strip.pngs.push_back(sim::PngBytes(renderer.Render(again.model(), again.data(), "overview")));
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
  if (!std::filesystem::is_directory(options.run)) throw BadInput({options.run, "", "a run folder", "none"});
  CheckWritableTarget(out);
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
  AddSeed(*command, &options->seed, "of the pictures' scenes");
  AddOutput(*command, "--out", &options->out, "the page (default RUN/report.html)");
  AddFeaturePlaces(*command, options->places);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
