#include "viewer/session.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "envs/scene.h"
#include "trainer/asking.h"
#include "viewer/failure.h"

namespace genba::viewer {

namespace {

std::filesystem::file_time_type ManifestTime(const std::filesystem::path& folder) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(folder / "manifest.json", error);
  return error ? std::filesystem::file_time_type::min() : time;
}

// A damaged shard costs its own rows, not the set.
ListedEpisode List(const datasets::Dataset& dataset, const std::string& shard, int k) {
  ListedEpisode row;
  try {
    row.header = dataset.ReadHeader(k);
    if (!dataset.Intact(k)) row.trouble = shard + ": its bytes are not those the manifest names";
  } catch (const Error& error) {
    row.trouble = error.what();
    row.readable = false;
    row.header.index = static_cast<std::uint64_t>(k);
  }
  return row;
}

bool SameShards(const datasets::DatasetInfo& a, const datasets::DatasetInfo& b, std::size_t count) {
  if (b.shards.size() < count) return false;
  for (std::size_t s = 0; s < count; ++s) {
    if (a.shards[s].sha256 != b.shards[s].sha256 || a.shards[s].num_episodes != b.shards[s].num_episodes) return false;
  }
  return true;
}

}  // namespace

DataSession::DataSession(const std::filesystem::path& folder) : folder_(folder) {
  manifest_time_ = ManifestTime(folder_);
  dataset_ = std::make_unique<datasets::Dataset>(folder_, datasets::Integrity::kReport);
  if (dataset_->num_episodes() == 0) throw BadInput({folder.string(), "episodes", "at least 1", "none"});
  while (selected_ < 0 && ListMore()) SelectFirstReadable();
  if (selected_ < 0) throw Error(ErrorKind::kBadInput, listed_.front().trouble);  // nothing can be read
}

// A header that can be read does not promise that the episode can.
void DataSession::SelectFirstReadable() {
  for (std::size_t k = 0; k < listed_.size() && selected_ < 0; ++k) {
    if (!listed_[k].readable) continue;
    try {
      Select(static_cast<int>(k));
    } catch (const Error& error) {
      listed_[k].trouble = error.what();
      listed_[k].readable = false;
    }
  }
}

bool DataSession::ListMore() {
  const auto& shards = dataset_->info().shards;
  if (listed_shards_ >= shards.size()) return false;
  const datasets::ShardInfo& shard = shards[listed_shards_++];
  ListedEpisode row;
  for (int i = 0; i < shard.num_episodes; ++i) {
    const int k = static_cast<int>(listed_.size());
    if (i == 0 || row.readable) row = List(*dataset_, shard.file, k);  // what cannot be opened is not tried again
    row.header.index = row.readable ? row.header.index : shard.first_index + static_cast<std::uint64_t>(i);
    listed_.push_back(row);
  }
  return true;
}

void DataSession::ListAll() {
  while (ListMore()) continue;
}

bool DataSession::Follow() {
  const auto time = ManifestTime(folder_);
  if (time == manifest_time_) return false;
  auto next = std::make_unique<datasets::Dataset>(folder_, datasets::Integrity::kReport);
  manifest_time_ = time;
  while (!SameShards(dataset_->info(), next->info(), listed_shards_)) {  // a tail shard that was written anew
    --listed_shards_;
    listed_.resize(listed_.size() - static_cast<std::size_t>(dataset_->info().shards[listed_shards_].num_episodes));
  }
  dataset_ = std::move(next);
  return true;
}

void DataSession::Select(int k) {
  if (k < 0 || k >= dataset_->num_episodes())
    throw BadInput(
        {folder_.string(), "episode", "0 … " + std::to_string(dataset_->num_episodes() - 1), std::to_string(k)});
  if (k == selected_) return;
  auto episode = std::make_unique<datasets::Episode>(dataset_->Read(k));
  scene_ = std::make_unique<RecordedScene>(*episode, dataset_->info());
  failure_ = FailureSentence(dataset_->info().spec, *episode);
  episode_ = std::move(episode);
  selected_ = k;
}

LiveSession::LiveSession(const LiveConfig& config, std::unique_ptr<trainer::Actor> actor)
    : config_(config), actor_(std::move(actor)) {
  Restart(config);
}

LiveSession::~LiveSession() {
  if (data_ != nullptr) mj_deleteData(data_);
}

namespace {

envs::VecEnvConfig OneEpisode(const LiveConfig& config) {
  envs::VecEnvConfig env;
  env.task = config.task;
  env.num_worlds = env.num_threads = 1;
  env.seed = config.seed;
  env.first_episode = config.episode;
  env.num_episodes = 1;
  return env;
}

// What the panels show of an episode that has not begun.
datasets::Episode Described(const envs::VecEnv& env, const std::string& policy) {
  const envs::EpisodePlan& plan = env.plan(0);
  datasets::Episode e;
  e.index = plan.episode;
  e.seed = plan.seed;
  e.task = env.config().task;
  e.plan = envs::ToJson(plan).dump();
  e.cell = envs::CellToJson(env.cell(0));
  e.initial_ctrl.assign(env.Ctrl(0).begin(), env.Ctrl(0).end());
  e.order = envs::ToText(plan.order);
  e.text = plan.text;
  e.language = envs::Name(plan.language);
  e.split = envs::Name(plan.split);
  e.policy = policy;
  e.cause = "running";
  e.fault = "none";
  return e;
}

bool Reads(trainer::Actor& actor, const EnvSpec& spec) {
  const std::vector<float> nothing(static_cast<std::size_t>(spec.obs_dim()));
  const std::string blank;
  return !actor.Hear({nothing.data(), 1, spec.obs_dim()}, {&blank, 1}).empty();
}

Opinion OpinionFrom(const trainer::Asked& asked) {
  const policies::GivenAnswer& given = asked.heard.answer;
  return {"policy", given.answer, given.probability, trainer::OrderInWords(asked), trainer::MeantHere(asked), ""};
}

Opinion OpinionFrom(const envs::Verdict& verdict) {
  return {"grammar", verdict.answer, {}, verdict.order ? envs::ToText(*verdict.order) : "no order", "", verdict.why};
}

// The sentence that goes with an order when nobody typed one.
std::string SentenceFor(const std::string& text, const envs::Order& order) {
  return text.empty() ? envs::Examples(order, envs::Language::kEnglish).front().text : text;
}

// An episode in which this is said, to be judged by the verdict.
envs::EpisodeOptions Typed(const std::string& text, const envs::Verdict& verdict) {
  envs::EpisodeOptions options;
  options.forced_expect = verdict.answer;
  options.forced_text = verdict.acts() ? SentenceFor(text, *verdict.order) : text;
  if (verdict.acts()) options.forced_order = envs::ToText(*verdict.order);
  return options;
}

}  // namespace

