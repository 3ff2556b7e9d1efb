// report.h - one self-contained HTML file about a run: failures first, a verdict against a bar, success in every cut,
// probes, learning curves, settings, hashes; beside other runs, if asked: curves in the same plots, what came of them, which
// settings differ. No scripts, no outside references. Called by `genba report` and the demo. What is missing in the run
// (no evaluation yet) becomes a sentence, what was not measured a dash; a folder that is no run is refused.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace genba::trainer {

struct Strip {  // pictures of one episode, in a row
  std::string title;
  std::vector<std::string> pngs;  // bytes of PNG files
  bool failed = false;
};

struct Baseline {  // another policy's evaluation, to stand beside this one's
  std::string name;
  nlohmann::json evaluation;
};
Baseline ReadBaseline(const std::filesystem::path& file);  // what `genba eval --json FILE` writes

struct ReportOptions {
  std::vector<Strip> strips{};
  double bar = 0.95;  // success that is asked for
  std::vector<Baseline> baselines{};
  std::vector<std::filesystem::path> beside{};  // other runs
};

// Before anything is played or written: Error(kBadInput) where run or one beside it is none, or one stands there twice.
void CheckRuns(const std::filesystem::path& run, const ReportOptions& options);
std::string ReportHtml(const std::filesystem::path& run, const ReportOptions& options);
void WriteReport(const std::filesystem::path& run, const std::filesystem::path& out, const ReportOptions& options);

// The episodes worth pictures, as the run's evaluation of this task and seed knows them: the first failures of the
// nominal row, then successes. Empty: there is no such evaluation.
struct PlayedEpisode {
  std::uint64_t episode = 0;
  bool failed = false;
};
std::vector<PlayedEpisode> EpisodesToShow(const std::filesystem::path& run, const std::string& task, std::uint64_t seed,
                                          int num_failures, int num_successes);

}  // namespace genba::trainer
