// A checkpoint as transformers publishes one gives the numbers that transformers computes from it
// (make_llama_golden.py).
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/error.h"
#include "policies/decoder.h"
#include "policies/safetensors.h"

namespace genba::policies {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(GENBA_TEST_DATA) / "llama_tiny";

const TensorData& Stored(const std::string& key) {
  static const TensorFile file = ReadSafetensors(kFolder / "expected.safetensors");
  return file.tensors.at(key);
}
at::Tensor Expected(const std::string& key) { return FromTensorData(Stored(key), "expected", key); }
at::Tensor ExpectedIntegers(const std::string& key) {
  const TensorData& data = Stored(key);
  const at::Tensor integers = at::empty(data.shape, at::kLong);
  std::memcpy(integers.mutable_data_ptr<std::int64_t>(), data.bytes.data(), data.bytes.size());
  return integers;
}

// Of what is not padding, relative to the largest number.
double LargestError(const at::Tensor& got, const at::Tensor& expected, const at::Tensor& lengths) {
  const at::Tensor inside =
      (at::arange(got.size(1), at::kLong).view({1, -1}) < lengths.view({-1, 1})).unsqueeze(-1).to(at::kFloat);
  return ((got - expected) * inside).abs().max().item<double>() / expected.abs().max().item<double>();
}

TEST(LlamaGolden, HiddenStatesAndLogitsAreThoseOfTransformers) {
  const c10::InferenceMode no_gradients;
  const DecoderConfig config = ReadDecoderConfig(kFolder / "config.json");
  EXPECT_EQ(config.rope_theta, 50000);
  EXPECT_FALSE(config.tie_word_embeddings);
  const Decoder decoder(config);
  const Weights weights = decoder.layout().Views(ReadDecoderWeights(decoder, kFolder).flat);
  const at::Tensor tokens = ExpectedIntegers("tokens"), lengths = ExpectedIntegers("lengths");
  for (int layer = 0; layer <= config.num_hidden_layers; ++layer) {
    EXPECT_LT(LargestError(decoder.Hidden(weights, tokens, lengths, layer), Expected("hidden." + std::to_string(layer)),
                           lengths),
              1e-5)
        << "after block " << layer;
  }
  const at::Tensor logits = decoder.Logits(weights, decoder.Hidden(weights, tokens, lengths, config.num_hidden_layers));
  EXPECT_LT(LargestError(logits, Expected("logits"), lengths), 1e-5);
  // The control: another base of the rotary angles is seen.
  DecoderConfig other = config;
  other.rope_theta = 10000;
  EXPECT_GT(LargestError(Decoder(other).Hidden(weights, tokens, lengths, 2), Expected("hidden.2"), lengths), 1e-3);
}

}  // namespace
}  // namespace genba::policies
