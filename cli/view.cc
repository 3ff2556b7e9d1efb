// genba view: watch recorded episodes, or a policy at work.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "viewer/window.h"

namespace genba::cli {

namespace {

struct Options {
  std::string data, screenshot, text, camera = "orbit";
  viewer::LiveConfig live;
  bool is_live = false, typing = false;
  int episode = 0, frame = 0, scrub = 0;
};

viewer::App MakeApp(const Options& options) {
  viewer::App app;
  app.camera = options.camera;
  if (!options.data.empty()) {
    app.data = std::make_unique<viewer::DataSession>(options.data);
    viewer::SelectEpisode(app, options.episode);
    viewer::ShowFrame(app, options.frame);
    return app;
  }
  viewer::LiveConfig live = options.live;
  live.episode = static_cast<std::uint64_t>(options.episode);
  app.live = std::make_unique<viewer::LiveSession>(live);
  if (!options.text.empty()) {
    app.typed = options.text;
    viewer::SayLive(app);
    if (!app.message.empty()) throw Error(ErrorKind::kBadInput, app.message);
  }
  for (int i = 0; i < options.frame && !app.live->ended(); ++i) {
    CheckInterrupt();
    app.live->Step();
  }
  viewer::ShowFrame(app, app.last_frame());
  return app;
}

void PrintTimes(const char* what, std::vector<double> seconds) {
  if (seconds.empty()) return;
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](double share) {
    return 1000 * seconds[static_cast<std::size_t>(share * static_cast<double>(seconds.size() - 1))];
  };
  std::printf("%s %dx%d, %zu pictures: p50 %.1f ms, p95 %.1f ms, most %.1f ms\n", what, viewer::kScrubWidth,
              viewer::kScrubHeight, seconds.size(), at(0.5), at(0.95), at(1));
}

void Run(const Options& options) {
  if (options.data.empty() && !options.is_live)
    throw BadInput({"view", "", "a data set, or --task and --policy", "neither"});
  viewer::App app = MakeApp(options);
  if (options.scrub > 0) return PrintTimes("scrub", viewer::MeasureScrub(app, options.scrub));
  if (options.typing) return PrintTimes("typing", viewer::MeasureTyping(app, options.text));
  if (options.screenshot.empty()) {
    viewer::RunWindow(app);
    CheckInterrupt();
    return;
  }
  sim::WritePng(viewer::Screenshot(app), options.screenshot);
  std::printf("%s\n", options.screenshot.c_str());
  const std::string refusal = app.live && !options.text.empty() ? app.live->Refusal() : "";
  if (!refusal.empty())  // the picture says it too; a script must not take it for the work done
    throw BadInput({"view", "--text", "an instruction that can be done in this scene",
                    "\"" + options.text.substr(0, 80) + "\", " + refusal});
}

}  // namespace

void AddView(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("view", "Watch recorded episodes, or a policy live in its task");
  CLI::Option* data = command->add_option("data", options->data, "folder of a data set");
  CLI::Option* task = command->add_option("--task", options->live.task, "live: the task")->excludes(data);
  CLI::Option* policy =
      command->add_option("--policy", options->live.policy, "live: expert | random | zero | a run folder")
          ->excludes(data);
  AddSeed(*command, &options->live.seed, "live: of the scene");
  AddFeaturePlaces(*command, options->live.places);
  CLI::Option* text =
      command->add_option("--text", options->text, "live: an instruction to give instead of the drawn one")
          ->excludes(data);
  AddWhole(*command, "--episode", &options->episode, 0, 1000000000,
           "of the data set, to begin with; live: which scene of the seed");
  AddWhole(*command, "--frame", &options->frame, 0, 1000000000, "step to begin with");
  command->add_option("--camera", options->camera, "orbit | overview | wrist")
      ->check(CLI::IsMember({"orbit", "overview", "wrist"}))
      ->capture_default_str();
  AddWhole(*command, "--measure-scrub", &options->scrub, 1, 100000,
           "draw so many pictures in a window, print their times and end");
  command
      ->add_flag(
          "--measure-typing", options->typing,
          "live: type --text into a window, print how long each key takes to be answered in the picture, and end")
      ->needs(text);
  AddOutput(*command, "--screenshot", &options->screenshot, "write the window as a PNG and end; needs no display");
  command->callback([options, task, policy] {
    options->is_live = task->count() + policy->count() > 0;
    Run(*options);
  });
}

}  // namespace genba::cli
