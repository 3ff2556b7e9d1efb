// session.h - what the viewer looks at: a data set's episodes, or a policy at work right now, and what it makes of texts.
// Both show one Episode, so the panels need not know which. No ImGui here. One thread. Failure: Error.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/spec.h"
#include "datasets/dataset.h"
#include "envs/answer.h"
#include "envs/vec_env.h"
#include "trainer/acting.h"
#include "viewer/render_episode.h"

namespace genba::viewer {

// One row of the list. Of a shard that cannot be read every episode has a row that says so.
struct ListedEpisode {
  datasets::Episode header;
  std::string trouble;  // why it cannot be opened, or that its bytes are not those the manifest names; empty: sound
  bool readable = true;
};

// The episodes of a data set; one of them is loaded. Shards are listed one by one, as ListMore is called: a picture of
// a large set does not wait for all of it. Follow takes in what a collection has added since.
class DataSession {
 public:
  explicit DataSession(const std::filesystem::path& folder);  // lists the first shard and selects its first episode
  const datasets::Dataset& dataset() const { return *dataset_; }
  const std::vector<ListedEpisode>& listed() const { return listed_; }  // by position in the data set
  // One shard; false when all are listed.
  bool ListMore();
  bool all_listed() const { return listed_shards_ == dataset_->info().shards.size(); }
  void ListAll();
  bool Follow();       // whether the manifest has changed and was read anew
  void Select(int k);  // Error(kBadInput) naming the range or what is damaged
  int selected() const { return selected_; }
  const datasets::Episode& episode() const { return *episode_; }
  RecordedScene& scene() { return *scene_; }
  const std::string& failure() const { return failure_; }  // FailureSentence of the selected one

 private:
  void SelectFirstReadable();

  std::filesystem::path folder_;
  std::filesystem::file_time_type manifest_time_;
  std::unique_ptr<datasets::Dataset> dataset_;
  std::vector<ListedEpisode> listed_;
  std::size_t listed_shards_ = 0;
  int selected_ = -1;
  std::unique_ptr<datasets::Episode> episode_;
  std::unique_ptr<RecordedScene> scene_;
  std::string failure_;
};

struct LiveConfig {
  std::string task = "pick_bin";
  std::string policy = "expert";
  std::uint64_t seed = 1;
  std::uint64_t episode = 0;
  policies::FeaturePlaces places;  // of the policy's backbone
};

// What is made of a text in a scene, by the policy where it reads, otherwise by the grammar.
struct Opinion {
  std::string whose;  // "policy" | "grammar"
  Answer answer = Answer::kAct;
  std::optional<double> probability;  // that the answer is right; the grammar gives none
  std::string order;                  // that is read in the text, canonical, or "no order"
  std::string meant;                  // of what lies here: trainer::MeantHere; the grammar does not say
  std::string why;                    // the grammar's, when it is not to be acted on
};

// One world of a task under a policy; what happened so far is kept as an Episode, and any frame of it can be shown.
class LiveSession {
 public:
  // actor: acts instead of config.policy.
  explicit LiveSession(const LiveConfig& config, std::unique_ptr<trainer::Actor> actor = nullptr);
  ~LiveSession();
  void Restart(const LiveConfig& config);  // the drawn instruction
  // Whether the policy makes something of texts by itself. One that does not (the expert, random, zero) is not told what
  // the grammar refuses.
  bool reads() const { return reads_; }
  // In this scene, without playing it: the same as `genba ask` says of it. order: as for Say. Valid until the next Say or
  // Restart.
  const Opinion& Hear(const std::string& text, const std::string& order = "");
  // The same scene with another instruction. order: canonical text of what shall count as success; empty: what text
  // means to the grammar. Where that is not `act`, to hold still is what counts, as in evaluation of texts without an
  // order; a policy that does not read is then not asked: the episode has ended before its first step.
  void Say(const std::string& text, const std::string& order = "");
  // The grammar's on what was said: what success is judged by.
  const envs::Verdict& verdict() const { return verdict_; }
  // Why what was said is not acted on, or should not be; empty: it is, and it should.
  std::string Refusal();
  void Step();           // one control step; nothing once the episode has ended
  void Show(int frame);  // puts a frame of what happened so far into data()
  bool ended() const { return ended_; }
  const LiveConfig& config() const { return config_; }
  const EnvSpec& spec() const { return env_->spec(); }
  const std::string& actor() const { return actor_name_; }
  const std::vector<std::string>& orders() const { return orders_; }  // well-posed in this scene
  const datasets::Episode& episode() const { return episode_; }
  const std::string& failure() const { return failure_; }  // once it has ended
  const mjModel* model() const { return model_->get(); }
  mjData* data() { return data_; }

 private:
  void Begin(std::unique_ptr<envs::VecEnv> env);
  void KeepState();
  envs::Verb verb() const { return env_->plan(0).order.verb; }
  envs::Verdict Judge(const std::string& text, const std::string& order) const;
  Opinion OpinionOn(const std::string& text, const std::string& order);

  LiveConfig config_;
  std::unique_ptr<envs::VecEnv> env_;
  std::unique_ptr<StepBatch> batch_;
  std::unique_ptr<trainer::Actor> actor_;
  std::string actor_name_;
  bool reads_ = false;
  std::map<std::pair<std::string, std::string>, Opinion> opinions_;  // on texts and orders, in this scene
  std::vector<std::string> orders_;
  envs::Verdict verdict_;
  datasets::Episode episode_;  // states of the steps done; final_state is now
  std::shared_ptr<const sim::Model> model_;
  mjData* data_ = nullptr;
  bool ended_ = false;
  std::string failure_;
};

}  // namespace genba::viewer
