// tensors.h - numbers of learners as tensors, and of their state as what checkpoints hold. Pure; any thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policies/safetensors.h"

namespace genba::trainer {

// A copy; as many numbers as the shape has.
at::Tensor FloatTensor(std::span<const float> values, at::IntArrayRef shape);

std::uint64_t HashOf(const at::Tensor& flat);             // Hash64 of floats [n]
at::Tensor DoubleTensor(std::span<const double> values);  // [n]

policies::TensorData ToTensorData(std::span<const double> values);  // [n]
// Nothing where there is no such tensor, or one of another type.
std::vector<double> DoublesOf(const policies::TensorFile& file, const std::string& key);

}  // namespace genba::trainer
