#include "trainer/demonstrations.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "trainer/checked.h"

namespace genba::trainer {

namespace {

void CheckCounts(const TrainJob& job) {
  const std::size_t sources = job.data.size(), weights = job.trainer.weights.size(),
                    episodes = job.trainer.episodes.size();
  if (weights != 0 && weights != sources)
    throw BadInput({"settings", "trainer.weights", "none, or one for each data set (" + std::to_string(sources) + ")",
                    std::to_string(weights)});
  if (episodes != 1 && episodes != sources)
    throw BadInput({"settings", "trainer.episodes",
                    "one for all, or one for each data set (" + std::to_string(sources) + ")",
                    std::to_string(episodes)});
}

std::vector<datasets::Dataset> Open(const TrainJob& job) {
  if (job.data.empty()) throw BadInput({"train bc", "--data", "the folder of a data set", "nothing"});
  CheckCounts(job);
  std::vector<datasets::Dataset> datasets;
  for (const std::string& folder : job.data) {
    const datasets::DatasetInfo& info = datasets.emplace_back(folder).info();
    CheckSpec(info, folder);
    if (const std::string maker = MakerDifference(info); !maker.empty())
      LogWarning(folder + " was made by another builder, engine or processor: " + maker);
    EnvSpec alike = info.spec;  // tasks may differ
    alike.task = datasets.front().info().spec.task;
    const std::string difference = FirstDifference(datasets.front().info().spec, alike);
    if (!difference.empty()) throw BadInput({folder, "spec", "that of " + job.data.front(), difference});
  }
  return datasets;
}

EnvSpec SpecOf(const std::vector<datasets::Dataset>& datasets) {
  std::vector<EnvSpec> specs;
  for (const datasets::Dataset& dataset : datasets) specs.push_back(dataset.info().spec);
  return UnionOf(specs);
}

std::vector<datasets::Source> SourcesOf(const std::vector<datasets::Dataset>& datasets, const TrainConfig& config) {
  std::vector<datasets::Source> sources;
  for (std::size_t k = 0; k < datasets.size(); ++k) {
    const std::string& episodes = config.episodes[config.episodes.size() == 1 ? 0 : k];
    sources.push_back({&datasets[k], config.weights.empty() ? 0 : config.weights[k], episodes == "success"});
  }
  return sources;
}

datasets::SamplerConfig SamplerSettings(const TrainJob& job) {
  return {.batch_size = job.trainer.batch,
          .chunk = job.policy.chunk,
          .seed = job.trainer.seed,
          .mask_unseen_pushes = job.trainer.mask_pushes};
}

}  // namespace

Demonstrations::Demonstrations(const TrainJob& job)
    : folders_(job.data),
      datasets_(Open(job)),
      spec_(SpecOf(datasets_)),
      windows_(SourcesOf(datasets_, job.trainer), SamplerSettings(job),
               [&](const datasets::Dataset& dataset, const datasets::Episode& episode) {
                 plans_.push_back(Checked(episode, dataset.info(), EpisodePlace(dataset, episode)).plan);
               }) {}

std::string Demonstrations::NextRows() const {
  std::string text;
  const std::vector<datasets::SamplerState> states = windows_.state();
  for (std::size_t k = 0; k < states.size(); ++k) {
    const std::uint64_t first = states[k].cursor, rows = static_cast<std::uint64_t>(windows_.rows()[k]);
    text += (k > 0 ? "; " + folders_[k] + ": " : "") + "epoch " + std::to_string(states[k].epoch) + ", windows " +
            std::to_string(first) + " … " + std::to_string(first + rows - 1) + " of its order";
  }
  return text;
}

// Of one data set: its manifest's.
std::string Demonstrations::Hashes() const {
  std::string text;
  for (const datasets::Dataset& dataset : datasets_) text += (text.empty() ? "" : " ") + dataset.manifest_sha256();
  return text;
}

void Demonstrations::Save(nlohmann::json& state) const {
  nlohmann::json samplers = nlohmann::json::array();
  for (const datasets::SamplerState& at : windows_.state())
    samplers.push_back({{"epoch", at.epoch}, {"cursor", at.cursor}});
  state["samplers"] = std::move(samplers);
  state["data_manifest_sha256"] = Hashes();
}

void Demonstrations::CheckSame(const nlohmann::json& state, const std::string& file) const {
  const std::string hashes = JsonText(state, "data_manifest_sha256", file);
  if (hashes == Hashes()) return;
  std::string folders;
  for (const std::string& folder : folders_) folders += (folders.empty() ? "" : ", ") + folder;
  throw BadInput({file, "run.data", "what the run was started with, of manifest " + hashes,
                  folders + ", of manifest " + Hashes()});
}

void Demonstrations::Restore(const nlohmann::json& state, const std::string& file) {
  std::vector<datasets::SamplerState> states;
  for (const nlohmann::json& at : JsonArray(state, "samplers", file))
    states.push_back({JsonUint(at, "epoch", file), JsonUint(at, "cursor", file)});
  if (states.size() != datasets_.size())
    throw BadInput(
        {file, "samplers", std::to_string(datasets_.size()) + ", one a data set", std::to_string(states.size())});
  windows_.Restore(states);
}

}  // namespace genba::trainer
