// report_run.h - what the report reads of a run folder, and of those it is drawn beside: name, settings, metrics,
// evaluations. The inside of the report; one thread. Law: lines of metrics and evaluations come from others too; one that
// does not fit costs itself, never the page.
// Failure: Error(kBadInput) naming a folder that is no run, or that stands beside itself.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace genba::trainer::report {

using NamedEvaluation = std::pair<std::string, nlohmann::json>;  // its file's name
std::vector<NamedEvaluation> ReadEvaluations(const std::filesystem::path& folder);

// Who learned, as its settings say, and what one of its steps is.
struct LearnerWords {
  std::string name, steps;
};

struct ReportRun {
  std::string name;
  std::string config_toml;
  std::vector<nlohmann::json> lines{};  // objects with a number "step"
  std::vector<NamedEvaluation> evaluations{};

  LearnerWords learner() const;
  double last_step() const;  // 0: no lines
};

// The run first, the others behind it.
inline constexpr std::size_t kMostRuns = 8;  // that can be told apart in a plot
std::vector<ReportRun> ReadRuns(const std::filesystem::path& run, const std::vector<std::filesystem::path>& beside);
void CheckRuns(const std::filesystem::path& run, const std::vector<std::filesystem::path>& beside);

// The shortest ends of the paths that tell them apart.
std::vector<std::string> ShortNames(const std::vector<std::filesystem::path>& paths);

}  // namespace genba::trainer::report
