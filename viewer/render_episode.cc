#include "viewer/render_episode.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/error.h"
#include "envs/scene.h"

namespace genba::viewer {

namespace {

constexpr int kNotInstalled = 127;  // exit code of the child when the program is not found

// ffmpeg reading raw RGB from our end of a pipe.
class Encoder {
 public:
  Encoder(const VideoSettings& settings, const std::string& path) : path_(path) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw SystemError("make a pipe for", path, errno);
    const std::string size = std::to_string(settings.width) + "x" + std::to_string(settings.height),
                      rate = std::to_string(settings.frames_per_s);
    child_ = ::fork();
    if (child_ < 0) throw SystemError("start ffmpeg for", path, errno);
    if (child_ == 0) {
      ::dup2(ends[0], STDIN_FILENO);
      ::execlp("ffmpeg", "ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
               size.c_str(), "-r", rate.c_str(), "-i", "-", "-pix_fmt", "yuv420p", path.c_str(),
               static_cast<char*>(nullptr));
      ::_exit(kNotInstalled);
    }
    ::close(ends[0]);
    pipe_ = ends[1];
    ::signal(SIGPIPE, SIG_IGN);  // a dead ffmpeg is told by its exit code
  }
  ~Encoder() {
    if (pipe_ >= 0) ::close(pipe_);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void Add(const sim::Image& image) {
    for (std::size_t at = 0; at < image.rgb.size();) {
      const ssize_t written = ::write(pipe_, image.rgb.data() + at, image.rgb.size() - at);
      if (written < 0) return;
      at += static_cast<std::size_t>(written);
    }
  }
  void Finish() {
    ::close(pipe_);
    pipe_ = -1;
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    if (WIFEXITED(status) && WEXITSTATUS(status) == kNotInstalled)
      throw Error(ErrorKind::kEnvironment,
                  path_ + ": films need ffmpeg, which is not installed (apt install ffmpeg); PNG pictures do not");
    throw Error(ErrorKind::kEnvironment, path_ + ": ffmpeg could not write the film");
  }

 private:
  std::string path_;
  pid_t child_ = 0;
  int pipe_ = -1;
};

std::shared_ptr<const sim::Model> ModelOf(const datasets::Episode& episode) {
  const envs::EpisodePlan plan = envs::EpisodePlanFromText(episode.plan, "stored plan");
  return sim::CellBuilder(envs::CellFromJson(plan.randomisation, "stored plan")).Build();
}

}  // namespace

RecordedScene::RecordedScene(const datasets::Episode& episode)
    : episode_(episode), model_(ModelOf(episode)), data_(mj_makeData(model_->get())) {
  Show(0);
}

RecordedScene::~RecordedScene() { mj_deleteData(data_); }

int RecordedScene::num_frames() const { return episode_.num_steps + 1; }

void RecordedScene::Show(int frame) {
  if (frame < 0 || frame >= num_frames())
    throw BadInput({"episode", "frame", "0 … " + std::to_string(num_frames() - 1), std::to_string(frame)});
  const auto width = static_cast<std::size_t>(1 + model()->nq + model()->nv);
  const double* state = frame < episode_.num_steps ? episode_.states.data() + static_cast<std::size_t>(frame) * width
                                                   : episode_.final_state.data();
  data_->time = state[0];
  std::copy_n(state + 1, model()->nq, data_->qpos);
  std::copy_n(state + 1 + model()->nq, model()->nv, data_->qvel);
  mj_forward(model(), data_);
}

std::vector<sim::Image> RenderStrip(const datasets::Episode& episode, int num_frames, int width, int height) {
  RecordedScene scene(episode);
  sim::OffscreenRenderer renderer(width, height);
  std::vector<sim::Image> images;
  for (int i = 0; i < num_frames; ++i) {
    scene.Show(num_frames < 2 ? 0 : i * (scene.num_frames() - 1) / (num_frames - 1));
    images.push_back(renderer.Render(scene.model(), scene.data(), "overview"));
  }
  return images;
}

void WriteVideo(const datasets::Episode& episode, const VideoSettings& settings, const std::string& path) {
  RecordedScene scene(episode);
  sim::OffscreenRenderer renderer(settings.width, settings.height);
  Encoder encoder(settings, path);
  for (int frame = 0; frame < scene.num_frames(); ++frame) {
    scene.Show(frame);
    encoder.Add(renderer.Render(scene.model(), scene.data(), settings.camera));
  }
  encoder.Finish();
}

}  // namespace genba::viewer
