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
#include "envs/observation.h"
#include "envs/scene.h"
#include "envs/task.h"
#include "trainer/language_suite.h"

namespace genba::cli {

namespace {

constexpr std::size_t kLongestTexts = std::size_t{64} << 20;  // [bytes] of a file of texts
constexpr double kMentioned = 0.5;                            // probability from which a slot is meant

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

// What is in each slot, "red bolt", "left bin"; empty: nothing.
std::vector<std::string> SlotNames(const sim::CellSpec& cell) {
  std::vector<std::string> names;
  for (const sim::PartSpec& part : cell.parts)
    names.push_back(part.present ? std::string(envs::Name(part.colour)) + " " + envs::Name(part.shape) : "");
  for (std::size_t bin = 0; bin < cell.bins.size(); ++bin)
    names.push_back(std::string(envs::PlaceName(cell, static_cast<int>(bin))) + " bin");
  names.resize(envs::kMaxParts + envs::kMaxPlaces);
  return names;
}

nlohmann::json ToJson(const std::string& text, const trainer::ReadText& read, const std::vector<std::string>& names,
                      envs::Verb verb) {
  nlohmann::json probabilities, slots = nlohmann::json::array();
  for (std::size_t i = 0; i < kAnswerNames.size(); ++i) probabilities[kAnswerNames[i]] = read.heard.probabilities[i];
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    if (!names[slot].empty())
      slots.push_back({{"slot", slot}, {"what", names[slot]}, {"meant", read.heard.about[slot]}});
  }
  const auto order = trainer::OrderOf(read.understood, verb);
  return {{"text", text},
          {"answer", Name(read.heard.answer.answer)},
          {"probability", read.heard.answer.probability},
          {"probabilities", probabilities},
          {"order", order ? nlohmann::json(envs::ToText(*order)) : nlohmann::json()},
          {"slots", slots}};
}

void Print(const nlohmann::json& rows) {
  for (const nlohmann::json& row : rows) {
    std::string meant;
    for (const nlohmann::json& slot : row["slots"]) {
      if (slot["meant"].get<double>() < kMentioned) continue;
      meant += (meant.empty() ? "" : ", ") + slot["what"].get<std::string>() + " " + Figure(slot["meant"]);
    }
    std::printf("%-14s %s  %s\n               reads %s; means here: %s\n", row["answer"].get<std::string>().c_str(),
                Figure(row["probability"]).c_str(), Shown(row["text"]).c_str(),
                row["order"].is_null() ? "no order" : row["order"].get<std::string>().c_str(),
                meant.empty() ? "nothing" : meant.c_str());
  }
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
  const int width = task->spec().obs_dim();
  std::vector<float> obs(static_cast<std::size_t>(width)), scenes;
  envs::WriteKinds(scene.cell, obs);
  for (std::size_t i = 0; i < texts.size(); ++i) scenes.insert(scenes.end(), obs.begin(), obs.end());
  const auto read = ReadTexts(*actor, {scenes.data(), static_cast<int>(texts.size()), width}, texts);
  if (read.empty()) throw BadInput({"ask", "--policy", "one that reads (a run or a checkpoint)", options.policy});
  const std::vector<std::string> names = SlotNames(scene.cell);
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t i = 0; i < texts.size(); ++i) rows.push_back(ToJson(texts[i], read[i], names, task->verb()));
  options.json.Answer({{"task", options.task},
                       {"policy", actor->name()},
                       {"seed", options.seed},
                       {"episode", options.episode},
                       {"texts", rows}},
                      [&] { Print(rows); });
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
