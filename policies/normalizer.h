// normalizer.h - scales of observations and actions, measured on the training data and stored with the
// policy. Normalised value = (value - mean) / scale. Slots of one set share their column scales, so that
// order does not matter; absent slots do not count. Columns that are only ever 0 or 1 (flags, one-hots) stay
// as they are; columns that do not vary get scale 1. No torch. Failure: FromJson throws Error(kBadInput)
// naming file and key.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/spec.h"

namespace genba::policies {

struct Normalizer {
  std::vector<float> obs_mean, obs_scale;        // [obs_dim]
  std::vector<float> action_mean, action_scale;  // [A]
};

nlohmann::json ToJson(const Normalizer& normalizer);
Normalizer NormalizerFromJson(const nlohmann::json& json, const EnvSpec& spec, const std::string& file);

// Streams over the data once; the result depends on the order of calls only through rounding, so keep the
// order fixed.
class NormalizerBuilder {
 public:
  explicit NormalizerBuilder(const EnvSpec& spec);
  void AddObservation(std::span<const float> obs);  // [obs_dim]
  void AddAction(std::span<const float> action);    // [A]
  Normalizer Build() const;

 private:
  struct Column {
    double count = 0, sum = 0, sum_squares = 0;  // of value - first
    double first = 0;
    bool binary = true;  // nothing but 0 and 1 so far
    void Add(double value);
    void Scale(double smallest, float& mean, float& scale) const;
  };
  struct Field {
    int offset, rows, cols;  // rows 0: a vector of cols columns
    std::size_t first_column;
  };
  std::vector<Field> fields_;
  std::vector<Column> columns_;
  std::vector<Column> actions_;
  std::size_t obs_dim_;
};

}  // namespace genba::policies
