// session.h - what the viewer looks at: a data set's episodes, or a policy at work right now. Both show one Episode, so
// the panels need not know which. No ImGui here. One thread. Failure: Error.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/spec.h"
#include "datasets/dataset.h"
#include "envs/vec_env.h"
#include "trainer/acting.h"
#include "viewer/render_episode.h"

namespace genba::viewer {

// The episodes of a data set; one of them is loaded.
class DataSession {
 public:
  explicit DataSession(const std::filesystem::path& folder);
  const datasets::Dataset& dataset() const { return dataset_; }
  const std::vector<datasets::Episode>& headers() const { return headers_; }
  void Select(int k);  // Error(kBadInput) naming the range
  int selected() const { return selected_; }
  const datasets::Episode& episode() const { return *episode_; }
  RecordedScene& scene() { return *scene_; }

 private:
  datasets::Dataset dataset_;
  std::vector<datasets::Episode> headers_;
  int selected_ = -1;
  std::unique_ptr<datasets::Episode> episode_;
  std::unique_ptr<RecordedScene> scene_;
};

struct LiveConfig {
  std::string task = "pick_bin";
  std::string policy = "expert";
  std::uint64_t seed = 1;
  std::uint64_t episode = 0;
  policies::FeaturePlaces places;  // of the policy's backbone
};

// One world of a task under a policy; what happened so far is kept as an Episode.
class LiveSession {
 public:
  explicit LiveSession(const LiveConfig& config);
  ~LiveSession();
  // Another scene, or the same one with another instruction. order: canonical text of what shall count as success;
  // empty: what text means if the grammar knows it, otherwise what it was.
  void Restart(const LiveConfig& config, const std::string& order = "", const std::string& text = "");
  void Step();  // one control step; nothing once the episode has ended
  bool ended() const { return ended_; }
  const LiveConfig& config() const { return config_; }
  const EnvSpec& spec() const { return env_->spec(); }
  const std::string& actor() const { return actor_name_; }
  const std::vector<std::string>& orders() const { return orders_; }  // well-posed in this scene
  const datasets::Episode& episode() const { return episode_; }
  const mjModel* model() const { return model_->get(); }
  mjData* data() { return data_; }

 private:
  void Begin();
  void ShowState();

  LiveConfig config_;
  std::unique_ptr<envs::VecEnv> env_;
  std::unique_ptr<StepBatch> batch_;
  std::unique_ptr<trainer::Actor> actor_;
  std::string actor_name_;
  std::vector<std::string> orders_;
  datasets::Episode episode_;
  std::shared_ptr<const sim::Model> model_;
  mjData* data_ = nullptr;
  bool ended_ = false;
};

}  // namespace genba::viewer
