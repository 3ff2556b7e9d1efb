#include "trainer/plans.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

namespace genba::trainer {

namespace {

// Of plans that begin as noise. [B, H, A]; nothing where they do not.
at::Tensor NoiseOf(const Planner& planner, const at::Tensor& context, int first,
                   const std::function<Rng(int)>& rng_of) {
  if (!planner.network.needs_noise()) return {};
  const at::Tensor noise =
      at::empty({context.size(0), planner.network.chunk(), planner.network.action_dim()}, at::kFloat);
  const std::int64_t each = noise.numel() / noise.size(0);
  for (std::int64_t row = 0; row < noise.size(0); ++row) {
    Rng rng = rng_of(first + static_cast<int>(row));
    float* values = noise.mutable_data_ptr<float>() + row * each;
    for (std::int64_t i = 0; i < each; ++i) values[i] = static_cast<float>(rng.Normal());
  }
  return noise;
}

}  // namespace

at::Tensor Plans::Next(const Planner& planner, int first, const at::Tensor& context,
                       const std::function<Rng(int)>& rng_of) {
  const auto begin = left_.begin() + first, end = begin + context.size(0);
  if (std::any_of(begin, end, [](const std::vector<float>& left) { return left.empty(); })) {
    const at::Tensor plans =
        planner.network.PlanFrom(planner.weights, context, NoiseOf(planner, context, first, rng_of))
            .narrow(1, 0, planner.execute)
            .clamp(-1.0, 1.0)
            .contiguous();
    const float* plan = plans.const_data_ptr<float>();
    const std::int64_t each = plans.numel() / plans.size(0);
    for (auto left = begin; left != end; ++left, plan += each) {
      if (left->empty()) left->assign(plan, plan + each);
    }
  }
  const at::Tensor next = at::empty({context.size(0), static_cast<std::int64_t>(action_dim_)}, at::kFloat);
  float* row = next.mutable_data_ptr<float>();
  for (auto left = begin; left != end; ++left, row += action_dim_) {
    const auto played = left->begin() + static_cast<std::ptrdiff_t>(action_dim_);
    std::copy(left->begin(), played, row);
    left->erase(left->begin(), played);
  }
  return next;
}

std::vector<double> Plans::Save(int world) const {
  const std::vector<float>& left = left_[static_cast<std::size_t>(world)];
  return {left.begin(), left.end()};
}

bool Plans::Restore(int world, const std::vector<double>& numbers) {
  const bool fits = numbers.size() % action_dim_ == 0 &&
                    std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::abs(x) <= 1; });
  if (!fits) return false;
  std::vector<float>& left = left_[static_cast<std::size_t>(world)];
  left.clear();
  for (const double number : numbers) left.push_back(static_cast<float>(number));
  return true;
}

}  // namespace genba::trainer
