#include "policies/trained_policy.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "core/error.h"
#include "policies/compute.h"
#include "policies/make_trained.h"

namespace genba::policies {
namespace {

// Worlds are planned in blocks of this many rows, padded, so that matrix products have one shape and a
// world's bits do not depend on how many others plan in the same step.
constexpr int kBlock = 16;
constexpr std::size_t kMaxTexts = 4096;  // encoded texts kept in memory
constexpr std::size_t kHeardTogether = 1024;
constexpr int kHearingThreads = 2;

struct Distinct {
  std::vector<std::string> texts;
  std::vector<int> choice;  // of each of the given texts, its place in texts
};
Distinct DistinctOf(std::span<const std::string> given) {
  Distinct distinct;
  std::map<std::string_view, int> place;
  for (const std::string& text : given) {
    const auto [found, is_new] = place.emplace(text, static_cast<int>(distinct.texts.size()));
    if (is_new) distinct.texts.push_back(text);
    distinct.choice.push_back(found->second);
  }
  return distinct;
}

std::string Listed(const TextShape& text) { return std::to_string(text.dim) + ", " + std::to_string(text.word_dim); }

}  // namespace

TrainedPolicy::TrainedPolicy(std::string name, std::string identity, const Manifest& manifest, const at::Tensor& flat,
                             std::unique_ptr<FeatureSource> features, std::uint64_t seed)
    : name_(std::move(name)),
      identity_(std::move(identity)),
      config_(manifest.config),
      calibration_(manifest.answer),
      action_dim_(manifest.spec.action_dim()),
      seed_(seed),
      network_(manifest.spec, manifest.config, manifest.text, manifest.normalizer),
      flat_(flat),
      weights_(network_.layout().Views(flat_)),
      features_(std::move(features)) {
  if (features_->hash() != manifest.features_hash) {
    throw BadInput(
        {name_, "features_hash", manifest.features_hash + " (the backbone it was trained with)", features_->hash()});
  }
}

// Encoded alone and padded to one length: the bits do not depend on the other texts of a batch.
const EncodedText& TrainedPolicy::Encoded(const std::string& text) {
  const auto found = texts_.find(text);
  if (found != texts_.end()) return found->second;
  if (texts_.size() >= kMaxTexts) texts_.clear();
  const int choice = 0;
  const TextBatch batch = GatherTexts(*features_, {&text, 1}, {&choice, 1}, features_->max_tokens());
  return texts_.emplace(text, network_.reader().Read(weights_, batch)).first->second;
}

TrainedPolicy::Block TrainedPolicy::BlockOf(const PolicyInput& input, std::span<const int> worlds) {
  const int obs_dim = input.obs.cols();
  const at::Tensor obs = at::zeros({kBlock, obs_dim}, at::kFloat);
  std::vector<EncodedText> texts;
  for (int row = 0; row < kBlock; ++row) {
    const int world =
        worlds[std::min(static_cast<std::size_t>(row), worlds.size() - 1)];  // the last one fills the block
    const auto source = input.obs.row(world);
    std::copy(source.begin(), source.end(), obs.mutable_data_ptr<float>() + static_cast<std::int64_t>(row) * obs_dim);
    texts.push_back(Encoded(worlds_[static_cast<std::size_t>(world)].text));
  }
  return {obs, Join(texts)};
}

void TrainedPolicy::PlanWorlds(const PolicyInput& input, std::span<const int> worlds) {
  const std::int64_t chunk_size = static_cast<std::int64_t>(config_.chunk) * action_dim_;
  const Block block = BlockOf(input, worlds);
  const at::Tensor noise = at::zeros({kBlock, config_.chunk, action_dim_}, at::kFloat);
  for (std::size_t row = 0; network_.needs_noise() && row < worlds.size(); ++row) {
    Rng& drawn = *worlds_[static_cast<std::size_t>(worlds[row])].noise;
    float* values = noise.mutable_data_ptr<float>() + static_cast<std::int64_t>(row) * chunk_size;
    for (std::int64_t i = 0; i < chunk_size; ++i) values[i] = static_cast<float>(drawn.Normal());
  }
  const at::Tensor plans = network_.Predict(weights_, block.obs, block.text, noise).contiguous();
  const at::Tensor answers = network_.AnswerLogits(weights_, block.obs, block.text).contiguous();
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    World& state = worlds_[static_cast<std::size_t>(worlds[row])];
    const float* values = plans.const_data_ptr<float>() + static_cast<std::int64_t>(row) * chunk_size;
    state.plan.assign(values, values + chunk_size);
    state.cursor = 0;
    const std::span logits(answers.const_data_ptr<float>() + row * kNumAnswers, kNumAnswers);
    const std::optional<Answer> before = state.answer ? std::optional(state.answer->answer) : std::nullopt;
    state.answer = Decide(Probabilities(logits, calibration_), calibration_, before);
  }
}

// Plans are made of what was seen then; a correction, of what is seen now.
void TrainedPolicy::CorrectWorlds(const PolicyInput& input, std::span<const int> worlds, const View2<float>& actions) {
  const Block block = BlockOf(input, worlds);
  const at::Tensor planned = at::zeros({kBlock, action_dim_}, at::kFloat);
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    const std::span<float> action = actions.row(worlds[row]);
    std::copy(action.begin(), action.end(),
              planned.mutable_data_ptr<float>() + static_cast<std::int64_t>(row) * action_dim_);
  }
  const at::Tensor context = network_.Context(weights_, block.obs, block.text);
  const at::Tensor corrected = network_.Correct(weights_, context, planned).clamp(-1.0, 1.0).contiguous();
  for (std::size_t row = 0; row < worlds.size(); ++row)
    std::copy_n(corrected.const_data_ptr<float>() + static_cast<std::int64_t>(row) * action_dim_, action_dim_,
                actions.row(worlds[row]).begin());
}

