// metrics.h - what a training run says about itself: one JSON object per line in metrics.jsonl, and the same numbers in
// a TensorBoard event file. Owned by a training loop; one thread. Failure: Error(kEnvironment) naming the file;
// ReadMetrics Error(kBadInput) naming file and line. Law:
// metrics.jsonl holds no times of day or rates, so a resumed run writes the same lines as an uninterrupted one.
#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace genba::trainer {

using Scalars = std::map<std::string, double>;
Scalars Finite(Scalars scalars);  // without those that are not, which JSON cannot say

// TensorBoard's format: records of (length, masked CRC-32C, Event protobuf, masked CRC-32C).
class EventFile {
 public:
  // events.out.tfevents.<seconds>.<host>.<pid>, behind the folder's others in their order by name. A START of session
  // at first_step: whatever the others say from there on comes from work that was lost, and readers drop it.
  EventFile(const std::filesystem::path& folder, std::int64_t first_step);
  void Write(std::int64_t step, const Scalars& scalars);

 private:
  void Record(const std::string& event);
  std::filesystem::path path_;
  std::ofstream out_;
};

class Metrics {
 public:
  // Goes on behind last_step, 0 for a new run: what was said of later steps comes from work that was lost.
  Metrics(const std::filesystem::path& folder, std::int64_t last_step);
  // stable goes to both files; timing (rates) to the event file only.
  void Write(std::int64_t step, const Scalars& stable, const Scalars& timing);

 private:
  std::filesystem::path path_;
  std::ofstream lines_;
  EventFile events_;
};

// What metrics.jsonl says of a step, by the names of the metrics.
struct MetricsLine {
  std::int64_t step = 0;
  nlohmann::json values;  // an object
};
// All of them; none when there is no such file, and without a last line that a killed run did not end. Refused where a
// line is no object, or its step is not behind the one before.
std::vector<MetricsLine> ReadMetrics(const std::filesystem::path& file);

std::uint32_t Crc32c(const std::string& bytes);

}  // namespace genba::trainer
