// genba diff: the first step, field and world at which two runs or two data sets part.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/table.h"
#include "core/error.h"
#include "core/json.h"
#include "core/terminal.h"
#include "trainer/diff.h"

namespace genba::cli {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kRows = 12;  // of one list; --json has them all

struct Options {
  std::string a, b;
  JsonOption json;
};

// Names and texts come from files: a control character in them is shown, not obeyed.
std::string Plain(const std::string& text) {
  std::string quoted = ToText(Json(text), -1);
  quoted = quoted.substr(1, quoted.size() - 2);
  for (std::size_t at = 0; (at = quoted.find("\\\"", at)) != std::string::npos; ++at) quoted.erase(at, 1);
  return quoted;
}

std::string Value(const Json& value) {
  if (value.is_null()) return kNothing;
  return value.is_string() ? Plain(value.get<std::string>()) : ToText(value, -1);
}

std::string Count(const Json& count, const std::string& what) {
  return Value(count) + " " + what + (count == 1 ? "" : "s");
}

// "step 900, world 3, physics[4]"
std::string Place(const Json& row) {
  std::string place;
  const auto add = [&](const std::string& words) { place += (place.empty() ? "" : ", ") + words; };
  const auto has = [&](const char* key) { return row.contains(key) && !row.at(key).is_null(); };
  for (const char* key : {"episode", "step", "world"}) {
    // Beside a tensor stands the first world that differs as well; the place is the world's only with a field of it.
    if (has(key) && (key != std::string("world") || has("field"))) add(key + (" " + Value(row[key])));
  }
  for (const char* key : {"key", "field", "tensor"}) {
    if (!has(key)) continue;
    add(Plain(row[key].get<std::string>()) + (has("index") ? "[" + Value(row["index"]) + "]" : ""));
    break;
  }
  return place;
}

// Headings, and rows of three: where, A, B. Printed once all widths are known.
class Sheet {
 public:
  void Head(const std::string& text) { lines_.push_back({text, "", "", true}); }
  void Row(const std::string& where, const std::string& a, const std::string& b) {
    lines_.push_back({where, a, b, false});
  }
  void Row(const std::string& indent, const Json& row) {
    Row(indent + Place(row), Value(row.at("a")), Value(row.at("b")));
  }
  void Rows(const Json& rows) {
    for (std::size_t i = 0; i < std::min(rows.size(), kRows); ++i) Row("  ", rows[i]);
    if (rows.size() > kRows) Head("  … and " + std::to_string(rows.size() - kRows) + " more");
  }
  void Print() const {
    const int terminal = TableWidth(), widest = std::min(3 * terminal / 10, 60);
    int values = 1, places = 1;
    for (const Line& line : lines_) {
      if (line.heading) continue;
      values = std::max({values, std::min(DisplayWidth(line.a), widest), std::min(DisplayWidth(line.b), widest)});
      places = std::max(places, DisplayWidth(line.where));
    }
    places = std::min({places, terminal - 2 * values - 4, 50});
    for (const Line& line : lines_) PrintLine(line, places, values, terminal);
  }

