// model_tensors.h - the tensors of a published model folder: model.safetensors, or the shards that
// model.safetensors.index.json names. Headers are read at once, tensors one by one. No torch. One thread.
// Failure: Error(kBadInput) naming file and tensor; a tensor that lies in two shards is refused.
#pragma once
#include <memory>

#include "core/hash.h"
#include "policies/safetensors.h"

namespace genba::policies {

class ModelTensors {
 public:
  explicit ModelTensors(const std::filesystem::path& folder);

  struct Found {
    const SafetensorsReader* reader;
    const TensorPlace* place;
  };
  const std::map<std::string, Found>& all() const { return all_; }  // by name
  // A tensor of this shape in F32, F16 or BF16.
  const Found& Find(const std::string& name, const std::vector<std::int64_t>& shape) const;
  const std::string& file() const { return file_; }  // what refusals call the whole

 private:
  void AddShard(const std::filesystem::path& path);

  std::string file_;
  std::vector<std::unique_ptr<SafetensorsReader>> readers_;
  std::map<std::string, Found> all_;
};

float HalfToFloat(std::uint16_t bits);  // of F16

// Reads a tensor in pieces, as 32-bit floats, which must be finite; adds its name, shape and stored bytes to hash.
void ReadAsFloats(const std::string& name, const ModelTensors::Found& tensor, std::span<float> to, Sha256Stream& hash);

}  // namespace genba::policies
