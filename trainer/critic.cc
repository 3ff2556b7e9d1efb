#include "trainer/critic.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace genba::trainer {

namespace {

constexpr double kCut = 10, kSmallest = 1e-4;  // deviations; of a deviation
constexpr int kSlotWidth = 64;

}  // namespace

int CriticShape::num_slots() const {
  return std::accumulate(sets.begin(), sets.end(), 0, [](int sum, const Set& set) { return sum + set.count; });
}

int CriticShape::scaled() const {
  return std::accumulate(sets.begin(), sets.end(), alone,
                         [](int sum, const Set& set) { return sum + set.count * set.columns; });
}

CriticView::CriticView(const EnvSpec& spec, int physics_size) : spec_(spec) {
  for (const FieldSpec& field : spec_.observation) {
    if (field.shape.size() == 2)
      shape_.sets.push_back({field.shape[0], field.shape[1]});
    else
      shape_.alone += field.size();
  }
  shape_.alone += physics_size - 1;
}

void CriticView::Write(const State& state, std::span<float> row) const {
  GENBA_CHECK(row.size() == static_cast<std::size_t>(dim()), "a row of the critic");
  auto alone = row.begin();
  auto slots = row.begin() + shape_.alone;
  auto from = state.obs.begin();
  for (const FieldSpec& field : spec_.observation) {
    auto& to = field.shape.size() == 2 ? slots : alone;
    to = std::copy_n(from, field.size(), to);
    from += field.size();
  }
  const auto number = [](double value) { return static_cast<float>(value); };
  std::transform(state.physics.begin() + 1, state.physics.end(), alone, number);
  std::transform(state.wanted.begin(), state.wanted.end(), slots,
                 [](std::uint8_t flag) { return flag != 0 ? 1.0f : 0.0f; });
}

std::vector<double> RunningScale::Measure(std::span<const float> rows) const {
  const std::size_t columns = mean_.size(), count = rows.size() / width_;
  std::vector<double> measured(1 + 2 * columns);
  measured[0] = static_cast<double>(count);
  for (std::size_t column = 0; column < columns && count > 0; ++column) {
    double &mean = measured[1 + column], &squares = measured[1 + columns + column];
    for (std::size_t row = 0; row < count; ++row) mean += static_cast<double>(rows[row * width_ + column]);
    mean /= static_cast<double>(count);
    for (std::size_t row = 0; row < count; ++row)
      squares += std::pow(static_cast<double>(rows[row * width_ + column]) - mean, 2);
  }
  return measured;
}

void RunningScale::Merge(std::span<const double> measured) {
  const std::size_t columns = mean_.size();
  GENBA_CHECK(measured.size() == 1 + 2 * columns, "count, means and squares of as many columns");
  const double count = measured[0], all = count_ + count;
  if (count <= 0) return;
  for (std::size_t column = 0; column < columns; ++column) {
    const double apart = measured[1 + column] - mean_[column];
    squares_[column] += measured[1 + columns + column] + apart * apart * count_ * count / all;
    mean_[column] += apart * count / all;
  }
  count_ = all;
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
    for (std::size_t i = static_cast<std::size_t>(column); i < rows.size(); i += width_)
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

Critic::Critic(const CriticShape& shape, int width, policies::ParameterLayout& layout) : shape_(shape) {
  for (std::size_t set = 0; set < shape.sets.size(); ++set)
    slots_.emplace_back(layout, "critic.slots." + std::to_string(set), shape.sets[set].columns, kSlotWidth, kSlotWidth);
  in_ = policies::Linear(layout, "critic.in", shape.alone + static_cast<int>(shape.sets.size()) * kSlotWidth, width,
                         1.4f);
  hidden_ = policies::Linear(layout, "critic.hidden", width, width, 1.4f);
  out_ = policies::Linear(layout, "critic.out", width, 1, 0.1f);
}

at::Tensor Critic::Value(const policies::Weights& weights, const at::Tensor& rows) const {
  std::vector<at::Tensor> seen = {rows.narrow(1, 0, shape_.alone)};
  std::int64_t first = shape_.alone, flag = shape_.scaled();
  for (std::size_t i = 0; i < shape_.sets.size(); ++i) {
    const auto [count, columns] = shape_.sets[i];
    const at::Tensor slots = rows.narrow(1, first, count * columns).view({rows.size(0), count, columns});
    const at::Tensor wanted = rows.narrow(1, flag, count).unsqueeze(2);
    seen.push_back((at::relu(slots_[i](weights, slots)) * wanted).amax({1}));
    first += count * columns, flag += count;
  }
  return out_(weights, at::silu(hidden_(weights, at::silu(in_(weights, at::cat(seen, 1)))))).squeeze(1);
}

std::int64_t Critic::macs() const {
  std::int64_t macs = in_.macs() + hidden_.macs() + out_.macs();
  for (std::size_t i = 0; i < slots_.size(); ++i) macs += shape_.sets[i].count * slots_[i].macs();
  return macs;
}

}  // namespace genba::trainer
