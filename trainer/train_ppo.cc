#include "trainer/train_ppo.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "core/error.h"
#include "core/json.h"
#include "core/rng.h"
#include "policies/compute.h"
#include "trainer/ppo_beginning.h"
#include "trainer/ppo_samples.h"
#include "trainer/ranks/timed_comm.h"
#include "trainer/reading_lessons.h"
#include "trainer/shards.h"
#include "trainer/tensors.h"
#include "trainer/world_groups.h"

namespace genba::trainer {

namespace {

constexpr int kTokens = 24;  // of a text, where cost is told
constexpr double kLeastRate = 1e-5, kMostRate = 1e-2, kRateStep = 1.5;

envs::VecEnvConfig EnvSettings(const PpoJob& job) {
  envs::VecEnvConfig settings;
  settings.task = job.ppo.task;
  settings.num_worlds = job.ppo.worlds;
  settings.num_threads = job.world_threads;
  settings.seed = job.ppo.seed;
  settings.options.to_learn_from = true;
  settings.options.max_wanted = job.ppo.max_wanted;
  return settings;
}

// No decay: what has no gradient any more, the reading part, must stay as it is.
AdamWConfig Optimiser(const PpoConfig& config) {
  return {.beta2 = 0.999, .weight_decay = 0, .clip_norm = config.clip_norm};
}

int PhysicsSize(const PpoConfig& config) {
  envs::VecEnvConfig settings;
  settings.task = config.task;
  settings.num_worlds = settings.num_threads = 1;
  return envs::VecEnv(settings).physics_size();
}

class PpoLearner final : public Learner {
 public:
  PpoLearner(const PpoJob& job, Comm& comm, Beginning begin);

  std::int64_t step() const override { return step_; }
  std::optional<double> loss() const override { return loss_; }
  Scalars Step() override;
  Scalars Timing() const override { return timing_; }
  void Save(policies::Checkpoint& checkpoint) const override;
  void Load(const policies::Checkpoint& checkpoint, const std::string& file) override;
  void Begun(const RunFolder& run) const override {
    policies::NoteBackbone(run.path(), job_.policy.features, manifest_.features_hash);
  }
  std::int64_t parameters() const { return network_.layout().num_weights(); }
  std::int64_t env_steps() const { return env_steps_; }
  PpoSeconds seconds() const {
    return {phases().seconds("collection"), phases().seconds("physics"), phases().seconds("update")};
  }
  std::uint64_t Fingerprint() const override { return HashOf(policy_part_.flat) ^ HashOf(critic_part_.flat); }
  // An iteration's: every step is played, and valued, once and learned from once an epoch.
  std::optional<double> StepMegaFlops() const override {
    const std::int64_t played = step_ - job_.ppo.reading_steps;  // iterations, the last one included
    if (played <= 0) return {};
    const double rows = job_.ppo.worlds * job_.ppo.steps, epochs = job_.ppo.epochs,
                 learns = (played <= job_.ppo.critic_warmup ? 1 : 3) + (beginning_.defined() ? 1 : 0),
                 learned = network_.corrects() ? 1e-6 * static_cast<double>(network_.correction_flops()) : MegaFlops();
    return rows *
           (MegaFlops() + epochs * learns * learned + 2e-6 * static_cast<double>(critic_.macs()) * (1 + 3 * epochs));
  }
  // Of a step; the text is read once an episode.
  double MegaFlops() const {
    return 1e-6 * static_cast<double>(network_.flops(kTokens, false) - 2 * network_.reader().macs(kTokens));
  }

