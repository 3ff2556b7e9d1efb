#include "datasets/sampler.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"

namespace genba::datasets {
namespace {

// A faulted episode never trains, a failed one only on request.
bool Eligible(const Episode& header, const SamplerConfig& config) {
  return header.fault == "none" && (header.success || !config.only_success);
}

template <class T>
void Append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void AppendRow(const std::vector<float>& from, int width, std::size_t row, std::vector<float>& to) {
  const auto first = from.begin() + static_cast<std::ptrdiff_t>(row) * width;
  to.insert(to.end(), first, first + width);
}

}  // namespace

void Clear(WindowBatch& batch) {
  batch.obs.clear(), batch.actions.clear(), batch.mask.clear(), batch.text.clear(), batch.episode.clear();
}

Sampler::Sampler(const Dataset& dataset, const SamplerConfig& config, const std::function<void(const Episode&)>& see)
    : config_(config), obs_dim_(dataset.info().spec.obs_dim()), action_dim_(dataset.info().spec.action_dim()) {
  GENBA_CHECK(config.batch_size >= 1 && config.chunk >= 1, "a batch has windows and a window has steps");
  std::map<std::string, int> text_numbers;
  for (int k = 0; k < dataset.num_episodes(); ++k) {
    if (!Eligible(dataset.ReadHeader(k), config)) continue;
    const Episode episode = dataset.Read(k);
    if (see) see(episode);
    Append(obs_, episode.obs);
    Append(actions_, episode.expert_actions);
    NotePushes(episode);
    const auto [place, is_new] = text_numbers.try_emplace(episode.text, static_cast<int>(texts_.size()));
    if (is_new) texts_.push_back(episode.text);
    const auto end = step_text_.size() + static_cast<std::size_t>(episode.num_steps);
    step_text_.resize(end, place->second);
    step_episode_.resize(end, num_episodes_++);
    episode_end_.resize(end, static_cast<std::int64_t>(end));
  }
  if (num_windows() == 0) {
    throw BadInput({dataset.folder().string(), "episodes",
                    config.only_success ? "at least one successful episode" : "at least one episode without a fault",
                    "none"});
  }
}

const std::vector<std::string>& Sampler::texts() const { return texts_; }
std::int64_t Sampler::num_windows() const { return static_cast<std::int64_t>(step_text_.size()); }
const SamplerState& Sampler::state() const { return state_; }

void Sampler::Restore(const SamplerState& state) {
  if (state.cursor > step_text_.size()) {
    throw BadInput({"sampler state", "cursor", "at most " + std::to_string(step_text_.size()) + " windows",
                    std::to_string(state.cursor)});
  }
  state_ = state;
}

void Sampler::Next(WindowBatch& batch) {
  Clear(batch);
  Add(config_.batch_size, batch);
}

void Sampler::Add(int windows, WindowBatch& batch) {
  for (int i = 0; i < windows; ++i) AddWindow(TakeWindow(), batch);
}

void Sampler::AddWindow(std::size_t start, WindowBatch& batch) const {
  AppendRow(obs_, obs_dim_, start, batch.obs);
  const auto last = static_cast<std::size_t>(episode_end_[start]) - 1;
  bool foreseen = true;
  for (std::size_t h = 0; h < static_cast<std::size_t>(config_.chunk); ++h) {
    const std::size_t step = std::min(start + h, last);
    AppendRow(actions_, action_dim_, step, batch.actions);
    batch.mask.push_back(start + h <= last && foreseen ? 1 : 0);
    foreseen = foreseen && pushed_[step] == 0;
  }
  batch.text.push_back(step_text_[start]);
  batch.episode.push_back(step_episode_[start]);
}

// Another policy than the expert never does what the expert meant to: its labels are what they are.
void Sampler::NotePushes(const Episode& episode) {
  const auto action_dim = static_cast<std::size_t>(action_dim_);
  const bool pushable = config_.mask_unseen_pushes && episode.policy == "expert";
  for (std::size_t row = 0; row < episode.actions.size(); row += action_dim) {
    const auto done = episode.actions.begin() + static_cast<std::ptrdiff_t>(row);
    const auto meant = episode.expert_actions.begin() + static_cast<std::ptrdiff_t>(row);
    pushed_.push_back(pushable && !std::equal(done, done + action_dim_, meant) ? 1 : 0);
  }
}

// The next window of the endless order; batches run over the end of an epoch, so that all have the same size.
std::size_t Sampler::TakeWindow() {
  if (state_.cursor >= step_text_.size()) state_ = {state_.epoch + 1, 0};
  if (order_epoch_ != state_.epoch) {
    order_.resize(step_text_.size());
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
    Rng(config_.seed, state_.epoch, "sampler").Shuffle(order_);
    order_epoch_ = state_.epoch;
  }
  return static_cast<std::size_t>(order_[state_.cursor++]);
}

}  // namespace genba::datasets
