// trainable.h - a network's weights in one flat buffer with their gradient and optimiser. Owned by a learner; one thread.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros_like.h>

#include <memory>

#include "policies/parameters.h"
#include "trainer/optimizer.h"

namespace genba::trainer {

struct Trainable {
  Trainable(const policies::ParameterLayout& plan, std::uint64_t seed, const AdamWConfig& settings)
      : layout(plan),
        config(settings),
        flat(plan.Initial(seed)),
        gradient(at::zeros_like(flat)),
        weights(plan.TrainableViews(flat, gradient)),
        optimizer(std::make_unique<FlatAdamW>(flat, gradient, config)) {}
  // From here on another loss counts: what the moments remember is of the one before.
  void ForgetMoments() { optimizer = std::make_unique<FlatAdamW>(flat, gradient, config); }

  const policies::ParameterLayout& layout;
  AdamWConfig config;
  at::Tensor flat, gradient;
  policies::Weights weights;
  std::unique_ptr<FlatAdamW> optimizer;
};

}  // namespace genba::trainer