 private:
  struct Line {
    std::string where, a, b;
    bool heading;
  };
  // What is too long to stand before its values stands above them.
  static void PrintLine(const Line& line, int places, int values, int terminal) {
    const bool above = line.heading || DisplayWidth(line.where) > places;
    if (above) std::printf("%s\n", Fitted(line.where, terminal).c_str());
    if (line.heading) return;
    std::printf("%s\n",
                TableRow({above ? "" : line.where, "", line.a, "", line.b}, {places, 0, values, 0, values}).c_str());
  }
  std::vector<Line> lines_;
};

void ShowSettings(Sheet& sheet, const Json& result, const char* deciding) {
  const Json& settings = result.at("settings");
  if (!settings.at("different").empty()) sheet.Head(std::string("settings that decide the ") + deciding);
  sheet.Rows(settings.at("different"));
  if (!settings.at("apart").empty()) sheet.Head(std::string("what does not decide the ") + deciding);
  sheet.Rows(settings.at("apart"));
}

void ShowMetrics(Sheet& sheet, const Json& metrics) {
  const Json& first = metrics.at("first");
  sheet.Head("metrics: " + Count(metrics.at("common"), "step") + " in both, " +
             (first.is_null() ? "equal" : Value(metrics.at("different")) + " differ"));
  if (!first.is_null()) sheet.Row("  ", first);
}

void ShowTensors(Sheet& sheet, const std::string& file, const Json& part) {
  if (part.at("different").empty() && part.at("metadata").empty()) return;
  sheet.Head("  " + file + ": " + Value(part.at("different_tensors")) + " of " + Count(part.at("tensors"), "tensor") +
             ", " + Value(part.at("different_elements")) + " of " + Count(part.at("elements"), "number"));
  if (!part.at("largest_difference").is_null())
    sheet.Head("    by at most " + Figure(part.at("largest_difference")) + ", relative " +
               Figure(part.at("largest_relative_difference")));
  for (const char* list : {"different", "metadata"}) {
    if (!part.at(list).empty()) sheet.Row("    ", part.at(list).front());
  }
}

void ShowWorlds(Sheet& sheet, const Json& worlds) {
  if (worlds.is_null() || worlds.at("first").is_null()) return;
  sheet.Head("  saved worlds: " + Value(worlds.at("different")) + " of " + Value(worlds.at("worlds")));
  sheet.Row("    ", worlds.at("first"));
}

bool Equal(const Json& checkpoint) {
  const auto same = [](const Json& part) { return part.at("different").empty() && part.at("metadata").empty(); };
  const Json& worlds = checkpoint.at("worlds");
  return same(checkpoint.at("policy")) && same(checkpoint.at("training")) &&
         (worlds.is_null() || worlds.at("first").is_null()) && checkpoint.at("state").at("different").empty();
}

void ShowCheckpoint(Sheet& sheet, const Json& checkpoint) {
  const bool equal = Equal(checkpoint);
  sheet.Head("checkpoint of step " + Value(checkpoint.at("step")) + (equal ? ": equal" : ""));
  ShowTensors(sheet, "policy.safetensors", checkpoint.at("policy"));
  ShowTensors(sheet, "training.safetensors", checkpoint.at("training"));
  ShowWorlds(sheet, checkpoint.at("worlds"));
  const Json& state = checkpoint.at("state");
  if (!state.at("different").empty()) {
    sheet.Head("  state.json: " + Count(state.at("different").size(), "value"));
    sheet.Row("    ", state.at("different").front());
  }
  for (const Json& row : state.at("apart")) sheet.Row("  apart: ", row);
}

std::string List(const Json& steps) {
  std::string text;
  for (std::size_t i = 0; i < std::min(steps.size(), kRows); ++i) text += (i > 0 ? ", " : "") + Value(steps[i]);
  return steps.empty() ? kNothing : text + (steps.size() > kRows ? ", …" : "");
}

void ShowRuns(Sheet& sheet, const Json& result) {
  ShowSettings(sheet, result, "weights");
  ShowMetrics(sheet, result.at("metrics"));
  for (const Json& checkpoint : result.at("checkpoints")) ShowCheckpoint(sheet, checkpoint);
  const Json &alone = result.at("checkpoints_in_one"), &length = result.at("length");
  if (result.at("checkpoints").empty()) sheet.Head("no checkpoint in common: weights were not compared");
  if (!alone.at("a").empty() || !alone.at("b").empty())
    sheet.Row("checkpoints in one only", List(alone.at("a")), List(alone.at("b")));
  if (length.at("a") == length.at("b")) return;
  sheet.Row(std::string(length.at("a") < length.at("b") ? "B" : "A") + " goes further: last step",
            Value(length.at("a")), Value(length.at("b")));
}

void ShowDatasets(Sheet& sheet, const Json& result) {
  ShowSettings(sheet, result, "episodes");
  const Json& episodes = result.at("episodes");
  if (episodes.is_null()) return sheet.Head("their rows hold other things: episodes were not compared");
  sheet.Head("episodes: " + Value(episodes.at("common")) + " in both (" + Count(episodes.at("steps"), "step") + "), " +
             (episodes.at("different") == 0 ? "equal" : Value(episodes.at("different")) + " differ"));
  if (!episodes.at("first").is_null()) sheet.Row("  ", episodes.at("first"));
  const auto only = [&](const char* side) { return episodes.at("only_in").at(side); };
  if (only("a").at("episodes") == 0 && only("b").at("episodes") == 0) return;
  sheet.Row("  in one only", Value(only("a").at("episodes")), Value(only("b").at("episodes")));
  sheet.Row("    the first is episode", Value(only("a").at("first")), Value(only("b").at("first")));
}

// "equal: 4000 steps, 186 tensors in 2 checkpoints, 64 worlds"
std::string EqualRuns(const Json& result) {
  std::int64_t tensors = 0, worlds = 0;
  for (const Json& checkpoint : result.at("checkpoints")) {
    for (const char* part : {"policy", "training"}) tensors += checkpoint.at(part).at("tensors").get<std::int64_t>();
    if (!checkpoint.at("worlds").is_null()) worlds += checkpoint.at("worlds").at("worlds").get<std::int64_t>();
  }
  return "equal: " + Count(result.at("length").at("a"), "step") + ", " +
         Count(result.at("metrics").at("common"), "line") + " of metrics, " + Count(tensors, "tensor") +
         (worlds > 0 ? " and " + Count(worlds, "saved world") : "") + " in " +
         Count(result.at("checkpoints").size(), "checkpoint");
}

std::string EqualDatasets(const Json& result) {
  const Json& episodes = result.at("episodes");
  return "equal: " + Count(episodes.at("common"), "episode") + ", " + Count(episodes.at("steps"), "step") +
         (episodes.at("same_shards").get<bool>() ? ", in the same shards" : ", though their shards are other files");
}

void Show(const Json& result) {
  const bool runs = result.at("kind") == "run";
  Sheet sheet;
  if (result.at("equal").get<bool>()) {
    sheet.Head(runs ? EqualRuns(result) : EqualDatasets(result));
    if (!result.at("settings").at("apart").empty()) ShowSettings(sheet, result, runs ? "weights" : "episodes");
    return sheet.Print();
  }
  sheet.Head("A  " + result.at("a").get<std::string>());
  sheet.Head("B  " + result.at("b").get<std::string>());
  sheet.Row("", "A", "B");
  runs ? ShowRuns(sheet, result) : ShowDatasets(sheet, result);
  sheet.Print();
}

void Run(const Options& options) {
  const Json result = trainer::Diff(options.a, options.b);
  options.json.Answer(result, [&] { Show(result); });
  if (!result.at("equal").get<bool>())
    throw Error(ErrorKind::kFailed, options.a + " and " + options.b + " differ first at " + Place(result.at("first")));
}

}  // namespace

void AddDiff(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("diff",
                                         "Say where two runs or two data sets part first, bit for bit; exit code 0 "
                                         "when they are equal, 1 when they differ");
  command->add_option("A", options->a, "run folder, or folder of a data set")->required();
  command->add_option("B", options->b, "another one of the same kind")->required();
  options->json.AddTo(*command);
  command->footer(
      "Of runs: settings, metrics of the steps that both tell of, and every checkpoint that both keep (tensors, saved\n"
      "worlds, state). Where inputs lie, how often a run reports and which build wrote it do not count; evaluations "
      "are\n"
      "not compared. A run that goes further than the other differs from it.\n"
      "Of data sets: settings and every episode, by its number. How they are cut into shards does not count.");
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
