#include "trainer/tensors.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/hash.h"

namespace genba::trainer {

at::Tensor FloatTensor(std::span<const float> values, at::IntArrayRef shape) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  GENBA_CHECK(tensor.numel() == static_cast<std::int64_t>(values.size()), "as many numbers as the shape has");
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<float>());
  return tensor;
}

std::uint64_t HashOf(const at::Tensor& weights) {
  const at::Tensor flat = weights.cpu();
  return Hash64(std::span<const float>(flat.const_data_ptr<float>(), static_cast<std::size_t>(flat.numel())));
}

at::Tensor DoubleTensor(std::span<const double> values) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<double>());
  return tensor;
}

policies::TensorData ToTensorData(std::span<const double> values) {
  return {policies::TensorType::kF64,
          {static_cast<std::int64_t>(values.size())},
          std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes())};
}

std::vector<double> DoublesOf(const policies::TensorFile& file, const std::string& key) {
  const auto found = file.tensors.find(key);
  if (found == file.tensors.end() || found->second.type != policies::TensorType::kF64) return {};
  std::vector<double> values(found->second.bytes.size() / sizeof(double));
  std::memcpy(values.data(), found->second.bytes.data(), values.size() * sizeof(double));
  return values;
}

}  // namespace genba::trainer
