// report.h - one self-contained HTML file about a run: learning curves, success, probes, failures, frame strips,
// settings, hashes. No scripts, no outside references. Called by `genba report` and the demo. What is missing in the
// run (no evaluation yet) becomes a sentence; a folder that is no run is refused.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace genba::trainer {

struct Strip {  // pictures of one episode, in a row
  std::string title;
  std::vector<std::string> pngs;  // bytes of PNG files
};

std::string ReportHtml(const std::filesystem::path& run, const std::vector<Strip>& strips);
void WriteReport(const std::filesystem::path& run, const std::filesystem::path& out, const std::vector<Strip>& strips);

}  // namespace genba::trainer
