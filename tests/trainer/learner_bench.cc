// learner_bench OUT [THREADS [STEPS]] - how long one step of behaviour cloning takes on one real batch of pick_bin
// (256 scenes as they are reset, each told in a sentence of its own, read a second time for what it says), with the
// default network. Prints JSON; writes the
// batch and the initial weights to OUT (safetensors), so that script/bench-learner can do the same in eager PyTorch and
// see that it is the same network: equal losses. Not a test and not part of genba.
#include <ATen/ops/empty.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "envs/language.h"
#include "envs/observation.h"
#include "envs/vec_env.h"
#include "policies/compute.h"
#include "policies/network.h"
#include "trainer/optimizer.h"

namespace genba {
namespace {

constexpr int kRows = 256;

struct Sample {
  EnvSpec spec;
  std::vector<float> obs, wanted;
  std::vector<int> quantities;
  std::vector<std::string> texts;
};

Sample Draw() {
  envs::VecEnvConfig config;
  config.num_worlds = kRows;
  config.num_threads = 1;
  envs::VecEnv env(config);
  StepBatch batch(env.spec(), kRows);
  env.Reset(batch);
  Sample sample{env.spec(), {batch.obs.begin(), batch.obs.end()}, {}, {}, {}};
  for (int world = 0; world < kRows; ++world) {
    const std::vector<std::uint8_t> wanted = envs::WantedSlots(env.plan(world), env.cell(world));
    sample.wanted.insert(sample.wanted.end(), wanted.begin(), wanted.end());
    sample.quantities.push_back(static_cast<int>(env.plan(world).order.objects.count));
    sample.texts.push_back(env.plan(world).text);
  }
  return sample;
}

policies::Normalizer Scales(const Sample& sample) {
  policies::NormalizerBuilder builder(sample.spec);
  const auto width = static_cast<std::size_t>(sample.spec.obs_dim());
  for (std::size_t i = 0; i < kRows; ++i) builder.AddObservation(std::span(sample.obs).subspan(i * width, width));
  builder.AddAction(std::vector<float>(static_cast<std::size_t>(sample.spec.action_dim()), 0.0f));
  return builder.Build();
}

at::Tensor Filled(const std::vector<float>& values, at::IntArrayRef shape) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<float>());
  return tensor;
}

std::vector<float> Noise(std::int64_t count) {
  Rng rng(1, 0, "bench actions");
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(rng.Uniform(-1, 1));
  return values;
}

policies::TrainingBatch MakeBatch(const Sample& sample, const policies::PolicyConfig& config,
                                  policies::FeatureSource& features) {
  const std::int64_t actions = sample.spec.action_dim();
  std::vector<int> choice(kRows);
  for (int i = 0; i < kRows; ++i) {
    const auto found = std::find(sample.texts.begin(), sample.texts.end(), sample.texts[static_cast<std::size_t>(i)]);
    choice[static_cast<std::size_t>(i)] = static_cast<int>(found - sample.texts.begin());
  }
  policies::TrainingBatch batch;
  batch.obs = Filled(sample.obs, {kRows, sample.spec.obs_dim()});
  batch.actions = Filled(Noise(kRows * config.chunk * actions), {kRows, config.chunk, actions});
  batch.mask = Filled(std::vector<float>(static_cast<std::size_t>(kRows * config.chunk), 1.0f), {kRows, config.chunk});
  batch.text = policies::GatherTexts(features, sample.texts, choice, 0);
  return batch;
}

policies::ReadingBatch MakeReading(const Sample& sample, const policies::TrainingBatch& batch) {
  const std::vector<float> quantities(sample.quantities.begin(), sample.quantities.end());
  policies::ReadingBatch reading;
  reading.text = batch.text;
  reading.obs = batch.obs;
  reading.wanted = Filled(sample.wanted, {kRows, static_cast<std::int64_t>(sample.wanted.size()) / kRows});
  reading.known = at::ones({kRows}, at::kFloat);
  reading.quantity = Filled(quantities, {kRows}).to(at::kLong);
  reading.answer = at::zeros({kRows}, at::kLong);
  return reading;
}

void Write(const char* path, const Sample& sample, const policies::Normalizer& scales,
           const policies::PolicyConfig& config, const policies::TrainingBatch& batch,
           const policies::ReadingBatch& reading, const policies::Network& network, const at::Tensor& flat,
           int word_dim) {
  policies::TensorFile file;
  network.layout().ToFile(flat, file);
  const auto put = [&](const char* name, const at::Tensor& tensor) {
    file.tensors[std::string("batch.") + name] = policies::ToTensorData(tensor);
  };
  put("obs", batch.obs);
  put("actions", batch.actions);
  put("mask", batch.mask);
  put("wanted", reading.wanted);
  put("quantity", reading.quantity.to(at::kFloat));
  put("text.tokens", batch.text.tokens);
  put("text.mask", batch.text.mask);
  put("text.index", batch.text.index.to(at::kFloat));
  file.metadata["bench"] = nlohmann::json{
      {"spec", ToJson(sample.spec)},
      {"config", ToJson(config)},
      {"normalizer", ToJson(scales)},
      {"word_dim", word_dim},
      {"lengths",
       batch.text.lengths}}.dump();
  policies::WriteSafetensors(path, file);
}

int Run(int argc, char** argv) {
  const int threads = argc > 2 ? std::atoi(argv[2]) : 2, steps = argc > 3 ? std::atoi(argv[3]) : 100;
  policies::UseMatrixThreads(threads, "THREADS");
  const Sample sample = Draw();
  const policies::PolicyConfig config;
  const auto features = policies::MakeFeatureSource(config.features);
  const policies::Normalizer scales = Scales(sample);
  const policies::Network network(sample.spec, config, features->shape(), scales);
  at::Tensor flat = network.layout().Initial(1), gradient = at::zeros_like(flat), average = flat.clone();
  const policies::Weights weights = network.layout().TrainableViews(flat, gradient);
  trainer::FlatAdamW optimizer(flat, gradient, {});
  const policies::TrainingBatch batch = MakeBatch(sample, config, *features);
  const policies::ReadingBatch reading = MakeReading(sample, batch);
  Write(argv[1], sample, scales, config, batch, reading, network, flat, features->shape().word_dim);
  double first_loss = 0, loss = 0;
  std::vector<double> times;
  for (int step = 0; step < steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    const policies::ReadingLoss read = ComputeLoss(network.reader(), weights, reading);
    const at::Tensor value = network.Loss(weights, batch) + read.grounding + read.quantity + read.answer;
    value.backward();
    loss = value.item<double>();
    optimizer.Step(1e-4).item<double>();
    average.lerp_(flat, 0.001);
    times.push_back(1e3 * std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    if (step == 0) first_loss = loss;
  }
  std::sort(times.begin(), times.end());
  std::printf("%s\n", nlohmann::json{{"ms_per_step", times[times.size() / 2]},
                                     {"ms_best", times.front()},
                                     {"threads", threads},
                                     {"rows", kRows},
                                     {"texts", batch.text.tokens.size(0)},
                                     {"parameters", network.layout().num_weights()},
                                     {"first_loss", first_loss},
                                     {"last_loss", loss}}
                          .dump()
                          .c_str());
  return 0;
}

}  // namespace
}  // namespace genba

int main(int argc, char** argv) { return argc > 1 ? genba::Run(argc, argv) : 2; }
