#include "viewer/render_episode.h"

#include <algorithm>

#include "core/error.h"
#include "trainer/checked.h"
#include "viewer/encoder.h"
#include "viewer/marks.h"

namespace genba::viewer {

void PutState(const datasets::Episode& episode, int frame, const mjModel* m, mjData* d) {
  const int steps = episode.num_steps;
  if (frame < 0 || frame > steps)
    throw BadInput({"episode", "frame", "0 … " + std::to_string(steps), std::to_string(frame)});
  const auto width = static_cast<std::size_t>(1 + m->nq + m->nv);
  if (episode.final_state.size() != width || episode.states.size() != width * static_cast<std::size_t>(steps))
    throw BadInput({"episode", "states", std::to_string(width) + " columns, as its scene has",
                    std::to_string(episode.final_state.size())});
  const double* state =
      frame < steps ? episode.states.data() + static_cast<std::size_t>(frame) * width : episode.final_state.data();
  d->time = state[0];
  std::copy_n(state + 1, m->nq, d->qpos);
  std::copy_n(state + 1 + m->nq, m->nv, d->qvel);
  mj_forward(m, d);
}

RecordedScene::RecordedScene(const datasets::Episode& episode, const datasets::DatasetInfo& info) : episode_(episode) {
  const std::string place = "episode " + std::to_string(episode.index);
  const trainer::RebuiltModel rebuilt = trainer::Rebuild(trainer::Checked(episode, info, place), episode, info, place);
  model_ = rebuilt.model;
  drift_ = rebuilt.drift;
  data_ = mj_makeData(model_->get());
  Show(0);
}

RecordedScene::~RecordedScene() { mj_deleteData(data_); }

int RecordedScene::num_frames() const { return episode_.num_steps + 1; }

void RecordedScene::Show(int frame) { PutState(episode_, frame, model(), data_); }

// The wrist camera shows what the robot sees, which is not told which bin is which.
sim::OffscreenRenderer::Decorate MarksFor(const std::string& camera) {
  return camera == "wrist" ? sim::OffscreenRenderer::Decorate{} : AddMarks;
}

std::vector<sim::Image> RenderStrip(const datasets::Episode& episode, const datasets::DatasetInfo& info, int num_frames,
                                    int width, int height) {
  RecordedScene scene(episode, info);
  sim::OffscreenRenderer renderer(width, height);
  std::vector<sim::Image> images;
  for (int i = 0; i < num_frames; ++i) {
    scene.Show(num_frames < 2 ? 0 : i * (scene.num_frames() - 1) / (num_frames - 1));
    images.push_back(renderer.Render(scene.model(), scene.data(), "overview", AddMarks));
  }
  return images;
}

void WriteVideo(const datasets::Episode& episode, const datasets::DatasetInfo& info, const VideoSettings& settings,
                const std::string& path) {
  RecordedScene scene(episode, info);
  const int width = settings.width + settings.width % 2, height = settings.height + settings.height % 2;
  sim::OffscreenRenderer renderer(width, height);
  Encoder encoder(width, height, settings.frames_per_s, path);
  for (int frame = 0; frame < scene.num_frames(); ++frame) {
    scene.Show(frame);
    encoder.Add(renderer.Render(scene.model(), scene.data(), settings.camera, MarksFor(settings.camera)));
  }
  encoder.Finish();
}

}  // namespace genba::viewer
