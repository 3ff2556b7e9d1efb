#include "policies/parameters.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "core/error.h"
#include "core/rng.h"

namespace genba::policies {
namespace {

constexpr std::int64_t kAlignment = 16;

}  // namespace

std::int64_t Parameter::size() const {
  std::int64_t product = 1;
  for (const std::int64_t n : shape) product *= n;
  return product;
}

int ParameterLayout::Add(const std::string& name, std::vector<std::int64_t> shape, float constant, float deviation) {
  GENBA_CHECK(std::none_of(parameters_.begin(), parameters_.end(), [&](const Parameter& p) { return p.name == name; }),
              "two parameters are called " + name + ": a file holds only one of them");
  Parameter parameter{name, std::move(shape), flat_size_, constant, deviation};
  flat_size_ += (parameter.size() + kAlignment - 1) / kAlignment * kAlignment;
  parameters_.push_back(std::move(parameter));
  return static_cast<int>(parameters_.size()) - 1;
}

std::int64_t ParameterLayout::num_weights() const {
  std::int64_t total = 0;
  for (const Parameter& parameter : parameters_) total += parameter.size();
  return total;
}

at::Tensor ParameterLayout::Initial(std::uint64_t seed) const {
  at::Tensor flat = at::zeros({flat_size_}, at::kFloat);
  float* values = flat.mutable_data_ptr<float>();
  for (const Parameter& parameter : parameters_) {
    Rng rng(seed, 0, "weights " + parameter.name);
    for (std::int64_t i = 0; i < parameter.size(); ++i) {
      const double drawn = parameter.deviation > 0 ? parameter.deviation * rng.Normal() : 0.0;
      values[parameter.offset + i] = parameter.constant + static_cast<float>(drawn);
    }
  }
  return flat;
}

Weights ParameterLayout::Views(const at::Tensor& flat) const {
  GENBA_CHECK(flat.numel() == flat_size_, "flat buffer of another network");
  Weights views;
  for (const Parameter& parameter : parameters_) {
    views.push_back(flat.detach().narrow(0, parameter.offset, parameter.size()).view(parameter.shape));
  }
  return views;
}

Weights ParameterLayout::TrainableViews(const at::Tensor& flat, const at::Tensor& gradient) const {
  Weights views = Views(flat);
  const Weights gradients = Views(gradient);
  for (std::size_t i = 0; i < views.size(); ++i) {
    views[i].set_requires_grad(true);
    views[i].mutable_grad() = gradients[i];
  }
  return views;
}

void ParameterLayout::ToFile(const at::Tensor& flat, TensorFile& file) const {
  const Weights views = Views(flat);
  for (std::size_t i = 0; i < views.size(); ++i) file.tensors[parameters_[i].name] = ToTensorData(views[i]);
}

at::Tensor ParameterLayout::FromFile(const TensorFile& tensors, const std::string& file) const {
  std::set<std::string> known;
  for (const Parameter& parameter : parameters_) {
    known.insert(parameter.name);
    const auto found = tensors.tensors.find(parameter.name);
    if (found == tensors.tensors.end())
      throw BadInput({file, parameter.name, "tensor " + ShapeText(parameter.shape), "nothing"});
    if (found->second.shape != parameter.shape)
      throw BadInput({file, parameter.name, "shape " + ShapeText(parameter.shape), ShapeText(found->second.shape)});
  }
  for (const auto& [name, data] : tensors.tensors) {
    if (!known.contains(name)) throw BadInput({file, name, "only tensors of this network", "an unknown tensor"});
  }
  const at::Tensor flat = at::zeros({flat_size_}, at::kFloat);  // not before the file is known to hold as much
  const Weights views = Views(flat);
  for (std::size_t i = 0; i < views.size(); ++i)
    views[i].copy_(FromTensorData(tensors.tensors.at(parameters_[i].name), file, parameters_[i].name));
  return flat;
}

TensorData ToTensorData(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().cpu().contiguous();
  GENBA_CHECK(dense.scalar_type() == at::kFloat, "float tensors only");
  TensorData data;
  data.type = TensorType::kF32;
  data.shape = dense.sizes().vec();
  data.bytes.assign(static_cast<const char*>(dense.const_data_ptr()), dense.nbytes());
  return data;
}

at::Tensor FromTensorData(const TensorData& data, const std::string& file, const std::string& key) {
  if (data.type != TensorType::kF32) throw BadInput({file, key, "F32", "another type"});
  at::Tensor tensor = at::empty(data.shape, at::kFloat);
  GENBA_CHECK(tensor.nbytes() == data.bytes.size(), "tensor bytes do not match its shape");
  std::memcpy(tensor.mutable_data_ptr(), data.bytes.data(), data.bytes.size());
  if (!at::isfinite(tensor).all().item<bool>()) throw BadInput({file, key, "finite values", "NaN or infinity"});
  return tensor;
}

at::Tensor TensorLike(const TensorFile& tensors, const std::string& key, const at::Tensor& like,
                      const std::string& file) {
  const auto found = tensors.tensors.find(key);
  if (found == tensors.tensors.end()) throw BadInput({file, key, "a tensor", "nothing"});
  const at::Tensor read = FromTensorData(found->second, file, key);
  if (read.numel() != like.numel())
    throw BadInput({file, key, std::to_string(like.numel()) + " numbers", std::to_string(read.numel())});
  return read.view_as(like);
}

}  // namespace genba::policies