void LiveSession::Restart(const LiveConfig& config) {
  auto next = std::make_unique<envs::VecEnv>(OneEpisode(config));
  if (actor_ == nullptr || config.policy != config_.policy || config.task != config_.task)
    actor_ = trainer::MakeActor(config.policy, next->spec(), config.seed, {}, config.places);
  actor_name_ = actor_->name();
  reads_ = Reads(*actor_, next->spec());
  config_ = config;
  Begin(std::move(next));
}

envs::Verdict LiveSession::Judge(const std::string& text, const std::string& order) const {
  const sim::CellSpec& cell = env_->cell(0);
  return order.empty() ? envs::VerdictOn(text, cell, verb())
                       : envs::VerdictOn(envs::OrderFromText(order, "order"), cell, verb());
}

Opinion LiveSession::OpinionOn(const std::string& text, const std::string& order) {
  if (!reads_) return OpinionFrom(Judge(text, order));
  return OpinionFrom(trainer::Ask(*actor_, {env_->cell(0), verb(), spec().obs_dim()}, {&text, 1}).front());
}

const Opinion& LiveSession::Hear(const std::string& text, const std::string& order) {
  const std::pair key(text, order);
  const auto known = opinions_.find(key);
  if (known != opinions_.end()) return known->second;
  return opinions_.emplace(key, OpinionOn(text, order)).first->second;
}

void LiveSession::Say(const std::string& text, const std::string& order) {
  const envs::Verdict verdict = Judge(text, order);
  envs::VecEnvConfig config = OneEpisode(config_);
  config.options = Typed(text, verdict);
  Begin(std::make_unique<envs::VecEnv>(config));
  verdict_ = verdict;
  episode_.order = verdict.order ? envs::ToText(*verdict.order) : "";
  episode_.language.clear();  // whoever typed it did not say
  episode_.split = "typed";
  if (verdict.acts() || reads_) return;
  ended_ = true;
  episode_.cause = Name(verdict.answer);
}

std::string LiveSession::Refusal() {
  const Answer answer = reads_ ? Hear(episode_.text).answer : Answer::kAct;
  if (answer != Answer::kAct) return std::string("the policy answers ") + Name(answer);
  return verdict_.acts() ? "" : "the grammar: " + envs::Sentence(verdict_);
}

void LiveSession::Begin(std::unique_ptr<envs::VecEnv> env) {
  env_ = std::move(env);
  batch_ = std::make_unique<StepBatch>(env_->spec(), 1);
  env_->Reset(*batch_);
  const envs::EpisodePlan& plan = env_->plan(0);
  ended_ = false;
  failure_.clear();
  opinions_.clear();
  verdict_ = {Answer::kAct, plan.order, ""};
  orders_.clear();
  for (const envs::Order& order : envs::WellPosedOrders(plan.order.verb, plan.parts))
    orders_.push_back(envs::ToText(order));
  episode_ = Described(*env_, actor_name_);
  if (data_ != nullptr) mj_deleteData(data_);
  model_ = env_->model(0);
  data_ = mj_makeData(model_->get());
  KeepState();
  Show(0);
}

void LiveSession::KeepState() {
  episode_.states.insert(episode_.states.end(), episode_.final_state.begin(), episode_.final_state.end());
  episode_.final_state.resize(static_cast<std::size_t>(env_->physics_size()));
  if (ended_) {
    env_->EndedPhysicsState(0, episode_.final_state);
  } else {
    env_->PhysicsState(0, episode_.final_state);
  }
}

void LiveSession::Show(int frame) { PutState(episode_, frame, model_->get(), data_); }

void LiveSession::Step() {
  if (ended_) return;
  Commands commands;
  actor_->Act(*env_, *batch_, commands);
  env_->Step(commands, *batch_);
  episode_.actions.insert(episode_.actions.end(), commands.actions.begin(), commands.actions.end());
  episode_.answers.push_back(static_cast<std::uint8_t>(commands.answers[0]));
  episode_.answer_probabilities.push_back(commands.probabilities[0]);
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
  const auto ctrl = ended_ ? env_->EndedCtrl(0) : env_->Ctrl(0);
  episode_.ctrl.insert(episode_.ctrl.end(), ctrl.begin(), ctrl.end());
  KeepState();
  if (ended_) failure_ = FailureSentence(env_->spec(), episode_);
}

}  // namespace genba::viewer