 private:
  bool reads() const { return step_ < job_.ppo.reading_steps; }
  bool warms_up() const { return step_ < job_.ppo.reading_steps + job_.ppo.critic_warmup; }
  double Done() const;
  at::Tensor LogDeviation() const;
  Scalars ReadingStep();
  Scalars Iteration();
  std::vector<Rollout> Collect(EpisodeSums& sums);
  std::vector<PpoSamples> Played(std::vector<Rollout>& rollouts);
  Scalars Update(const std::vector<PpoSamples>& samples);
  at::Tensor Means(const policies::Weights& weights, const PpoSamples& samples, const at::Tensor& rows) const;
  at::Tensor Left(const Gaussian& now, const PpoSamples& samples, const at::Tensor& rows) const;
  at::Tensor LearnFrom(const PpoSamples& samples, const at::Tensor& rows);
  std::vector<at::Tensor> Orders(const std::vector<PpoSamples>& samples, int epoch) const;
  at::Tensor UpdateOnce(const std::vector<PpoSamples>& samples, const std::vector<at::Tensor>& orders, int part);
  void Move(double divergence);
  void AdaptRate(double divergence);
  Scalars Told(const EpisodeSums& sums) const;
  void Note(const PpoSeconds& before, std::int64_t steps);

  const PpoJob& job_;
  TimedComm comm_;
  Shards shards_;
  std::unique_ptr<policies::FeatureSource> features_;
  policies::Manifest manifest_;
  EnvSpec task_;  // that the worlds are of; the policy may be for others, too
  policies::Network network_;
  policies::ParameterLayout critic_layout_;
  CriticView view_;
  Critic critic_;
  Trainable policy_part_, critic_part_;
  ShardGradients policy_gradients_, critic_gradients_;
  at::Tensor beginning_;  // weights it began with, where it is to stay near them
  std::optional<ReadingLessons> lessons_;
  WorldGroups worlds_;
  RunningScale critic_scale_, return_scale_{1};
  double rate_;
  std::int64_t step_ = 0, env_steps_ = 0;
  std::optional<double> loss_;
  Scalars timing_;
};

PpoLearner::PpoLearner(const PpoJob& job, Comm& comm, Beginning begin)
    : job_(job),
      comm_(comm, phases()),
      shards_(ShardsOf(comm, job.ppo.shards, "ppo.shards")),
      features_(std::move(begin.features)),
      manifest_(std::move(begin.manifest)),
      task_(envs::SpecOf(job.ppo.task)),
      network_(manifest_.spec, manifest_.config, manifest_.text, manifest_.normalizer),
      view_(manifest_.spec, PhysicsSize(job.ppo)),
      critic_(view_.shape(), job.ppo.critic_width, critic_layout_),
      policy_part_(network_.layout(), job.ppo.seed, Optimiser(job.ppo)),
      critic_part_(critic_layout_, job.ppo.seed, Optimiser(job.ppo)),
      policy_gradients_(comm_, shards_, policy_part_.gradient),
      critic_gradients_(comm_, shards_, critic_part_.gradient),
      worlds_({EnvSettings(job), job.ppo.repeat_failed}, view_, {network_.reader(), policy_part_.weights, *features_},
              shards_, comm_),
      critic_scale_(view_.shape().scaled(), view_.shape().num_slots()),
      rate_(job.ppo.learning_rate) {
  if (begin.policy) policy_part_.flat.copy_(network_.layout().FromFile(begin.policy->weights, begin.policy->file));
  if (job.ppo.keep > 0) beginning_ = policy_part_.flat.clone();
  if (job.ppo.reading_steps > 0) lessons_.emplace(job.ppo, network_.reader(), *features_, shards_, comm_);
}

Scalars PpoLearner::Step() {
  Scalars measured = reads() ? ReadingStep() : Iteration();
  ++step_;
  if (step_ == job_.ppo.reading_steps) {
    policy_part_.ForgetMoments();
    manifest_.answer =
        phases().Of("calibrate", [&] { return lessons_->Calibrate(network_.layout().Views(policy_part_.flat)); });
  }
  if (!std::isfinite(*loss_))
    throw Error(ErrorKind::kFailed, "the loss of step " + std::to_string(step_) + " is not finite");
  return measured;
}

// From the first iteration's to the last's by a constant factor: at first it tries things out, at last it holds still.
at::Tensor PpoLearner::LogDeviation() const {
  const double first = std::log(job_.ppo.deviation), last = std::log(job_.ppo.last_deviation);
  return at::full({manifest_.spec.action_dim()}, first + Done() * (last - first), at::kFloat);
}

// Share of the iterations, of the first 0, of the last 1.
double PpoLearner::Done() const {
  const double done = static_cast<double>(step_ - job_.ppo.reading_steps) / std::max(1, job_.ppo.iterations - 1);
  return std::clamp(done, 0.0, 1.0);
}

Scalars PpoLearner::ReadingStep() {
  ReadingLessons::Taken taken = lessons_->Take(step_, policy_part_, phases());
  loss_ = taken.loss;
  return std::move(taken.measured);
}

// Of a plan the first action is played, or what is next of it, corrected. [B, A]
at::Tensor PpoLearner::Means(const policies::Weights& weights, const PpoSamples& samples,
                             const at::Tensor& rows) const {
  if (network_.corrects())
    return network_.Correct(weights, samples.context.index_select(0, rows), samples.planned.index_select(0, rows));
  const policies::EncodedText text = Select(samples.texts, samples.text.index_select(0, rows));
  return network_.Plan(weights, samples.obs.index_select(0, rows), text, {}).select(1, 0);
}

// How far it has come from the policy it began with; nothing where it need not stay near one.
at::Tensor PpoLearner::Left(const Gaussian& now, const PpoSamples& samples, const at::Tensor& rows) const {
  if (!beginning_.defined()) return at::zeros({}, at::kFloat);
  const Gaussian before{Means(network_.layout().Views(beginning_), samples, rows), now.log_deviation};
  return Divergence(before, now).mean();
}

// Adds the gradients of a shard's share of the loss. [5], as shares: policy, value, divergence, clipped, left.
at::Tensor PpoLearner::LearnFrom(const PpoSamples& samples, const at::Tensor& rows) {
  const Phases::Scope in = phases().In("learn");
  const Gaussian now{Means(policy_part_.weights, samples, rows), LogDeviation()};
  const at::Tensor value = critic_.Value(critic_part_.weights, samples.critic.index_select(0, rows));
  const PpoTerms terms = ComputePpoTerms(now, value, PlayedOf(samples, rows), job_.ppo.clip);
  const at::Tensor left = Left(now, samples, rows);
  at::Tensor loss = terms.value;
  if (!warms_up()) loss = loss + terms.policy + job_.ppo.keep * (1 - Done()) * left;
  (loss / shards_.all).backward();
  return at::stack({terms.policy, terms.value, terms.divergence, terms.clipped, left}).detach().to(at::kDouble) /
         shards_.all;
}

void PpoLearner::Move(double divergence) {
  const Phases::Scope in = phases().In("optimiser");
  critic_gradients_.Sum("critic's gradients");
  critic_part_.optimizer->Step(job_.ppo.critic_rate);
  if (warms_up()) return;
  policy_gradients_.Sum("gradients");
  AdaptRate(divergence);
  policy_part_.optimizer->Step(rate_);
}

void PpoLearner::AdaptRate(double divergence) {
  const double aim = job_.ppo.divergence;
  if (divergence > 2 * aim) rate_ = std::max(kLeastRate, rate_ / kRateStep);
  if (divergence < 0.5 * aim && divergence > 0) rate_ = std::min(kMostRate, rate_ * kRateStep);
}

// Of each of this rank's groups, an order to go through its rows.
std::vector<at::Tensor> PpoLearner::Orders(const std::vector<PpoSamples>& samples, int epoch) const {
  std::vector<at::Tensor> orders;
  for (std::size_t own = 0; own < samples.size(); ++own) {
    const std::string group = std::to_string(shards_.first + static_cast<int>(own));
    const at::Tensor& order = orders.emplace_back(at::arange(samples[own].rows(), at::kLong));
    std::span rows(order.mutable_data_ptr<std::int64_t>(), static_cast<std::size_t>(order.numel()));
    Rng(job_.ppo.seed, static_cast<std::uint64_t>(step_), "ppo order " + std::to_string(epoch) + " of " + group)
        .Shuffle(rows);
  }
  return orders;
}

// One update, with the same part of every group's rows. Losses as LearnFrom's, of all.
at::Tensor PpoLearner::UpdateOnce(const std::vector<PpoSamples>& samples, const std::vector<at::Tensor>& orders,
                                  int part) {
  std::vector<at::Tensor> losses;
  for (std::size_t own = 0; own < samples.size(); ++own) {
    const std::int64_t each = orders[own].numel() / job_.ppo.minibatches;
    losses.push_back(LearnFrom(samples[own], orders[own].narrow(0, part * each, each)));
    policy_gradients_.Keep(static_cast<int>(own));
    critic_gradients_.Keep(static_cast<int>(own));
  }
  const at::Tensor loss = SumOfShards(comm_, losses, "losses");
  Move(loss[2].item<double>());
  return loss;
}

Scalars PpoLearner::Update(const std::vector<PpoSamples>& samples) {
  at::Tensor sum = at::zeros({5}, at::kDouble);
  for (int epoch = 0; epoch < job_.ppo.epochs; ++epoch) {
    const std::vector<at::Tensor> orders = Orders(samples, epoch);
    for (int part = 0; part < job_.ppo.minibatches; ++part) sum += UpdateOnce(samples, orders, part);
  }
  const auto mean = [&](int term) { return sum[term].item<double>() / (job_.ppo.epochs * job_.ppo.minibatches); };
  const at::Tensor& log_deviation = samples.front().before.log_deviation;
  loss_ = mean(0) + mean(1);
  return {{"Loss/policy", mean(0)},
          {"Loss/value", mean(1)},
          {"Policy/divergence", mean(2)},
          {"Policy/clipped", mean(3)},
          {"Policy/from_beginning", mean(4)},
          {"Policy/entropy", Entropy(log_deviation).item<double>()},
          {"Policy/mean_deviation", log_deviation.exp().mean().item<double>()},
          {"Train/learning_rate", rate_}};
}

std::vector<PpoSamples> PpoLearner::Played(std::vector<Rollout>& rollouts) {
  const Phases::Scope in = phases().In("gae");
  const Judging judging{view_, critic_, critic_part_.weights, critic_scale_, return_scale_};
  std::vector<PpoSamples> samples = SamplesFrom(rollouts, job_.ppo, judging, comm_);
  for (std::size_t own = 0; own < samples.size(); ++own)
    TakeTexts(rollouts[own], worlds_.told(static_cast<int>(own)), samples[own]);
  return samples;
}

std::vector<Rollout> PpoLearner::Collect(EpisodeSums& sums) {
  const Phases::Scope in = phases().In("collection");
  return worlds_.Play(job_.ppo.steps,
                      {network_, policy_part_.weights, LogDeviation(), job_.ppo.success_bonus, job_.ppo.failure_cost,
                       job_.policy.execute, job_.ppo.threads, phases()},
                      sums);
}

Scalars PpoLearner::Iteration() {
  const PpoSeconds before = seconds();
  EpisodeSums sums;
  std::vector<Rollout> rollouts = Collect(sums);
  Scalars measured = phases().Of("update", [&] { return Update(Played(rollouts)); });
  const std::int64_t steps = job_.ppo.worlds * job_.ppo.steps;  // of all ranks
  env_steps_ += steps;
  Note(before, steps);
  measured.merge(Told(sums));
  return measured;
}

void PpoLearner::Note(const PpoSeconds& before, std::int64_t steps) {
  const PpoSeconds now = seconds();
  const double collection = now.collection - before.collection, learning = now.learning - before.learning;
  timing_ = {{"Perf/collection_time", collection},
             {"Perf/simulation_time", now.simulation - before.simulation},
             {"Perf/learning_time", learning},
             {"Perf/total_fps", static_cast<double>(steps) / (collection + learning)}};
}

// Of the episodes that ended; nothing where none did.
Scalars PpoLearner::Told(const EpisodeSums& sums) const {
  if (sums.episodes == 0) return {};
  const double episodes = sums.episodes;
  Scalars told{{"Train/mean_reward", sums.reward / episodes},
               {"Train/mean_episode_length", sums.steps / episodes},
               {"Train/success", sums.successes / episodes}};
  if (job_.ppo.repeat_failed > 0) told["Train/played_again"] = sums.again / (sums.again + episodes);
  for (std::size_t term = 0; term < sums.terms.size(); ++term)
    told["Episode_Reward/" + task_.reward_terms[term]] = sums.terms[term] / episodes;
  for (std::size_t cause = 0; cause < sums.causes.size(); ++cause) {
    if (sums.causes[cause] > 0)
      told["Episode_Termination/" + task_.terminations[cause]] = sums.causes[cause] / episodes;
  }
  return told;
}

void RestoreScale(const policies::TensorFile& file, const std::string& key, const std::string& name,
                  RunningScale& scale) {
  if (!scale.Restore(DoublesOf(file, key)))
    throw BadInput({name, key, "a scale of as many columns", "another or none"});
}

void PpoLearner::Save(policies::Checkpoint& checkpoint) const {
  network_.layout().ToFile(policy_part_.flat, checkpoint.policy);
  policies::PutManifest(manifest_, checkpoint.policy);
  policies::TensorFile& training = checkpoint.training;
  if (beginning_.defined()) training.tensors["beginning"] = policies::ToTensorData(beginning_);
  training.tensors["weights"] = policies::ToTensorData(policy_part_.flat);
  training.tensors["critic"] = policies::ToTensorData(critic_part_.flat);
  policy_part_.optimizer->Save(training, "optimizer");
  critic_part_.optimizer->Save(training, "critic_optimizer");
  training.tensors["critic_scale"] = ToTensorData(critic_scale_.Saved());
  training.tensors["return_scale"] = ToTensorData(return_scale_.Saved());
  worlds_.Save(training);
  checkpoint.state = {{"learning_rate", rate_}, {"env_steps", env_steps_}, {"loss", loss_.value_or(0)}};
}

void PpoLearner::Load(const policies::Checkpoint& checkpoint, const std::string& file) {
  const policies::Manifest saved = policies::GetManifest(checkpoint.policy, file);
  CheckBackbone(saved, file, job_, *features_);
  const policies::TensorFile& training = checkpoint.training;
  const at::Tensor weights = policies::TensorLike(training, "weights", policy_part_.flat, file),
                   critic = policies::TensorLike(training, "critic", critic_part_.flat, file);
  const std::int64_t step = JsonInt(checkpoint.state, "step", file, 0), reading = job_.ppo.reading_steps;
  const std::int64_t each = job_.ppo.epochs * job_.ppo.minibatches, played = std::max<std::int64_t>(0, step - reading),
                     moved = std::max<std::int64_t>(0, played - job_.ppo.critic_warmup) * each;
  RestoreScale(training, "critic_scale", file, critic_scale_);
  RestoreScale(training, "return_scale", file, return_scale_);
  worlds_.Restore(training, file);
  policy_part_.optimizer->Restore(training, file, step < reading ? step : moved, "optimizer");
  critic_part_.optimizer->Restore(training, file, played * each, "critic_optimizer");
  if (beginning_.defined()) beginning_.copy_(policies::TensorLike(training, "beginning", beginning_, file));
  policy_part_.flat.copy_(weights);
  critic_part_.flat.copy_(critic);
  manifest_.answer = saved.answer;
  rate_ = JsonNumber(checkpoint.state, "learning_rate", file);
  env_steps_ = JsonInt(checkpoint.state, "env_steps", file, 0);
  loss_ = JsonNumber(checkpoint.state, "loss", file);
  step_ = step;
}

}  // namespace

PpoResult TrainPpo(const PpoJob& job, Comm& comm, RunFolder& run) {
  Check(job);
  policies::UseMatrixThreads(job.ppo.threads, "ppo.threads");
  PpoLearner learner(job, comm, BeginningOf(job, run));
  const LoopResult loop = RunLearner(learner, comm, run,
                                     {.label = "train ppo",
                                      .steps = job.ppo.reading_steps + job.ppo.iterations,
                                      .checkpoint_every = job.ppo.checkpoint_every,
                                      .keep_checkpoints = job.ppo.keep_checkpoints,
                                      .log_every = job.ppo.log_every,
                                      .samples_per_step = job.ppo.worlds * job.ppo.steps,
                                      .peak_megaflops = comm.size() * policies::PeakMegaFlops()});
  return {loop, learner.seconds(), learner.parameters(), learner.env_steps(), learner.MegaFlops()};
}

}  // namespace genba::trainer
