#include "trainer/train_bc.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "core/rng.h"
#include "policies/compute.h"
#include "policies/device.h"
#include "policies/network.h"
#include "trainer/checked.h"
#include "trainer/demonstrations.h"
#include "trainer/ranks/timed_comm.h"
#include "trainer/reading_batch.h"
#include "trainer/sharded_optimizer.h"
#include "trainer/shards.h"
#include "trainer/skipped_steps.h"
#include "trainer/tensors.h"

namespace genba::trainer {

namespace {

constexpr int kTokens = 24;                      // of a text, where cost is told
constexpr std::uint64_t kReadingSeed = 1000003;  // apart from the seeds of data and evaluation

policies::Normalizer MeasureScales(const Demonstrations& shown) {
  policies::NormalizerBuilder builder(shown.spec());
  const auto obs_dim = static_cast<std::size_t>(shown.spec().obs_dim()),
             action_dim = static_cast<std::size_t>(shown.spec().action_dim());
  for (const datasets::Sampler& sampler : shown.windows().samplers()) {
    for (std::size_t step = 0; step < static_cast<std::size_t>(sampler.num_windows()); ++step) {
      builder.AddObservation(sampler.observations().subspan(step * obs_dim, obs_dim));
      builder.AddAction(sampler.actions().subspan(step * action_dim, action_dim));
    }
  }
  return builder.Build();
}

// [rows, shape…]
at::Tensor TensorOf(const std::vector<float>& batch, const Slice& rows, std::vector<std::int64_t> shape) {
  const std::int64_t per_row = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  shape.insert(shape.begin(), rows.last - rows.first);
  return FloatTensor(Of(rows, batch, static_cast<std::size_t>(per_row)), shape);
}

std::string Hex(std::uint64_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

class BcLearner final : public Learner {
 public:
  BcLearner(const TrainJob& job, Comm& comm);

  std::int64_t step() const override { return step_; }
  std::optional<double> loss() const override { return step_ > 0 ? std::optional(running_loss_) : std::nullopt; }
  Scalars Step() override;
  void Save(policies::Checkpoint& checkpoint) const override;
  void Load(const policies::Checkpoint& checkpoint, const std::string& file) override;
  std::uint64_t Fingerprint() const override { return HashOf(flat_); }
  void Begun(const RunFolder& run) const override {
    policies::NoteBackbone(run.path(), job_.policy.features, manifest_.features_hash);
  }

  std::int64_t parameters() const { return network_.layout().num_weights(); }
  double MegaFlops() const { return 1e-6 * static_cast<double>(network_.flops(kTokens, false)); }
  // A backward pass computes twice what the forward pass does. Texts as long as most are; what is learned, not the backbone.
  std::optional<double> StepMegaFlops() const override {
    const double forward = static_cast<double>(network_.flops(kTokens, true) + 2 * network_.reader().macs(kTokens));
    return 1e-6 * 3 * job_.trainer.batch * forward;
  }
  std::string WeightsHash() const { return Hex(HashOf(average_)); }

 private:
  std::vector<int> ParaphrasesOf(const envs::EpisodePlan& plan);
  void DrawWindows();
  policies::TrainingBatch WindowsOf(const Slice& rows);
  LessonDraw Lessons() const;
  policies::ReadingBatch ReadingOf(const Slice& rows);
  at::Tensor LearnFrom(const Slice& rows);
  at::Tensor Gradient();
  std::string Where(const std::string& at) const;
  policies::AnswerCalibration CalibrateAverage() const;
  void CheckInputs(const policies::Checkpoint& checkpoint, const std::string& file) const;
  void Average();
  void CheckLoss(double loss, const std::string& at);

  const TrainJob& job_;
  TimedComm comm_;
  at::Device device_;
  Shards shards_;
  std::unique_ptr<policies::FeatureSource> features_;
  Demonstrations shown_;
  policies::Manifest manifest_;
  std::vector<std::string> texts_;  // the data set's, then the paraphrases
  policies::Network network_;
  at::Tensor flat_, gradient_, average_;
  ShardGradients gradients_;
  policies::Weights weights_;
  ShardedAdamW optimizer_;
  SkippedSteps skipped_;
  datasets::WindowBatch windows_;
  std::vector<std::vector<int>> paraphrases_;  // of each sampled episode: indices into texts_
  std::vector<ReadingItem> reading_;
  std::vector<std::string> reading_texts_;
  std::vector<ReadingItem> calibration_;
  std::int64_t step_ = 0;
  double running_loss_ = 0;  // exponential mean, for the spike check
};

policies::Manifest MakeManifest(const TrainJob& job, const Demonstrations& shown,
                                const policies::FeatureSource& features) {
  return {shown.spec(), job.policy, MeasureScales(shown), features.hash(), features.shape(), {}};
}

BcLearner::BcLearner(const TrainJob& job, Comm& comm)
    : job_(job),
      comm_(comm, phases()),
      device_(policies::DeviceNamed(job.trainer.device, "trainer.device")),
      shards_(ShardsOf(comm, job.trainer.shards, "trainer.shards")),
      features_(policies::MakeFeatureSource(job.policy.features)),
      shown_(job),
      manifest_(MakeManifest(job, shown_, *features_)),
      texts_(shown_.windows().texts()),
      network_(manifest_.spec, manifest_.config, manifest_.text, manifest_.normalizer, device_),
      flat_(WithRoom(network_.layout().Initial(job.trainer.seed).to(device_), job.trainer.shards)),
      gradient_(WithRoom(at::zeros_like(flat_), job.trainer.shards)),
      average_(flat_.clone()),
      gradients_(comm_, shards_, gradient_),
      weights_(network_.layout().TrainableViews(flat_, gradient_)),
      optimizer_(comm_, job.trainer.shards, flat_, gradient_,
                 {.weight_decay = job.trainer.weight_decay, .clip_norm = job.trainer.clip_norm}),
      skipped_(job.trainer.skips, comm.rank() == 0) {
  for (const envs::EpisodePlan& plan : shown_.plans()) paraphrases_.push_back(ParaphrasesOf(plan));
  ReadingSet reading =
      DrawReadingSet({TasksOf(manifest_.spec), job.trainer.seed + kReadingSeed, job.trainer.reading_texts,
                      job.trainer.calibration_texts, job.trainer.reading_negatives});
  reading_ = std::move(reading.learned);
  reading_texts_ = TextsOf(reading_);
  calibration_ = std::move(reading.calibration);
  features_->Prefetch(texts_, job.trainer.threads);
  features_->Prefetch(TextsRead(Lessons(), OwnRows(shards_, job.trainer.batch), job.trainer.steps, reading_texts_),
                      job.trainer.threads);
}

// Other ways to say what an episode is about: one demonstration teaches all of them.
std::vector<int> BcLearner::ParaphrasesOf(const envs::EpisodePlan& plan) {
  std::vector<int> paraphrases;
  if (plan.expect != Answer::kAct) return paraphrases;
  for (int k = 0; k < job_.trainer.paraphrases; ++k) {
    Rng rng(job_.trainer.seed, plan.episode, "paraphrase " + std::to_string(k));
    const envs::Language language = k % 2 == 0 ? envs::Language::kEnglish : envs::Language::kJapanese;
    const bool loosely = k % 4 >= 2;
    paraphrases.push_back(static_cast<int>(texts_.size()));
    const bool spare = envs::HasSpare(plan.order, plan.parts);
    texts_.push_back(
        (loosely ? envs::SayLoosely : envs::Say)(plan.order, language, envs::Split::kTrain, rng, spare).text);
  }
  return paraphrases;
}

// Each window is told in its own words or in one of the others, in equal shares.
void BcLearner::DrawWindows() {
  const Phases::Scope in = phases().In("data");
  shown_.windows().Next(windows_);
  Rng rng(job_.trainer.seed, static_cast<std::uint64_t>(step_), "texts");
  for (std::size_t i = 0; i < windows_.text.size(); ++i) {
    const std::vector<int>& others = paraphrases_[static_cast<std::size_t>(windows_.episode[i])];
    const int choice = rng.Int(0, static_cast<int>(others.size()));
    if (choice > 0) windows_.text[i] = others[static_cast<std::size_t>(choice) - 1];
  }
}

// Of the windows that were drawn. Who holds still needs no teacher.
policies::TrainingBatch BcLearner::WindowsOf(const Slice& rows) {
  const Phases::Scope in = phases().In("data");
  const std::int64_t chunk = job_.policy.chunk, action_dim = manifest_.spec.action_dim();
  policies::TrainingBatch batch;
  batch.obs = TensorOf(windows_.obs, rows, {manifest_.spec.obs_dim()});
  batch.actions = TensorOf(windows_.actions, rows, {chunk, action_dim});
  batch.mask = TensorOf({windows_.mask.begin(), windows_.mask.end()}, rows, {chunk});
  for (int row = rows.first; row < rows.last; ++row) {
    const int episode = windows_.episode[static_cast<std::size_t>(row)];
    if (shown_.plans()[static_cast<std::size_t>(episode)].expect != Answer::kAct) batch.mask[row - rows.first].zero_();
  }
  batch.text = policies::GatherTexts(*features_, texts_, Of(rows, windows_.text), 0);
  if (network_.needs_noise()) {
    Rng rng(job_.trainer.seed, static_cast<std::uint64_t>(step_), "flow");
    std::vector<float> noise(windows_.actions.size()), time(static_cast<std::size_t>(job_.trainer.batch));
    for (float& value : noise) value = static_cast<float>(rng.Normal());
    for (float& value : time) value = static_cast<float>(rng.Uniform());
    batch.noise = TensorOf(noise, rows, {chunk, action_dim});
    batch.time = TensorOf(time, rows, {});
  }
  return To(batch, device_);
}

LessonDraw BcLearner::Lessons() const {
  return {job_.trainer.seed, "reading", job_.trainer.batch, static_cast<int>(reading_.size())};
}

policies::ReadingBatch BcLearner::ReadingOf(const Slice& rows) {
  const Phases::Scope in = phases().In("data");
  return To(BatchOf(reading_, reading_texts_, Of(rows, DrawLesson(Lessons(), step_)), *features_), device_);
}

// Adds the gradient of a shard's share of the loss. [5]: the share, and of each of its terms.
at::Tensor BcLearner::LearnFrom(const Slice& rows) {
  const policies::TrainingBatch windows = WindowsOf(rows);
  const policies::ReadingBatch reading = ReadingOf(rows);
  const Phases::Scope in = phases().In("learn");
  const at::Tensor bc = network_.Loss(weights_, windows);
  const policies::ReadingLoss read = ComputeLoss(network_.reader(), weights_, reading);
  const at::Tensor loss = bc + job_.trainer.reading * (read.grounding + read.quantity + read.answer);
  (loss / job_.trainer.shards).backward();
  return at::stack({loss, bc, read.grounding, read.quantity, read.answer}).detach().to(at::kDouble) /
         job_.trainer.shards;
}

// Of this rank's shards. The losses, as LearnFrom's, are the batch's.
at::Tensor BcLearner::Gradient() {
  std::vector<at::Tensor> losses;
  for (int own = 0; own < shards_.own; ++own) {
    losses.push_back(LearnFrom(RowsOf(shards_, own, job_.trainer.batch)));
    // Such a loss has no gradient, whatever came of it on the way back: the others learn it from the norm.
    if (!std::isfinite(losses.back()[0].item<double>())) gradient_.fill_(std::numeric_limits<float>::quiet_NaN());
    gradients_.Keep(own);
  }
  gradients_.Add();
  return SumOfShards(comm_, losses, "losses");
}

std::string BcLearner::Where(const std::string& at) const {
  return "step " + std::to_string(step_ + 1) + " (" + at + "; first text: '" +
         texts_[static_cast<std::size_t>(windows_.text.front())] + "')";
}

void BcLearner::CheckLoss(double loss, const std::string& at) {
  if (!std::isfinite(loss)) return;  // the step is skipped
  if (step_ > job_.trainer.warmup && loss > job_.trainer.spike * running_loss_) {
    throw Error(ErrorKind::kFailed, "the loss leapt from " + std::to_string(running_loss_) + " to " +
                                        std::to_string(loss) + " at " + Where(at) + "; trainer.spike sets the limit");
  }
  running_loss_ = running_loss_ == 0 ? loss : 0.98 * running_loss_ + 0.02 * loss;
}

// Of what acts. It forgets its random start: a short memory at first.
void BcLearner::Average() {
  const double decay = std::min(job_.trainer.ema, static_cast<double>(step_ + 1) / static_cast<double>(step_ + 10));
  average_.lerp_(flat_, 1 - decay);
  skipped_.Taken();
}

Scalars BcLearner::Step() {
  const std::string at = shown_.NextRows();
  const TrainConfig& config = job_.trainer;
  DrawWindows();
  const at::Tensor losses = Gradient();
  const auto loss = [&](int term) { return losses[term].item<double>(); };
  CheckLoss(loss(0), at);
  const double rate = WarmupCosine(step_, config.warmup, config.steps, config.learning_rate, 0.02);
  const double norm = phases().Of("optimiser", [&] { return optimizer_.Step(rate); });
  if (std::isfinite(norm)) {
    Average();
  } else {
    skipped_.Skipped(Where(at) + ", loss " + std::to_string(loss(0)), optimizer_.culprits(), comm_.size());
  }
  ++step_;
  return Finite({{"Loss/total", loss(0)},
                 {"Loss/bc", loss(1)},
                 {"Loss/grounding", loss(2)},
                 {"Loss/quantity", loss(3)},
                 {"Loss/answer", loss(4)},
                 {"Train/learning_rate", rate},
                 {"Train/gradient_norm", norm},
                 {"Train/skipped_steps", static_cast<double>(skipped_.total())},
                 {"Train/epoch", static_cast<double>(shown_.windows().state().front().epoch)}});
}

// On the CPU, where the policy will act.
policies::AnswerCalibration BcLearner::CalibrateAverage() const {
  const policies::Network acting(manifest_.spec, manifest_.config, manifest_.text, manifest_.normalizer);
  const std::vector<ReadingResult> read =
      Read(acting.reader(), acting.layout().Views(average_.cpu()), calibration_, *features_);
  return Calibrate(SamplesOf(calibration_, read));
}

void BcLearner::Save(policies::Checkpoint& checkpoint) const {
  optimizer_.Save(checkpoint.training);
  if (comm_.rank() != 0) return;
  policies::Manifest manifest = manifest_;
  manifest.answer = phases().Of("calibrate", [&] { return CalibrateAverage(); });
  network_.layout().ToFile(average_, checkpoint.policy);
  policies::PutManifest(manifest, checkpoint.policy);
  checkpoint.training.tensors["weights"] = policies::ToTensorData(flat_);
  checkpoint.training.tensors["average"] = policies::ToTensorData(average_);
  checkpoint.state = {{"running_loss", running_loss_}};
  shown_.Save(checkpoint.state);
  skipped_.Save(checkpoint.state);
}

void BcLearner::Load(const policies::Checkpoint& checkpoint, const std::string& file) {
  CheckInputs(checkpoint, file);
  const at::Tensor weights = policies::TensorLike(checkpoint.training, "weights", flat_, file),
                   average = policies::TensorLike(checkpoint.training, "average", average_, file);
  const std::int64_t step = JsonInt(checkpoint.state, "step", file, 0);
  const double running_loss = JsonNumber(checkpoint.state, "running_loss", file);
  skipped_.Restore(checkpoint.state, step, file);
  optimizer_.Restore(checkpoint.training, file, step - skipped_.total());
  shown_.Restore(checkpoint.state, file);
  flat_.copy_(weights);
  average_.copy_(average);
  step_ = step;
  running_loss_ = running_loss;
}

// The data sets and the backbone of the run, by content.
void BcLearner::CheckInputs(const policies::Checkpoint& checkpoint, const std::string& file) const {
  shown_.CheckSame(checkpoint.state, file);
  const policies::Manifest saved = policies::GetManifest(checkpoint.policy, file);
  if (saved.features_hash != manifest_.features_hash)
    throw BadInput({file, "policy.backbone", "the backbone the run was started with, " + saved.features_hash,
                    "another one under '" + job_.policy.features.backbone + "', " + manifest_.features_hash});
  const std::string difference = FirstDifference(saved.spec, manifest_.spec);
  if (!difference.empty()) throw BadInput({file, "spec", "the data set's", difference});
}

void CheckShards(const TrainConfig& config, const Comm& comm) {
  ShardsOf(comm, config.shards, "trainer.shards");
  if (config.shards > config.batch)
    throw BadInput({"settings", "trainer.shards", "at most trainer.batch (" + std::to_string(config.batch) + ")",
                    std::to_string(config.shards)});
}

// Before anything else is read: what is missing is said at once.
void CheckDevice(const TrainConfig& config, int ranks) {
  const at::Device device = policies::DeviceNamed(config.device, "trainer.device");
  if (ranks > 1 && !device.is_cpu())
    throw BadInput({"settings", "trainer.device", "cpu on several ranks, which exchange CPU tensors", config.device});
}

// Of the processor; what a device reaches is measured where it is (docs/gpu.md).
double PeakOf(const TrainConfig& config, int ranks) {
  return policies::DeviceNamed(config.device, "trainer.device").is_cpu() ? ranks * policies::PeakMegaFlops() : 0;
}

}  // namespace

TrainResult TrainBc(const TrainJob& job, Comm& comm, RunFolder& run) {
  policies::Check(job.policy, "settings");
  if (job.policy.residual_width > 0)
    throw BadInput({"settings", "policy.residual_width",
                    "0: episodes teach plans, and train ppo --residual corrects them",
                    std::to_string(job.policy.residual_width)});
  CheckShards(job.trainer, comm);
  CheckDevice(job.trainer, comm.size());
  policies::UseMatrixThreads(job.trainer.threads, "trainer.threads");
  BcLearner learner(job, comm);
  const LoopResult loop = RunLearner(learner, comm, run,
                                     {.label = "train bc",
                                      .steps = job.trainer.steps,
                                      .checkpoint_every = job.trainer.checkpoint_every,
                                      .keep_checkpoints = job.trainer.keep_checkpoints,
                                      .log_every = job.trainer.log_every,
                                      .samples_per_step = job.trainer.batch,
                                      .peak_megaflops = PeakOf(job.trainer, comm.size())});
  return {loop, learner.parameters(), learner.MegaFlops(), learner.WeightsHash()};
}

}  // namespace genba::trainer
