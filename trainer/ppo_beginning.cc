#include "trainer/ppo_beginning.h"

#include <algorithm>

#include "core/error.h"
#include "core/rng.h"
#include "envs/vec_env.h"
#include "policies/network.h"

namespace genba::trainer {

namespace {

constexpr std::uint64_t kScaleSeed = 2000003;  // apart from the seeds of worlds, reading and evaluation
constexpr int kScaleWorlds = 32, kScaleSteps = 60;

// What random motion shows.
policies::Normalizer MeasureScales(const PpoConfig& config) {
  envs::VecEnvConfig settings;
  settings.task = config.task;
  settings.num_worlds = kScaleWorlds;
  settings.seed = config.seed + kScaleSeed;
  settings.options.to_learn_from = true;
  envs::VecEnv env(settings);
  StepBatch batch(env.spec(), kScaleWorlds);
  Commands commands;
  commands.Fit(kScaleWorlds, env.spec().action_dim());
  policies::NormalizerBuilder builder(env.spec());
  Rng rng(config.seed, 0, "ppo scales");
  env.Reset(batch);
  for (int step = 0; step < kScaleSteps; ++step) {
    for (int world = 0; world < kScaleWorlds; ++world) builder.AddObservation(batch.obs_view().row(world));
    for (float& action : commands.actions) action = static_cast<float>(rng.Uniform(-1, 1));
    env.Step(commands, batch);
  }
  builder.AddAction(std::vector<float>(static_cast<std::size_t>(env.spec().action_dim())));
  return builder.Build();
}

policies::Manifest MakeManifest(const PpoJob& job, const policies::FeatureSource& features) {
  policies::Manifest manifest{envs::SpecOf(job.ppo.task), job.policy, MeasureScales(job.ppo), features.hash(),
                              features.shape(),           {}};
  std::fill(manifest.normalizer.action_mean.begin(), manifest.normalizer.action_mean.end(), 0.0f);
  std::fill(manifest.normalizer.action_scale.begin(), manifest.normalizer.action_scale.end(), 1.0f);
  return manifest;
}

// Of a policy that corrects nothing yet, with corrections that are still none.
void AddCorrection(const policies::Manifest& manifest, std::uint64_t seed, policies::TensorFile& weights) {
  const policies::Network network(manifest.spec, manifest.config, manifest.text, manifest.normalizer);
  policies::TensorFile fresh;
  network.layout().ToFile(network.layout().Initial(seed), fresh);
  for (auto& [name, tensor] : fresh.tensors) {
    if (name.starts_with(policies::kCorrection)) weights.tensors.try_emplace(name, std::move(tensor));
  }
}

}  // namespace

void CheckBackbone(const policies::Manifest& wanted, const std::string& file, const PpoJob& job,
                   const policies::FeatureSource& found) {
  if (wanted.features_hash == found.hash()) return;
  throw BadInput({file, "policy.backbone", "the backbone it was started with, " + wanted.features_hash,
                  "another one under '" + job.policy.features.backbone + "', " + found.hash()});
}

Beginning BeginningOf(const PpoJob& job, const RunFolder& run) {
  Beginning begin{policies::MakeFeatureSource(job.policy.features), {}, {}};
  if (job.ppo.from.empty()) {
    begin.manifest = MakeManifest(job, *begin.features);
    return begin;
  }
  const std::string source = run.newest().empty() ? job.ppo.from : run.newest().string();
  begin.policy = policies::ReadTrained(source, envs::SpecOf(job.ppo.task));
  CheckBackbone(begin.policy->manifest, begin.policy->file, job, *begin.features);
  begin.manifest = begin.policy->manifest;
  begin.manifest.config = job.policy;
  if (job.policy.residual_width > 0) AddCorrection(begin.manifest, job.ppo.seed, begin.policy->weights);
  return begin;
}

}  // namespace genba::trainer
