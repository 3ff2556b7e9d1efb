#include "policies/normalizer.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace genba::policies {
namespace {

constexpr double kSmallestObsDeviation = 1e-4;     // below: the column is constant
constexpr double kSmallestActionDeviation = 0.05;  // of [-1, 1]: keeps a nearly unused axis from shouting

std::vector<float> ReadColumn(const nlohmann::json& json, const char* key, int size, const std::string& file) {
  const auto found = json.find(key);
  const std::string wanted = std::to_string(size) + " finite numbers";
  if (found == json.end() || !found->is_array() || static_cast<int>(found->size()) != size) {
    throw BadInput({file, std::string("normalizer.") + key, wanted,
                    found == json.end() ? "nothing" : std::to_string(found->size()) + " values"});
  }
  std::vector<float> values;
  for (const auto& item : *found) {
    if (!item.is_number() || !std::isfinite(item.get<float>())) {
      throw BadInput({file, std::string("normalizer.") + key, wanted, item.dump()});
    }
    values.push_back(item.get<float>());
  }
  return values;
}

void CheckScale(const std::vector<float>& scale, const char* key, const std::string& file) {
  for (const float value : scale) {
    if (!(value > 0))
      throw BadInput({file, std::string("normalizer.") + key, "positive scales", std::to_string(value)});
  }
}

}  // namespace

nlohmann::json ToJson(const Normalizer& normalizer) {
  return {{"obs_mean", normalizer.obs_mean},
          {"obs_scale", normalizer.obs_scale},
          {"action_mean", normalizer.action_mean},
          {"action_scale", normalizer.action_scale}};
}

Normalizer NormalizerFromJson(const nlohmann::json& json, const EnvSpec& spec, const std::string& file) {
  if (!json.is_object()) throw BadInput({file, "normalizer", "an object", json.type_name()});
  Normalizer result;
  result.obs_mean = ReadColumn(json, "obs_mean", spec.obs_dim(), file);
  result.obs_scale = ReadColumn(json, "obs_scale", spec.obs_dim(), file);
  result.action_mean = ReadColumn(json, "action_mean", spec.action_dim(), file);
  result.action_scale = ReadColumn(json, "action_scale", spec.action_dim(), file);
  CheckScale(result.obs_scale, "obs_scale", file);
  CheckScale(result.action_scale, "action_scale", file);
  return result;
}

void NormalizerBuilder::Column::Add(double value) {
  if (count == 0) first = value;
  const double shifted = value - first;
  count += 1;
  sum += shifted;
  sum_squares += shifted * shifted;
  binary = binary && (value == 0.0 || value == 1.0);
}

void NormalizerBuilder::Column::Scale(double smallest, float& mean, float& scale) const {
  if (count == 0 || binary) {
    mean = 0;
    scale = 1;
    return;
  }
  const double average = sum / count;
  const double deviation = std::sqrt(std::max(0.0, sum_squares / count - average * average));
  mean = static_cast<float>(first + average);
  scale = deviation < smallest ? 1.0f : static_cast<float>(deviation);
}

NormalizerBuilder::NormalizerBuilder(const EnvSpec& spec)
    : actions_(static_cast<std::size_t>(spec.action_dim())), obs_dim_(static_cast<std::size_t>(spec.obs_dim())) {
  int offset = 0;
  for (const FieldSpec& field : spec.observation) {
    const bool slots = field.shape.size() == 2;
    const int cols = slots ? field.shape[1] : field.size();
    fields_.push_back({offset, slots ? field.shape[0] : 0, cols, columns_.size()});
    columns_.resize(columns_.size() + static_cast<std::size_t>(cols));
    offset += field.size();
  }
}

void NormalizerBuilder::AddObservation(std::span<const float> obs) {
  GENBA_CHECK(obs.size() == obs_dim_, "observation of another size");
  for (const Field& field : fields_) {
    for (int row = 0; row < std::max(1, field.rows); ++row) {
      const float* values = obs.data() + field.offset + row * field.cols;
      if (field.rows > 0 && values[0] < 0.5f) continue;  // absent slot
      for (int col = 0; col < field.cols; ++col)
        columns_[field.first_column + static_cast<std::size_t>(col)].Add(values[col]);
    }
  }
}

void NormalizerBuilder::AddAction(std::span<const float> action) {
  GENBA_CHECK(action.size() == actions_.size(), "action of another size");
  for (std::size_t i = 0; i < action.size(); ++i) actions_[i].Add(action[i]);
}

Normalizer NormalizerBuilder::Build() const {
  Normalizer result;
  result.obs_mean.resize(obs_dim_);
  result.obs_scale.resize(obs_dim_);
  for (const Field& field : fields_) {
    for (int row = 0; row < std::max(1, field.rows); ++row) {
      for (int col = 0; col < field.cols; ++col) {
        const auto at = static_cast<std::size_t>(field.offset + row * field.cols + col);
        columns_[field.first_column + static_cast<std::size_t>(col)].Scale(kSmallestObsDeviation, result.obs_mean[at],
                                                                           result.obs_scale[at]);
      }
    }
  }
  result.action_mean.resize(actions_.size());
  result.action_scale.resize(actions_.size());
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    actions_[i].Scale(0, result.action_mean[i], result.action_scale[i]);
    result.action_scale[i] = std::max(result.action_scale[i], static_cast<float>(kSmallestActionDeviation));
  }
  return result;
}

}  // namespace genba::policies
