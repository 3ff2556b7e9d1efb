// Weights of policies and backbones.
#include "policies/safetensors.h"

#include "core/error.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  policies::TensorFile file;
  file.metadata["manifest"] = R"({"a": "b"})";
  file.tensors["a"] = {policies::TensorType::kF32, {2, 3}, std::string(24, '\1')};
  file.tensors["b"] = {policies::TensorType::kBF16, {1}, std::string(2, '\2')};
  file.tensors["c"] = {policies::TensorType::kI64, {}, std::string(8, '\3')};
  return {policies::SerializeSafetensors(file), policies::SerializeSafetensors({})};
}

void Feed(std::string_view input) {
  const policies::TensorFile file = policies::ParseSafetensors(std::string(input), "fuzz");
  const std::string bytes = policies::SerializeSafetensors(file);
  GENBA_CHECK(policies::SerializeSafetensors(policies::ParseSafetensors(bytes, "own")) == bytes, "tensors read back");
}

}  // namespace genba::fuzz
