#include "trainer/reliability.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace genba::trainer {

namespace {

using Json = nlohmann::json;

constexpr int kMostAnswers = std::numeric_limits<int>::max() / kReliabilityBins;  // so that sums of bins fit

std::size_t BinOf(double probability) {
  return static_cast<std::size_t>(
      std::clamp(static_cast<int>(probability * kReliabilityBins), 0, kReliabilityBins - 1));
}

double Share(int part, int whole) { return whole == 0 ? 0 : part / static_cast<double>(whole); }

Json ShareOrNull(int part, int whole) { return whole == 0 ? Json() : Json(Share(part, whole)); }

Json ToJson(const ReliabilityBin& bin) {
  if (bin.count == 0) return {{"count", 0}, {"claimed", nullptr}, {"right", nullptr}};
  return {{"count", bin.count}, {"claimed", bin.claimed}, {"right", bin.right}};
}

int CountIn(const Json& json, const std::string& key, const std::string& file, int most) {
  return static_cast<int>(JsonInt(json, key, file, 0, most));
}

ReliabilityBin BinFromJson(const Json& json, const std::string& file) {
  if (!json.is_object()) throw BadInput({file, "bins", "objects", Shown(json)});
  ReliabilityBin bin;
  bin.count = CountIn(json, "count", file, kMostAnswers);
  if (bin.count == 0) return bin;
  bin.claimed = JsonNumber(json, "claimed", file, 0, 1);
  bin.right = JsonNumber(json, "right", file, 0, 1);
  return bin;
}

void ReadBins(const Json& json, const std::string& file, Reliability& reliability) {
  const Json& bins = JsonArray(json, "bins", file, kReliabilityBins);
  if (bins.size() != reliability.bins.size())
    throw BadInput({file, "bins", std::to_string(kReliabilityBins), std::to_string(bins.size())});
  int sum = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    reliability.bins[i] = BinFromJson(bins[i], file);
    sum += reliability.bins[i].count;
  }
  if (sum != reliability.answers)
    throw BadInput({file, "bins", "counts that add up to " + std::to_string(reliability.answers), std::to_string(sum)});
}

}  // namespace

Reliability ReliabilityOf(const std::vector<JudgedAnswer>& answers) {
  Reliability all;
  for (const JudgedAnswer& answer : answers) {
    ReliabilityBin& bin = all.bins[BinOf(answer.probability)];
    ++bin.count;
    bin.claimed += answer.probability;
    bin.right += answer.right;
    ++all.answers;
    all.sure += answer.probability >= kSure;
    all.sure_right += answer.probability >= kSure && answer.right;
  }
  for (ReliabilityBin& bin : all.bins) {
    if (bin.count == 0) continue;
    all.error += std::abs(bin.right - bin.claimed) / all.answers;
    bin.claimed /= bin.count;
    bin.right /= bin.count;
  }
  return all;
}

Json ToJson(const Reliability& reliability) {
  Json bins = Json::array();
  for (const ReliabilityBin& bin : reliability.bins) bins.push_back(ToJson(bin));
  return {{"answers", reliability.answers},
          {"sure", reliability.sure},
          {"sure_right", reliability.sure_right},
          {"coverage", ShareOrNull(reliability.sure, reliability.answers)},
          {"accuracy", ShareOrNull(reliability.sure_right, reliability.sure)},
          {"error", reliability.answers == 0 ? Json() : Json(reliability.error)},
          {"bins", bins}};
}

Reliability ReliabilityFromJson(const Json& json, const std::string& file) {
  if (!json.is_object()) throw BadInput({file, "calibration", "objects", Shown(json)});
  Reliability reliability;
  reliability.answers = CountIn(json, "answers", file, kMostAnswers);
  reliability.sure = CountIn(json, "sure", file, reliability.answers);
  reliability.sure_right = CountIn(json, "sure_right", file, reliability.sure);
  if (reliability.answers > 0) reliability.error = JsonNumber(json, "error", file, 0, 1);
  ReadBins(json, file, reliability);
  return reliability;
}

}  // namespace genba::trainer
