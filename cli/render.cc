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
  std::string data, out, size = "640x480";
  int episode = 0, frame = 0;
  viewer::VideoSettings video;
};

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void Run(Options& options) {
  if (std::sscanf(options.size.c_str(), "%dx%d", &options.video.width, &options.video.height) != 2)
    throw BadInput({"render", "--size", "WIDTHxHEIGHT", options.size});
  const datasets::Dataset dataset(options.data);
  if (options.episode >= dataset.num_episodes())
    throw BadInput(
        {"render", "--episode", "0 … " + std::to_string(dataset.num_episodes() - 1), std::to_string(options.episode)});
  const datasets::Episode episode = dataset.Read(options.episode);
  if (EndsWith(options.out, ".mp4")) {
    options.video.frames_per_s = dataset.info().spec.control_hz();
    viewer::WriteVideo(episode, options.video, options.out);
  } else if (EndsWith(options.out, ".png")) {
    viewer::RecordedScene scene(episode);
    scene.Show(options.frame);
    sim::OffscreenRenderer renderer(options.video.width, options.video.height);
    sim::WritePng(
        renderer.Render(scene.model(), scene.data(), options.video.camera, viewer::MarksFor(options.video.camera)),
        options.out);
  } else {
    throw BadInput({"render", "--out", "a name that ends in .png or .mp4", options.out});
  }
  std::printf("%s: episode %d, \"%s\"\n", options.out.c_str(), options.episode, episode.text.c_str());
}

}  // namespace

void AddRender(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "render", "A picture (PNG) or film (MP4, through ffmpeg) of a recorded episode, without a display");
  command->add_option("data", options->data, "folder of the data set")->required();
  command->add_option("--episode", options->episode, "position in the data set")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--frame", options->frame, "of a picture: control step")->capture_default_str();
  command->add_option("--out", options->out, "clip.mp4 or frame.png")->required();
  command->add_option("--camera", options->video.camera, "overview | wrist")->capture_default_str();
  command->add_option("--size", options->size, "WIDTHxHEIGHT")->capture_default_str();
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
