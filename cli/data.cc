// genba data info|verify|stats DIR
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/table.h"
#include "core/error.h"
#include "datasets/dataset.h"
#include "trainer/checked.h"

namespace genba::cli {
namespace {

using Json = nlohmann::json;

struct DataOptions {
  std::string folder;
  bool deep = false;  // verify
  JsonOption json;
};

// "en 100, ja 100"
std::string Counts(const Json& counts) {
  std::string text;
  for (const auto& [name, count] : counts.items())
    text += (text.empty() ? "" : ", ") + (name.empty() ? "(none)" : name) + " " + count.dump();
  return text.empty() ? kNothing : text;
}

void PrintRow(const std::string& name, const std::string& value) {
  std::printf("%-16s %s\n", name.c_str(), value.c_str());
}

void PrintInfo(const std::string& folder, const Json& info) {
  PrintRow("data set", folder);
  PrintRow("schema", info.at("schema_version").dump() + ", MuJoCo " + info.at("engine_version").get<std::string>() +
                         ", genba " + info.at("revision").get<std::string>());
  PrintRow("made on", info.at("processor").get<std::string>() + ", by " + info.at("policy").get<std::string>());
  PrintRow("manifest", "sha256 " + info.at("manifest_sha256").get<std::string>());
  PrintRow("episodes", info.at("episodes").dump() + " in " + std::to_string(info.at("shards").size()) + " shards, " +
                           info.at("steps").dump() + " steps");
  PrintRow("tasks", Counts(info.at("tasks")));
  PrintRow("languages", Counts(info.at("languages")));
  PrintRow("success", Percent(info.at("success_rate")));
  std::printf("\n%s\n", TableRow({"field, per step", "shape", "type", "unit"}, {28, 14, 8, 40}).c_str());
  for (const Json& field : info.at("fields")) {
    std::printf("%s\n", TableRow({field.at("name").get<std::string>(), field.at("shape").dump(),
                                  field.at("dtype").get<std::string>(), field.at("unit").get<std::string>()},
                                 {28, 14, 8, 40})
                            .c_str());
  }
}

void Info(const DataOptions& options) {
  const Json info = datasets::Dataset(options.folder).InfoJson();
  options.json.Answer(info, [&] { PrintInfo(options.folder, info); });
}

void Verify(const DataOptions& options) {
  const datasets::Dataset dataset(options.folder);
  auto problems = dataset.Verify();
  if (options.deep && problems.empty()) problems = trainer::VerifyScenes(dataset);
  Json list = Json::array();
  for (const auto& problem : problems) list.push_back({{"file", problem.file}, {"what", problem.what}});
  options.json.Answer(
      {{"episodes", dataset.num_episodes()}, {"shards", dataset.info().shards.size()}, {"problems", list}}, [&] {
        for (const auto& problem : problems) std::printf("%s\n", problem.what.c_str());
        if (problems.empty())
          std::printf("%s: %d episodes in %zu shards, all sound\n", options.folder.c_str(), dataset.num_episodes(),
                      dataset.info().shards.size());
      });
  if (!problems.empty()) {
    throw Error(ErrorKind::kFailed, options.folder + ": " + std::to_string(problems.size()) + " problems, first in " +
                                        problems.front().file);
  }
}

void PrintSummary(const char* name, const Json& s) {
  PrintRow(name, "mean " + Figure(s.at("mean")) + ", deviation " + Figure(s.at("std")) + ", from " +
                     Figure(s.at("min")) + " to " + Figure(s.at("max")) + ", median " + Figure(s.at("q50")));
}

void PrintStats(const Json& stats) {
  constexpr const char* kColumns[] = {"mean", "std", "min", "q01", "q99", "max"};
  constexpr int kNumber = 9;
  PrintRow("episodes", stats.at("episodes").dump() + ", successful " + stats.at("successful_episodes").dump());
  PrintSummary("length [steps]", stats.at("episode_length"));
  PrintSummary("return", stats.at("episode_return"));
  for (const char* key : {"causes", "faults", "languages", "splits", "policies"}) PrintRow(key, Counts(stats.at(key)));

  int widest = 20;
  for (const auto& [name, field] : stats.at("fields").items())
    widest = std::max(widest, static_cast<int>(name.size() + 5));
  std::vector<std::string> cells{"successful episodes"};
  std::vector<int> widths{std::min(widest, TableWidth() - static_cast<int>(std::size(kColumns)) * (kNumber + 1))};
  for (const char* column : kColumns) {
    cells.emplace_back(column);
    widths.push_back(kNumber);
  }
  std::printf("\n%s\n", TableRow(cells, widths).c_str());
  for (const auto& [name, field] : stats.at("fields").items()) {
    for (std::size_t c = 0; c < field.at("mean").size(); ++c) {
      cells = {name + "[" + std::to_string(c) + "]"};
      for (const char* column : kColumns) cells.push_back(Figure(field.at(column).at(c)));
      std::printf("%s\n", TableRow(cells, widths).c_str());
    }
  }
}

void Stats(const DataOptions& options) {
  const Json stats = datasets::Dataset(options.folder).Statistics();
  options.json.Answer(stats, [&] { PrintStats(stats); });
}

DataOptions& AddAction(CLI::App& data, const char* name, const char* help, void (*action)(const DataOptions&)) {
  CLI::App* command = data.add_subcommand(name, help);
  const auto options = std::make_shared<DataOptions>();
  command->add_option("DIR", options->folder, "folder of the data set")->required();
  options->json.AddTo(*command);
  command->callback([options, action] { action(*options); });
  return *options;  // the callback keeps it
}

}  // namespace

void AddData(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "look at a data set: what it holds, whether it is sound, its statistics");
  data->require_subcommand(1);
  AddAction(*data, "info", "episodes, tasks, languages and the fields of a step", Info);
  DataOptions& verify = AddAction(
      *data, "verify", "open every shard: hash, structure, shapes, finite values; exit code 1 when something is wrong",
      Verify);
  data->get_subcommand("verify")->add_flag("--deep", verify.deep,
                                           "also read every plan and cell, and rebuild every model");
  AddAction(*data, "stats", "per-column statistics of successful episodes, lengths, returns, causes", Stats);
}

}  // namespace genba::cli
