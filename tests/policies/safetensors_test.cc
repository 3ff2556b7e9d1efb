#include "policies/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/error.h"
#include "core/rng.h"

namespace genba::policies {
namespace {

TensorFile Sample() {
  TensorFile file;
  file.metadata["who"] = "test";
  file.tensors["a"] = {TensorType::kF32, {2, 3}, std::string(24, 'a')};
  file.tensors["b"] = {TensorType::kI64, {}, std::string(8, 'b')};
  file.tensors["empty"] = {TensorType::kU8, {0, 5}, ""};
  return file;
}

std::string WithHeader(const std::string& header, const std::string& data) {
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), 8) + header + data;
}

std::string Refusal(const std::string& bytes) {
  try {
    ParseSafetensors(bytes, "x.safetensors");
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    return error.what();
  }
}

TEST(Safetensors, ReaderOfWriterIsTheSameAndBytesAreStable) {
  const std::string bytes = SerializeSafetensors(Sample());
  const TensorFile back = ParseSafetensors(bytes, "x");
  EXPECT_EQ(back.metadata, Sample().metadata);
  ASSERT_EQ(back.tensors.size(), 3u);
  for (const auto& [name, tensor] : Sample().tensors) {
    EXPECT_EQ(back.tensors.at(name).bytes, tensor.bytes);
    EXPECT_EQ(back.tensors.at(name).shape, tensor.shape);
    EXPECT_EQ(back.tensors.at(name).type, tensor.type);
  }
  EXPECT_EQ(SerializeSafetensors(back), bytes);
}

TEST(Safetensors, EachHostileHeaderIsRefusedByName) {
  const std::string data(8, 'x');
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})", "header"},  // not closed
      {R"([1])", "header"},
      {R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})", "a.dtype"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "a"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "a.shape"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})", "a"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "a.data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}})", "a.data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "a.data_offsets"},  // gap
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "data"},            // trailing bytes
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "b"},  // overlap
      {R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "dtype"},
      {R"({"a":{"dtype":"F32","shape":[2]}})", "a"},
      {R"({"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "__metadata__.k"},
      {R"({"a":{"dtype":"F32","shape":[[[[[2]]]]],"data_offsets":[0,8]}})", "header"}};
  EXPECT_EQ(Refusal(WithHeader(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", data)), "");  // the control
  for (const auto& [header, word] : cases) {
    const std::string refusal = Refusal(WithHeader(header, data));
    EXPECT_NE(refusal.find("x.safetensors"), std::string::npos) << header;
    EXPECT_NE(refusal.find(word), std::string::npos) << header << "  →  " << refusal;
  }
  EXPECT_NE(Refusal("short"), "");
  EXPECT_NE(Refusal(std::string(8, '\xff') + "x"), "");
}

TEST(Safetensors, TruncationIsAlwaysSeenAndFlippedBytesNeverCrash) {
  const std::string bytes = SerializeSafetensors(Sample());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_NE(Refusal(bytes.substr(0, length)), "") << length;
  Rng rng(1, 0, "flips");
  for (int i = 0; i < 20000; ++i) {
    std::string flipped = bytes;
    const int at = rng.Int(0, static_cast<int>(flipped.size()) - 1);
    flipped[static_cast<std::size_t>(at)] =
        static_cast<char>(flipped[static_cast<std::size_t>(at)] ^ (1 << rng.Int(0, 7)));
    Refusal(flipped);
  }
}

}  // namespace
}  // namespace genba::policies
