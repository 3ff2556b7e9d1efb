// Dataset::Statistics: what a normaliser and a careful reader want to know, from one pass over all episodes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "datasets/dataset.h"

namespace genba::datasets {
namespace {

using Json = nlohmann::json;

// Nearest-rank quantile; reorders values.
template <class T>
double Quantile(std::vector<T>& values, double q) {
  const auto rank = static_cast<std::ptrdiff_t>(std::lround(q * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(rank)]);
}

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();  // of no values; null in JSON text

struct Summary {
  double mean = kNothing, deviation = kNothing, low = kNothing, high = kNothing, q01 = kNothing, q50 = kNothing,
         q99 = kNothing;
};

template <class T>
Summary Summarise(std::vector<T> values) {
  Summary summary;
  if (values.empty()) return summary;
  const double count = static_cast<double>(values.size());
  summary.mean = summary.deviation = 0;
  for (const T value : values) summary.mean += static_cast<double>(value) / count;
  for (const T value : values) summary.deviation += std::pow(static_cast<double>(value) - summary.mean, 2) / count;
  summary.deviation = std::sqrt(summary.deviation);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  summary.low = static_cast<double>(*low);
  summary.high = static_cast<double>(*high);
  summary.q01 = Quantile(values, 0.01);
  summary.q50 = Quantile(values, 0.5);
  summary.q99 = Quantile(values, 0.99);
  return summary;
}

Json ToJson(const Summary& s) {
  return {{"mean", s.mean}, {"std", s.deviation}, {"min", s.low}, {"max", s.high},
          {"q01", s.q01},   {"q50", s.q50},       {"q99", s.q99}};
}

// One number per column of a field, in the field's flattened order.
Json ColumnsJson(const std::vector<float>& rows, int total, int offset, const FieldSpec& field) {
  std::map<std::string, std::vector<double>> lists{{"mean", {}}, {"std", {}}, {"min", {}},
                                                   {"max", {}},  {"q01", {}}, {"q99", {}}};
  std::vector<float> column;
  for (int c = offset; c < offset + field.size(); ++c) {
    column.clear();
    for (std::size_t i = static_cast<std::size_t>(c); i < rows.size(); i += static_cast<std::size_t>(total))
      column.push_back(rows[i]);
    const Json summary = ToJson(Summarise(column));
    for (auto& [name, list] : lists) list.push_back(summary.at(name).get<double>());
  }
  Json json(lists);
  json["shape"] = field.shape;
  json["unit"] = field.unit;
  return json;
}

}  // namespace

Json Dataset::Statistics() const {
  const EnvSpec& spec = info().spec;
  std::vector<float> obs, actions;  // of successful episodes
  std::vector<double> lengths, returns;
  std::map<std::string, int> causes, faults, languages, splits, policies;
  int successes = 0;
  for (int k = 0; k < num_episodes(); ++k) {
    const Episode episode = Read(k);
    double sum = 0;
    for (const float reward : episode.rewards) sum += static_cast<double>(reward);
    lengths.push_back(episode.num_steps);
    returns.push_back(sum);
    ++causes[episode.cause];
    ++faults[episode.fault];
    ++languages[episode.language];
    ++splits[episode.split];
    ++policies[episode.policy];
    if (!episode.success) continue;
    ++successes;
    obs.insert(obs.end(), episode.obs.begin(), episode.obs.end());
    actions.insert(actions.end(), episode.actions.begin(), episode.actions.end());
  }
  Json fields = Json::object();
  int offset = 0;
  for (const FieldSpec& field : spec.observation) {
    fields["obs/" + field.name] = ColumnsJson(obs, spec.obs_dim(), offset, field);
    offset += field.size();
  }
  fields["actions"] = ColumnsJson(actions, spec.action_dim(), 0, spec.action);
  return {{"task", spec.task},
          {"episodes", num_episodes()},
          {"steps", num_steps()},
          {"successful_episodes", successes},
          {"episode_length", ToJson(Summarise(lengths))},
          {"episode_return", ToJson(Summarise(returns))},
          {"causes", causes},
          {"faults", faults},
          {"languages", languages},
          {"splits", splits},
          {"policies", policies},
          {"fields", fields}};
}

}  // namespace genba::datasets
