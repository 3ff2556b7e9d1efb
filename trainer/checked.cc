#include "trainer/checked.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "core/processor.h"
#include "datasets/schema.h"
#include "envs/observation.h"
#include "envs/task.h"
#include "trainer/episode_recorder.h"

namespace genba::trainer {

namespace {

void Expect(const std::string& file, const std::string& key, const std::string& expected, const std::string& got) {
  if (expected != got) throw BadInput({file, key, Shown(expected), Shown(got)});
}

// The short texts repeat what the plan says, for readers that do not read plans.
void CheckTexts(const datasets::Episode& e, const envs::EpisodePlan& plan, const std::string& file) {
  Expect(file, "seed (plan against attribute)", std::to_string(plan.seed), std::to_string(e.seed));
  Expect(file, "episode (plan against index)", std::to_string(plan.episode), std::to_string(e.index));
  Expect(file, "order (plan against attribute)", envs::ToText(plan.order), e.order);
  Expect(file, "text (plan against attribute)", AsAttribute(plan.text), e.text);
  Expect(file, "language (plan against attribute)", envs::Name(plan.language), e.language);
  Expect(file, "split (plan against attribute)", envs::Name(plan.split), e.split);
}

void CheckWidths(const datasets::Episode& e, const datasets::DatasetInfo& info, const std::string& file) {
  const auto check = [&](const std::string& key, std::uint64_t expected, std::size_t got) {
    if (got != expected) throw BadInput({file, key, std::to_string(expected) + " numbers", std::to_string(got)});
  };
  datasets::VisitArrays(e, info, [&](const datasets::ArrayInfo& array, const auto& values) {
    std::uint64_t size = 1;
    for (const std::uint64_t extent : array.dims) size *= extent;
    check(array.name, size, values.size());
  });
  const auto width = static_cast<std::size_t>(info.spec.obs_dim());
  check("obs", static_cast<std::size_t>(e.num_steps) * width, e.obs.size());
  check("obs_last", width, e.last_obs.size());
}

}  // namespace

std::string EpisodePlace(const datasets::Dataset& dataset, const datasets::Episode& episode) {
  return dataset.folder().string() + ": episode " + std::to_string(episode.index);
}

void CheckSpec(const datasets::DatasetInfo& info, const std::string& file) {
  const EnvSpec registered = envs::SpecOf(info.spec.task);
  const std::string difference = FirstDifference(info.spec, registered);
  if (!difference.empty())
    throw BadInput({file, "env_spec", "that of task " + registered.task + " today", "another one; " + difference});
  const nlohmann::json stored = ToJson(info.spec), today = ToJson(registered);
  for (const auto& [key, value] : today.items()) {
    if (stored.at(key) != value) throw BadInput({file, "env_spec." + key, Shown(value), Shown(stored.at(key))});
  }
}

CheckedEpisode Checked(const datasets::Episode& e, const datasets::DatasetInfo& info, const std::string& file) {
  Expect(file, "task", info.spec.task, e.task);
  CheckSpec(info, file);
  CheckWidths(e, info, file);
  CheckedEpisode checked{envs::EpisodePlanFromText(e.plan, file + ": plan"),
                         envs::CellFromJson(e.cell, file + ": cell")};
  envs::CheckScene(e.task, checked.plan, checked.cell, file);
  CheckTexts(e, checked.plan, file);
  for (const std::uint8_t answer : e.answers) {
    if (answer >= kNumAnswers) throw BadInput({file, "answers", "0 … 3", std::to_string(answer)});
  }
  if (e.wanted != envs::WantedSlots(checked.plan, checked.cell))
    throw BadInput({file, "wanted", "the slots that the order is about", "others"});
  return checked;
}

std::string MakerDifference(const datasets::DatasetInfo& info) {
  std::string text;
  const auto compare = [&](const std::string& key, const std::string& stored, const std::string& here) {
    if (stored != here) text += (text.empty() ? "" : "; ") + key + " " + Shown(stored) + ", here " + Shown(here);
  };
  compare("builder_version", std::to_string(info.builder_version), std::to_string(sim::kBuilderVersion));
  compare("engine_version", info.engine_version, mj_versionString());
  compare("processor", info.processor, ProcessorType());
  return text;
}

RebuiltModel Rebuild(const CheckedEpisode& checked, const datasets::Episode& episode, const datasets::DatasetInfo& info,
                     const std::string& file) {
  RebuiltModel rebuilt{sim::CellBuilder(checked.cell).Build(), ""};
  const mjModel* m = rebuilt.model->get();
  const auto check = [&](const char* key, int stored, int here) {
    if (stored != here)
      throw BadInput({file, key, std::to_string(here) + " (the model of its cell)", std::to_string(stored)});
  };
  check("physics_size", info.physics_size, 1 + static_cast<int>(m->nq + m->nv));
  check("ctrl_size", info.ctrl_size, static_cast<int>(m->nu));
  check("state_size", info.state_size, static_cast<int>(mj_stateSize(m, mjSTATE_INTEGRATION)));
  if (rebuilt.model->Hash() == episode.model_hash) return rebuilt;
  const std::string maker = MakerDifference(info);
  if (maker.empty())
    throw BadInput({file, "model_hash", std::to_string(rebuilt.model->Hash()) + " (the model of its cell)",
                    std::to_string(episode.model_hash)});
  rebuilt.drift = "today's model, not the recorded one: " + maker;
  return rebuilt;
}

std::vector<datasets::Dataset::Problem> VerifyScenes(const datasets::Dataset& dataset) {
  std::vector<datasets::Dataset::Problem> problems;
  for (int k = 0; k < dataset.num_episodes(); ++k) {
    CheckInterrupt();
    const std::string place = dataset.folder().string() + ": episode " + std::to_string(k);
    try {
      const datasets::Episode episode = dataset.Read(k);
      const RebuiltModel rebuilt = Rebuild(Checked(episode, dataset.info(), place), episode, dataset.info(), place);
      if (!rebuilt.drift.empty()) problems.push_back({place, place + ": " + rebuilt.drift});
    } catch (const InterruptedError&) {
      throw;
    } catch (const Error& error) {
      problems.push_back({place, error.what()});
    }
  }
  return problems;
}

}  // namespace genba::trainer
