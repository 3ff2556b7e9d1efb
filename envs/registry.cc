#include <nlohmann/json.hpp>

#include "core/error.h"
#include "envs/task.h"
#include "envs/vec_env.h"

namespace genba::envs {

namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Task> (*make)();
};
constexpr std::array<Entry, 2> kTasks{{{"reach", MakeReach}, {"pick_bin", MakePickBin}}};

// A cause that is missing is found here, not in the middle of a step.
std::unique_ptr<Task> Declared(std::unique_ptr<Task> task) {
  for (const char* cause : {"success", "timeout", "wrong_part", "safety_stop", "fault"})
    CauseIndex(task->spec(), cause);
  return task;
}

constexpr int kExamples = 4;  // sentences per language that `genba tasks` prints

nlohmann::json ExampleTexts(const Task& task, Language language) {
  nlohmann::json texts = nlohmann::json::array();
  for (std::uint64_t episode = 0; episode < kExamples; ++episode) {
    EpisodeOptions options;
    options.language = Name(language);
    texts.push_back(DrawScene(task.verb(), task.limits(), 1, episode, options).plan.text);
  }
  return texts;
}

}  // namespace

std::vector<std::string> TaskNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kTasks) names.emplace_back(entry.name);
  return names;
}

std::unique_ptr<Task> MakeTask(const std::string& name) {
  std::string known;
  for (const Entry& entry : kTasks) {
    if (name == entry.name) return Declared(entry.make());
    known += (known.empty() ? "" : " | ") + std::string(entry.name);
  }
  throw BadInput({"task", "", known, "'" + name + "'"});
}

EnvSpec SpecOf(const std::string& task) { return MakeTask(task)->spec(); }

nlohmann::json DescribeTask(const std::string& name) {
  const std::unique_ptr<Task> task = MakeTask(name);
  const EnvSpec& spec = task->spec();
  nlohmann::json observation = nlohmann::json::array();
  for (const FieldSpec& field : spec.observation) {
    observation.push_back(
        {{"name", field.name}, {"shape", field.shape}, {"unit", field.unit}, {"description", field.description}});
  }
  return {{"name", name},
          {"robots", spec.robots},
          {"description", spec.description},
          {"action_dim", spec.action_dim()},
          {"action", spec.action.description},
          {"observation", observation},
          {"reward_terms", spec.reward_terms},
          {"terminations", spec.terminations},
          {"horizon", spec.horizon},
          {"control_hz", spec.control_hz()},
          {"examples",
           {{"en", ExampleTexts(*task, Language::kEnglish)}, {"ja", ExampleTexts(*task, Language::kJapanese)}}}};
}

}  // namespace genba::envs
