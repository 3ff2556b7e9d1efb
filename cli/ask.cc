// genba ask: what a policy makes of texts in a scene, without physics.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/commands.h"
#include "cli/table.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/terminal.h"
#include "envs/scene.h"
#include "envs/task.h"
#include "trainer/asking.h"

namespace genba::cli {

namespace {

constexpr std::size_t kLongestTexts = std::size_t{64} << 20;  // [bytes] of a file of texts

struct Options {
  std::string policy, task = "pick_bin", texts_file;
  std::uint64_t seed = 100000, episode = 0;
  std::vector<std::string> texts;
  policies::FeaturePlaces places;
  JsonOption json;
};

// One text a line, empty ones too.
std::vector<std::string> TextsIn(const std::string& file) {
  std::istringstream lines(ReadStream(file, kLongestTexts));
  std::vector<std::string> texts;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    texts.push_back(line);
  }
  return texts;
}

nlohmann::json ToJson(const std::string& text, const trainer::Asked& asked) {
  nlohmann::json probabilities, slots = nlohmann::json::array();
  for (std::size_t i = 0; i < kAnswerNames.size(); ++i) probabilities[kAnswerNames[i]] = asked.heard.probabilities[i];
  for (const trainer::AskedSlot& slot : asked.slots)
    slots.push_back({{"slot", slot.slot}, {"what", slot.what}, {"meant", slot.meant}});
  return {{"text", text},
          {"answer", Name(asked.heard.answer.answer)},
          {"probability", asked.heard.answer.probability},
          {"probabilities", probabilities},
          {"order", asked.order ? nlohmann::json(envs::ToText(*asked.order)) : nlohmann::json()},
          {"slots", slots}};
}

void Print(const std::string& text, const trainer::Asked& asked) {
  std::printf("%-14s %s  %s\n               reads %s; means here: %s\n", Name(asked.heard.answer.answer),
              Figure(asked.heard.answer.probability).c_str(), Shown(nlohmann::json(text)).c_str(),
              trainer::OrderInWords(asked).c_str(), trainer::MeantHere(asked).c_str());
}

void Run(const Options& options) {
  std::vector<std::string> texts = options.texts;
  if (!options.texts_file.empty()) {
    const std::vector<std::string> more = TextsIn(options.texts_file);
    texts.insert(texts.end(), more.begin(), more.end());
  }
  if (texts.empty()) throw BadInput({"ask", "text", "at least one, or --texts FILE", "none"});
  const std::unique_ptr<envs::Task> task = envs::MakeTask(options.task);
  const envs::Scene scene = envs::DrawScene(task->verb(), task->limits(), options.seed, options.episode, {});
  const auto actor = trainer::MakeActor(options.policy, task->spec(), options.seed, {}, options.places);
  const auto asked = trainer::Ask(*actor, {scene.cell, task->verb(), task->spec().obs_dim()}, texts);
  if (asked.empty()) throw BadInput({"ask", "--policy", "one that reads (a run or a checkpoint)", options.policy});
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t i = 0; i < texts.size(); ++i) rows.push_back(ToJson(texts[i], asked[i]));
  options.json.Answer({{"task", options.task},
                       {"policy", actor->name()},
                       {"seed", options.seed},
                       {"episode", options.episode},
                       {"texts", rows}},
                      [&] {
                        for (std::size_t i = 0; i < texts.size(); ++i) Print(texts[i], asked[i]);
                      });
}

}  // namespace

void AddAsk(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "ask",
      "What a policy makes of texts in a scene: answer, probability, the order it reads, what it means; no physics");
  command->add_option("text", options->texts, "one or more texts");
  command->add_option("--policy", options->policy, "a run folder or a checkpoint folder")->required();
  command->add_option("--task", options->task, "whose scene")->capture_default_str();
  AddSeed(*command, &options->seed, "of the scene");
  AddWhole(*command, "--episode", &options->episode, std::uint64_t{0}, std::uint64_t{1} << 62, "number of the scene");
  command->add_option("--texts", options->texts_file, "file with a text a line")->type_name("FILE");
  AddFeaturePlaces(*command, options->places);
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
