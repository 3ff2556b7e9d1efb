// genba render: a picture or a film of a recorded episode.
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "core/error.h"
#include "datasets/dataset.h"
#include "viewer/render_episode.h"

namespace genba::cli {

namespace {

struct Options {
  std::string data, out;
  int episode = 0, frame = 0;
  viewer::VideoSettings video;
};

// "640x480"
void ReadSize(const std::string& text, viewer::VideoSettings& video) {
  constexpr int kLargest = 8192;
  const std::size_t by = text.find('x');
  if (by == std::string::npos) throw BadInput({"--size", "", "WIDTHxHEIGHT", text});
  video.width = ParseWhole(text.substr(0, by), 1, kLargest, "--size", "width");
  video.height = ParseWhole(text.substr(by + 1), 1, kLargest, "--size", "height");
}

void Run(Options& options) {
  const bool is_film = options.out.ends_with(".mp4");
  if (!is_film && !options.out.ends_with(".png"))
    throw BadInput({"render", "--out", "a name that ends in .png or .mp4", options.out});
  const datasets::Dataset dataset(options.data);
  if (dataset.num_episodes() == 0) throw BadInput({options.data, "", "at least one episode", "an empty data set"});
  if (options.episode >= dataset.num_episodes())
    throw BadInput(
        {"render", "--episode", "0 … " + std::to_string(dataset.num_episodes() - 1), std::to_string(options.episode)});
  const datasets::Episode episode = dataset.Read(options.episode);
  if (is_film) {
    options.video.frames_per_s = dataset.info().spec.control_hz();
    viewer::WriteVideo(episode, dataset.info(), options.video, options.out);
  } else {
    viewer::RecordedScene scene(episode, dataset.info());
    scene.Show(options.frame);
    sim::OffscreenRenderer renderer(options.video.width, options.video.height);
    sim::WritePng(
        renderer.Render(scene.model(), scene.data(), options.video.camera, viewer::MarksFor(options.video.camera)),
        options.out);
  }
  std::printf("%s: episode %d, \"%s\"\n", options.out.c_str(), options.episode, episode.text.c_str());
}

}  // namespace

void AddRender(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "render", "A picture (PNG) or film (MP4, through ffmpeg) of a recorded episode, without a display");
  command->add_option("data", options->data, "folder of the data set")->required();
  AddWhole(*command, "--episode", &options->episode, 0, 1000000000, "position in the data set");
  AddWhole(*command, "--frame", &options->frame, 0, 1000000000, "of a picture: control step");
  AddOutput(*command, "--out", &options->out, "clip.mp4 or frame.png")->required();
  command->add_option("--camera", options->video.camera, "overview | wrist")
      ->check(CLI::IsMember({"overview", "wrist"}))
      ->capture_default_str();
  command
      ->add_option_function<std::string>(
          "--size", [options](const std::string& text) { ReadSize(text, options->video); },
          "of the picture; a film's is rounded up to even numbers")
      ->type_name("WIDTHxHEIGHT")
      ->default_str("640x480");
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
