#include "trainer/critic.h"

#include <ATen/ops/silu.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace genba::trainer {

namespace {

constexpr double kCut = 10, kSmallest = 1e-4;  // deviations; of a deviation

}  // namespace

CriticView::CriticView(const EnvSpec& spec, int physics_size) : spec_(spec), physics_size_(physics_size) {
  for (const FieldSpec& field : spec_.observation) dim_ += field.shape.size() == 2 ? field.shape[1] + 1 : field.size();
  dim_ += physics_size_;  // the clock gives way to the time that is left
}

// Of a set of slots: the mean of those the order is about, and how many they are.
void CriticView::Write(const State& state, std::span<float> row) const {
  GENBA_CHECK(row.size() == static_cast<std::size_t>(dim_), "a row of the critic");
  std::fill(row.begin(), row.end(), 0.0f);
  std::size_t to = 0, from = 0, slot = 0;
  for (const FieldSpec& field : spec_.observation) {
    const auto size = static_cast<std::size_t>(field.size());
    if (field.shape.size() != 2) {
      std::copy_n(state.obs.begin() + static_cast<std::ptrdiff_t>(from), size,
                  row.begin() + static_cast<std::ptrdiff_t>(to));
      to += size;
    } else {
      const auto columns = static_cast<std::size_t>(field.shape[1]);
      float count = 0;
      for (std::size_t k = 0; k < size / columns; ++k, ++slot) {
        if (state.wanted[slot] == 0) continue;
        ++count;
        for (std::size_t c = 0; c < columns; ++c) row[to + c] += state.obs[from + k * columns + c];
      }
      for (std::size_t c = 0; c < columns && count > 0; ++c) row[to + c] /= count;
      row[to + columns] = count;
      to += columns + 1;
    }
    from += size;
  }
  row[to] = static_cast<float>(state.left);
  std::transform(state.physics.begin() + 1, state.physics.end(), row.begin() + static_cast<std::ptrdiff_t>(to) + 1,
                 [](double value) { return static_cast<float>(value); });
}

void RunningScale::Add(std::span<const float> rows) {
  const std::size_t columns = mean_.size(), count = rows.size() / columns;
  if (count == 0) return;
  for (std::size_t column = 0; column < columns; ++column) {
    double mean = 0, squares = 0;
    for (std::size_t row = 0; row < count; ++row) mean += static_cast<double>(rows[row * columns + column]);
    mean /= static_cast<double>(count);
    for (std::size_t row = 0; row < count; ++row)
      squares += std::pow(static_cast<double>(rows[row * columns + column]) - mean, 2);
    const double apart = mean - mean_[column], all = count_ + static_cast<double>(count);
    squares_[column] += squares + apart * apart * count_ * static_cast<double>(count) / all;
    mean_[column] += apart * static_cast<double>(count) / all;
  }
  count_ += static_cast<double>(count);
}

float RunningScale::deviation(int column) const {
  if (count_ < 2) return 1;
  const double deviation = std::sqrt(squares_[static_cast<std::size_t>(column)] / count_);
  return deviation < kSmallest ? 1.0f : static_cast<float>(deviation);
}

void RunningScale::Apply(std::span<float> rows) const {
  const auto columns = static_cast<int>(mean_.size());
  for (int column = 0; column < columns; ++column) {
    const float middle = mean(column), scale = 1 / deviation(column);
    for (std::size_t i = static_cast<std::size_t>(column); i < rows.size(); i += mean_.size())
      rows[i] = std::clamp((rows[i] - middle) * scale, static_cast<float>(-kCut), static_cast<float>(kCut));
  }
}

std::vector<double> RunningScale::Saved() const {
  std::vector<double> saved{count_};
  saved.insert(saved.end(), mean_.begin(), mean_.end());
  saved.insert(saved.end(), squares_.begin(), squares_.end());
  return saved;
}

bool RunningScale::Restore(std::span<const double> saved) {
  const std::size_t columns = mean_.size();
  if (saved.size() != 1 + 2 * columns) return false;
  count_ = saved[0];
  std::copy_n(saved.begin() + 1, columns, mean_.begin());
  std::copy_n(saved.begin() + 1 + static_cast<std::ptrdiff_t>(columns), columns, squares_.begin());
  return true;
}

Critic::Critic(int columns, int width, policies::ParameterLayout& layout)
    : in_(layout, "critic.in", columns, width, 1.4f),
      hidden_(layout, "critic.hidden", width, width, 1.4f),
      out_(layout, "critic.out", width, 1, 0.1f) {}

at::Tensor Critic::Value(const policies::Weights& weights, const at::Tensor& rows) const {
  return out_(weights, at::silu(hidden_(weights, at::silu(in_(weights, rows))))).squeeze(1);
}

}  // namespace genba::trainer
