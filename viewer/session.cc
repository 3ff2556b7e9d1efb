#include "viewer/session.h"

#include <algorithm>

#include "core/error.h"

namespace genba::viewer {

DataSession::DataSession(const std::filesystem::path& folder) : dataset_(folder, datasets::Integrity::kReport) {
  for (int k = 0; k < dataset_.num_episodes(); ++k) headers_.push_back(dataset_.ReadHeader(k));
  Select(0);
}

void DataSession::Select(int k) {
  if (k < 0 || k >= dataset_.num_episodes())
    throw BadInput({dataset_.folder().string(), "episode", "0 … " + std::to_string(dataset_.num_episodes() - 1),
                    std::to_string(k)});
  if (k == selected_) return;
  auto episode = std::make_unique<datasets::Episode>(dataset_.Read(k));
  scene_ = std::make_unique<RecordedScene>(*episode);
  episode_ = std::move(episode);
  selected_ = k;
}

LiveSession::LiveSession(const LiveConfig& config) { Restart(config); }

LiveSession::~LiveSession() {
  if (data_ != nullptr) mj_deleteData(data_);
}

void LiveSession::Restart(const LiveConfig& config, const std::string& order, const std::string& text) {
  envs::VecEnvConfig env;
  env.task = config.task;
  env.num_worlds = env.num_threads = 1;
  env.seed = config.seed;
  env.first_episode = config.episode;
  env.num_episodes = 1;
  if (!text.empty() || !order.empty()) {
    const auto understood = envs::Understand(text);
    env.options.forced_order = !order.empty() ? order : understood ? envs::ToText(*understood) : episode_.order;
    env.options.forced_text = !text.empty() ? text : episode_.text;
  }
  auto next = std::make_unique<envs::VecEnv>(env);
  if (actor_ == nullptr || config.policy != config_.policy || config.task != config_.task) {
    actor_ = trainer::MakeActor(config.policy, next->spec(), config.seed, {}, config.places);
    actor_name_ = actor_->name();
  }
  env_ = std::move(next);
  config_ = config;
  Begin();
}

void LiveSession::Begin() {
  batch_ = std::make_unique<StepBatch>(env_->spec(), 1);
  env_->Reset(*batch_);
  const envs::EpisodePlan& plan = env_->plan(0);
  ended_ = false;
  orders_.clear();
  for (const envs::Order& order : envs::WellPosedOrders(plan.order.verb, plan.parts))
    orders_.push_back(envs::ToText(order));
  episode_ = {};
  episode_.index = plan.episode;
  episode_.seed = plan.seed;
  episode_.task = config_.task;
  episode_.order = envs::ToText(plan.order);
  episode_.text = plan.text;
  episode_.language = envs::Name(plan.language);
  episode_.split = envs::Name(plan.split);
  episode_.policy = actor_name_;
  episode_.cause = "running";
  episode_.fault = "none";
  if (data_ != nullptr) mj_deleteData(data_);
  model_ = env_->model(0);
  data_ = mj_makeData(model_->get());
  ShowState();
}

void LiveSession::ShowState() {
  std::vector<double> state(static_cast<std::size_t>(env_->physics_size()));
  if (ended_) {
    env_->EndedPhysicsState(0, state);
  } else {
    env_->PhysicsState(0, state);
  }
  std::copy_n(state.begin() + 1, model_->get()->nq, data_->qpos);
  mj_forward(model_->get(), data_);
}

void LiveSession::Step() {
  if (ended_) return;
  std::vector<float> actions;
  actor_->Act(*env_, *batch_, actions);
  env_->Step(View2<const float>(actions.data(), 1, env_->spec().action_dim()), *batch_);
  episode_.actions.insert(episode_.actions.end(), actions.begin(), actions.end());
  episode_.rewards.push_back(batch_->reward[0]);
  episode_.reward_terms.insert(episode_.reward_terms.end(), batch_->reward_terms.begin(), batch_->reward_terms.end());
  episode_.measures.insert(episode_.measures.end(), batch_->measures.begin(), batch_->measures.end());
  episode_.events.push_back(batch_->events[0]);
  ++episode_.num_steps;
  ended_ = batch_->done(0);
  if (ended_) {
    episode_.success = batch_->success[0] != 0;
    episode_.cause = env_->spec().terminations[batch_->cause[0]];
    episode_.fault = sim::FaultName(env_->ended_fault(0).fault);
  }
  ShowState();
}

}  // namespace genba::viewer
