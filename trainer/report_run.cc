#include "trainer/report_run.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "trainer/evaluation.h"
#include "trainer/run_folder.h"

namespace genba::trainer::report {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMaxConfig = 1 << 20;  // bytes of config.toml

bool TellsOfAStep(const std::optional<json>& line) {
  return line && line->is_object() && line->contains("step") && (*line)["step"].is_number();
}

std::vector<json> ReadLines(const fs::path& path) {
  std::vector<json> lines;
  if (!fs::exists(path)) return lines;
  std::istringstream in(ReadFile(path));
  for (std::string line; std::getline(in, line);) {
    std::optional<json> parsed = SoundJson(line);
    if (TellsOfAStep(parsed)) lines.push_back(std::move(*parsed));
  }
  return lines;
}

// Without the slash that a shell completes.
fs::path Plain(const fs::path& path) {
  const fs::path plain = fs::absolute(path).lexically_normal();
  return plain.has_filename() || plain == plain.root_path() ? plain : plain.parent_path();
}

using Parts = std::vector<fs::path>;  // of a path

std::string EndOf(const Parts& parts, std::size_t count) {
  fs::path end;
  for (std::size_t i = parts.size() - std::min(count, parts.size()); i < parts.size(); ++i) end /= parts[i];
  return end.string();
}

std::string ShortName(const std::vector<Parts>& all, std::size_t which) {
  const auto shared = [&](std::size_t count) {
    return std::count_if(all.begin(), all.end(),
                         [&](const Parts& other) { return EndOf(other, count) == EndOf(all[which], count); }) > 1;
  };
  std::size_t count = 1;
  while (shared(count) && count < all[which].size()) ++count;
  return EndOf(all[which], count);
}

std::string WhatIsThere(const fs::path& path) {
  if (!fs::exists(path)) return "nothing";
  return fs::is_directory(path) ? "a folder without config.toml" : "a file";
}

Error Refused(const fs::path& run, const std::string& expected, const std::string& got) {
  return BadInput({run.string(), "--beside", expected, got});
}

void CheckBeside(const fs::path& run, const fs::path& other) {
  if (!fs::is_regular_file(other / "config.toml")) throw Refused(other, "a run folder", WhatIsThere(other));
  if (fs::equivalent(run, other)) throw Refused(other, "another run than the report's", "the same one");
}

ReportRun ReadRun(const fs::path& folder, const std::string& name) {
  return {.name = name,
          .config_toml = ReadFile(folder / "config.toml", kMaxConfig),
          .lines = ReadLines(folder / "metrics.jsonl"),
          .evaluations = ReadEvaluations(folder / "eval")};
}

}  // namespace

std::vector<NamedEvaluation> ReadEvaluations(const fs::path& folder) {
  std::vector<NamedEvaluation> evaluations;
  if (!fs::is_directory(folder)) return evaluations;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    try {
      evaluations.emplace_back(entry.path().filename().string(),
                               EvaluationFromText(ReadFile(entry.path(), kLongestEvaluation), entry.path().string()));
    } catch (const Error& error) {
      LogWarning(std::string("left out of the report: ") + error.what());
    }
  }
  std::sort(evaluations.begin(), evaluations.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return evaluations;
}

LearnerWords ReportRun::learner() const {
  const std::string section = ReportingSection(config_toml);
  if (section == "trainer") return {"bc", "optimiser steps"};
  if (section == "ppo") return {"ppo", "reading steps and iterations"};
  return {section, "steps"};
}

double ReportRun::last_step() const {
  double last = 0;
  for (const json& line : lines) last = std::max(last, line["step"].get<double>());
  return last;
}

void CheckRuns(const fs::path& run, const std::vector<fs::path>& beside) {
  if (!fs::exists(run / "config.toml")) throw BadInput({run.string(), "config.toml", "a run folder", "nothing"});
  for (std::size_t i = 0; i < beside.size(); ++i) {
    CheckBeside(run, beside[i]);
    for (std::size_t k = 0; k < i; ++k) {
      if (fs::equivalent(beside[i], beside[k])) throw Refused(beside[i], "every run once", "one named before");
    }
  }
  if (beside.size() >= kMostRuns)
    throw Refused(beside.back(), "at most " + std::to_string(kMostRuns - 1) + " others", std::to_string(beside.size()));
}

std::vector<ReportRun> ReadRuns(const fs::path& run, const std::vector<fs::path>& beside) {
  CheckRuns(run, beside);
  std::vector<fs::path> folders{run};
  folders.insert(folders.end(), beside.begin(), beside.end());
  const std::vector<std::string> names = ShortNames(folders);
  std::vector<ReportRun> runs;
  for (std::size_t i = 0; i < folders.size(); ++i) runs.push_back(ReadRun(folders[i], names[i]));
  return runs;
}

std::vector<std::string> ShortNames(const std::vector<fs::path>& paths) {
  std::vector<Parts> all;
  for (const fs::path& path : paths) {
    const fs::path plain = Plain(path);
    all.emplace_back(plain.begin(), plain.end());
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.size(); ++i) names.push_back(ShortName(all, i));
  return names;
}

}  // namespace genba::trainer::report
