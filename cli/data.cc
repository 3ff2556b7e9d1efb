// genba data info|verify|stats DIR
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/error.h"
#include "datasets/dataset.h"

namespace genba::cli {
namespace {

using Json = nlohmann::json;

struct DataOptions {
  std::string folder;
  JsonOption json;
};

std::string Percent(double rate) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * rate);
  return text;
}

// "en 100, ja 100"
std::string Counts(const Json& counts) {
  std::string text;
  for (const auto& [name, count] : counts.items())
    text += (text.empty() ? "" : ", ") + (name.empty() ? "(none)" : name) + " " + count.dump();
  return text;
}

void PrintRow(const std::string& name, const std::string& value) {
  std::printf("%-16s %s\n", name.c_str(), value.c_str());
}

void Info(const DataOptions& options) {
  const Json info = datasets::Dataset(options.folder).InfoJson();
  options.json.Write(info.dump(2));
  if (options.json.to_stdout()) return;
  PrintRow("data set", options.folder);
  PrintRow("schema", info.at("schema_version").dump() + ", MuJoCo " + info.at("engine_version").get<std::string>() +
                         ", genba " + info.at("revision").get<std::string>());
  PrintRow("manifest", "sha256 " + info.at("manifest_sha256").get<std::string>());
  PrintRow("episodes", info.at("episodes").dump() + " in " + std::to_string(info.at("shards").size()) + " shards, " +
                           info.at("steps").dump() + " steps");
  PrintRow("tasks", Counts(info.at("tasks")));
  PrintRow("languages", Counts(info.at("languages")));
  PrintRow("success", Percent(info.at("success_rate").get<double>()));
  std::printf("\n%-28s %-14s %-8s %s\n", "field, per step", "shape", "type", "unit");
  for (const Json& field : info.at("fields")) {
    std::printf("%-28s %-14s %-8s %s\n", field.at("name").get<std::string>().c_str(), field.at("shape").dump().c_str(),
                field.at("dtype").get<std::string>().c_str(), field.at("unit").get<std::string>().c_str());
  }
}

void Verify(const DataOptions& options) {
  const datasets::Dataset dataset(options.folder);
  const auto problems = dataset.Verify();
  Json list = Json::array();
  for (const auto& problem : problems) list.push_back({{"file", problem.file}, {"what", problem.what}});
  options.json.Write(
      Json{{"episodes", dataset.num_episodes()}, {"shards", dataset.info().shards.size()}, {"problems", list}}.dump(2));
  if (!options.json.to_stdout()) {
    for (const auto& problem : problems) std::printf("%s\n", problem.what.c_str());
  }
  if (!problems.empty()) {
    throw Error(ErrorKind::kFailed, options.folder + ": " + std::to_string(problems.size()) + " problems, first in " +
                                        problems.front().file);
  }
  if (!options.json.to_stdout())
    std::printf("%s: %d episodes in %zu shards, all sound\n", options.folder.c_str(), dataset.num_episodes(),
                dataset.info().shards.size());
}

void PrintSummary(const char* name, const Json& s) {
  std::printf("%-16s mean %.4g, deviation %.4g, from %.4g to %.4g, median %.4g\n", name, s.at("mean").get<double>(),
              s.at("std").get<double>(), s.at("min").get<double>(), s.at("max").get<double>(),
              s.at("q50").get<double>());
}

void Stats(const DataOptions& options) {
  const Json stats = datasets::Dataset(options.folder).Statistics();
  options.json.Write(stats.dump(2));
  if (options.json.to_stdout()) return;
  PrintRow("episodes", stats.at("episodes").dump() + ", successful " + stats.at("successful_episodes").dump());
  PrintSummary("length [steps]", stats.at("episode_length"));
  PrintSummary("return", stats.at("episode_return"));
  for (const char* key : {"causes", "faults", "languages", "splits", "policies"}) PrintRow(key, Counts(stats.at(key)));
  std::printf("\n%-32s %10s %10s %10s %10s %10s %10s\n", "successful episodes", "mean", "std", "min", "q01", "q99",
              "max");
  for (const auto& [name, field] : stats.at("fields").items()) {
    for (std::size_t c = 0; c < field.at("mean").size(); ++c) {
      std::printf("%-32s", (name + "[" + std::to_string(c) + "]").c_str());
      for (const char* key : {"mean", "std", "min", "q01", "q99", "max"})
        std::printf(" %10.4g", field.at(key).at(c).get<double>());
      std::printf("\n");
    }
  }
}

void AddAction(CLI::App& data, const char* name, const char* help, void (*action)(const DataOptions&)) {
  CLI::App* command = data.add_subcommand(name, help);
  const auto options = std::make_shared<DataOptions>();
  command->add_option("DIR", options->folder, "folder of the data set")->required();
  options->json.AddTo(*command);
  command->callback([options, action] { action(*options); });
}

}  // namespace

void AddData(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "look at a data set: what it holds, whether it is sound, its statistics");
  data->require_subcommand(1);
  AddAction(*data, "info", "episodes, tasks, languages and the fields of a step", Info);
  AddAction(*data, "verify",
            "open every shard: hash, structure, shapes, finite values; exit code 1 when something is wrong", Verify);
  AddAction(*data, "stats", "per-column statistics of successful episodes, lengths, returns, causes", Stats);
}

}  // namespace genba::cli
