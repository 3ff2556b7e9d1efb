// render_episode.h - pictures of recorded episodes without a window: what `genba render` and the report use.
// No ImGui, no GLFW, no torch. One thread per RecordedScene. Failure: Error naming what is wrong.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "sim/model.h"
#include "sim/offscreen.h"

namespace genba::viewer {

// Puts frame 0 … num_steps of an episode into d, which belongs to a model of its physics. Error(kBadInput) naming what
// does not fit: the frame, or arrays of other widths than the model's.
void PutState(const datasets::Episode& episode, int frame, const mjModel* m, mjData* d);

// A recorded episode's model, rebuilt from its cell, with the state of one of its frames: frame 0 … num_steps (the last
// is the final state). info: of its data set. Error(kBadInput) for an episode that does not hold together.
class RecordedScene {
 public:
  RecordedScene(const datasets::Episode& episode, const datasets::DatasetInfo& info);
  ~RecordedScene();
  RecordedScene(const RecordedScene&) = delete;
  RecordedScene& operator=(const RecordedScene&) = delete;

  int num_frames() const;
  const std::string& drift() const { return drift_; }  // in words, when today's builder makes another model of the cell
  void Show(int frame);                                // Error(kBadInput) naming the range
  const mjModel* model() const { return model_->get(); }
  mjData* data() { return data_; }

 private:
  const datasets::Episode& episode_;
  std::shared_ptr<const sim::Model> model_;
  std::string drift_;
  mjData* data_ = nullptr;
};

sim::OffscreenRenderer::Decorate MarksFor(const std::string& camera);

// num_frames pictures, evenly spaced over the episode.
std::vector<sim::Image> RenderStrip(const datasets::Episode& episode, const datasets::DatasetInfo& info, int num_frames,
                                    int width, int height);

struct VideoSettings {
  std::string camera = "overview";
  int width = 640, height = 480;
  double frames_per_s = 20;
};
// Pipes raw frames to ffmpeg; an odd size is rounded up. Error(kEnvironment) when it is not installed or fails.
void WriteVideo(const datasets::Episode& episode, const datasets::DatasetInfo& info, const VideoSettings& settings,
                const std::string& path);

}  // namespace genba::viewer
