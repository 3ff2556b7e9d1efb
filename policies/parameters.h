// parameters.h - all weights of a network in one flat float buffer, seen through named views.
// ParameterLayout is the constant plan (names, shapes, offsets, initial values); Weights are the views of one
// buffer, so the same network runs on the trained weights, their moving average, or a loaded checkpoint. One
// thread.
#pragma once
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "policies/safetensors.h"

namespace genba::policies {

using Weights = std::vector<at::Tensor>;  // by index returned from ParameterLayout::Add

struct Parameter {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t offset;  // in the flat buffer, a multiple of 16: every view starts on a cache line
  float constant;       // initial value when deviation is 0
  float deviation;      // of the normal initial values
  std::int64_t size() const;
};

class ParameterLayout {
 public:
  int Add(const std::string& name, std::vector<std::int64_t> shape, float constant, float deviation);
  const std::vector<Parameter>& parameters() const { return parameters_; }
  std::int64_t flat_size() const { return flat_size_; }  // with padding
  std::int64_t num_weights() const;                      // without

  at::Tensor Initial(std::uint64_t seed) const;  // [flat_size]; pure in seed and names
  Weights Views(const at::Tensor& flat) const;   // no gradients
  // Leaves whose gradients accumulate into views of gradient.
  Weights TrainableViews(const at::Tensor& flat, const at::Tensor& gradient) const;

  void ToFile(const at::Tensor& flat, TensorFile& file) const;
  // Every parameter must be there with its shape, finite, and nothing else; Error(kBadInput) naming file and
  // tensor.
  at::Tensor FromFile(const TensorFile& tensors, const std::string& file) const;

 private:
  std::vector<Parameter> parameters_;
  std::int64_t flat_size_ = 0;
};

// Raw bytes of a float tensor and back; shapes are checked by the caller.
TensorData ToTensorData(const at::Tensor& tensor);
at::Tensor FromTensorData(const TensorData& data, const std::string& file, const std::string& key);
// A file's tensor of as many numbers as like, in its shape; Error(kBadInput) naming file and key.
at::Tensor TensorLike(const TensorFile& tensors, const std::string& key, const at::Tensor& like,
                      const std::string& file);

}  // namespace genba::policies