void TrainedPolicy::Act(const PolicyInput& input, Commands& commands) {
  const c10::InferenceMode no_gradients;
  const MatrixThreads always(kActingThreads);
  const int num_worlds = input.obs.rows();
  const View2<float> actions = commands.action_view();
  GENBA_CHECK(actions.rows() == num_worlds && actions.cols() == action_dim_, "actions of another shape");
  worlds_.resize(std::max(worlds_.size(), static_cast<std::size_t>(num_worlds)));
  std::vector<int> to_plan;
  for (int world = 0; world < num_worlds; ++world) {
    const auto w = static_cast<std::size_t>(world);
    if (input.active[w] == 0) continue;
    World& state = worlds_[w];
    if (input.first_step[w] != 0 || !state.noise) state.noise.emplace(seed_, input.episodes[w], "policy noise");
    const bool anew = input.first_step[w] != 0 || state.text != input.texts[w];
    const bool stale = anew || state.plan.empty() || state.cursor >= config_.execute;
    state.text = input.texts[w];
    if (anew) state.answer.reset();
    if (stale) to_plan.push_back(world);
  }
  const auto in_blocks = [](const std::vector<int>& worlds, const auto& work) {
    for (std::size_t start = 0; start < worlds.size(); start += kBlock)
      work(std::span(worlds).subspan(start, std::min<std::size_t>(kBlock, worlds.size() - start)));
  };
  in_blocks(to_plan, [&](std::span<const int> worlds) { PlanWorlds(input, worlds); });
  std::vector<int> to_correct;
  for (int world = 0; world < num_worlds; ++world) {
    const auto w = static_cast<std::size_t>(world);
    if (input.active[w] == 0) continue;
    World& state = worlds_[w];
    commands.answers[w] = state.answer->answer;
    commands.probabilities[w] = static_cast<float>(state.answer->probability);
    if (state.answer->answer == Answer::kAct) {
      std::copy_n(state.plan.begin() + static_cast<std::ptrdiff_t>(state.cursor) * action_dim_, action_dim_,
                  actions.row(world).begin());
      if (network_.corrects()) to_correct.push_back(world);
    }
    ++state.cursor;
  }
  in_blocks(to_correct, [&](std::span<const int> worlds) { CorrectWorlds(input, worlds, actions); });
}

// Features are of each text alone, as they are for acting; here many are read together, and a text once for all scenes
// that stand beside each other.
std::vector<Heard> TrainedPolicy::Hear(View2<const float> obs, std::span<const std::string> texts) {
  const c10::InferenceMode no_gradients;
  GENBA_CHECK(obs.rows() == static_cast<int>(texts.size()), "a scene for every text");
  features_->Prefetch({texts.begin(), texts.end()}, kHearingThreads);
  const MatrixThreads always(kActingThreads);
  std::vector<Heard> heard;
  for (std::size_t first = 0; first < texts.size(); first += kHeardTogether) {
    const std::size_t count = std::min(kHeardTogether, texts.size() - first);
    const Distinct distinct = DistinctOf(texts.subspan(first, count));
    const TextBatch batch = GatherTexts(*features_, distinct.texts, distinct.choice, 0);
    const EncodedText text = Select(network_.reader().Read(weights_, batch), batch.index);
    at::Tensor rows = at::empty({static_cast<std::int64_t>(count), obs.cols()}, at::kFloat);
    std::copy_n(obs.row(static_cast<int>(first)).data(), count * static_cast<std::size_t>(obs.cols()),
                rows.mutable_data_ptr<float>());
    const at::Tensor grounding = network_.reader().Ground(rows, text);
    const at::Tensor answers = network_.reader().AnswerLogits(weights_, rows, text, grounding).contiguous();
    const at::Tensor about = (grounding.sigmoid() * network_.reader().Present(rows)).contiguous();
    const at::Tensor quantity = text.quantity.argmax(1).contiguous();
    for (std::size_t i = 0; i < count; ++i) {
      Heard& one = heard.emplace_back();
      one.probabilities = Probabilities({answers.const_data_ptr<float>() + i * kNumAnswers, kNumAnswers}, calibration_);
      one.answer = Decide(one.probabilities, calibration_, {});
      const float* slots = about.const_data_ptr<float>() + static_cast<std::int64_t>(i) * about.size(1);
      one.about.assign(slots, slots + about.size(1));
      one.quantity = static_cast<int>(quantity.const_data_ptr<std::int64_t>()[i]);
    }
  }
  return heard;
}

std::span<const float> TrainedPolicy::Plan(int world) const {
  if (world < 0 || static_cast<std::size_t>(world) >= worlds_.size()) return {};
  const World& state = worlds_[static_cast<std::size_t>(world)];
  return std::span(state.plan)
      .subspan(
          std::min(state.plan.size(), static_cast<std::size_t>(state.cursor) * static_cast<std::size_t>(action_dim_)));
}

std::unique_ptr<Policy> MakeTrained(const ReadPolicy& read, std::uint64_t seed, const FeaturePlaces& places) {
  const Manifest& manifest = read.manifest;
  const Network network(manifest.spec, manifest.config, manifest.text, manifest.normalizer);
  const at::Tensor flat = network.layout().FromFile(read.weights, read.file);
  auto features = FindFeatureSource(manifest.config.features, manifest.features_hash, read.run, places);
  if (features->shape() != manifest.text)
    throw BadInput({read.file, "manifest.text_dim, word_dim", Listed(features->shape()) + " (the backbone's)",
                    Listed(manifest.text)});
  return std::make_unique<TrainedPolicy>(read.name, read.identity, manifest, flat, std::move(features), seed);
}

}  // namespace genba::policies
