#include "viewer/render_episode.h"

#include <algorithm>

#include "core/error.h"
#include "viewer/encoder.h"

namespace genba::viewer {

RecordedScene::RecordedScene(const datasets::Episode& episode)
    : episode_(episode), model_(sim::Model::FromXml(episode.model_xml)), data_(mj_makeData(model_->get())) {
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
  const int width = settings.width + settings.width % 2, height = settings.height + settings.height % 2;
  sim::OffscreenRenderer renderer(width, height);
  Encoder encoder(width, height, settings.frames_per_s, path);
  for (int frame = 0; frame < scene.num_frames(); ++frame) {
    scene.Show(frame);
    encoder.Add(renderer.Render(scene.model(), scene.data(), settings.camera));
  }
  encoder.Finish();
}

}  // namespace genba::viewer
