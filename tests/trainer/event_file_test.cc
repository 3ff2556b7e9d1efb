// TensorBoard's file, read back by a reader that knows only its published format (TFRecord, protocol buffers).
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "scratch.h"
#include "trainer/metrics.h"

namespace genba::trainer {
namespace {

// RFC 3720's CRC-32C, bit by bit.
std::uint32_t PlainCrc(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  return ~crc;
}

template <class T>
T Number(const std::string& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::uint64_t Varint(const std::string& bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(at++));
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

// Field number → its payloads in order: bytes of wire type 2, raw bytes of fixed numbers, a varint as decimal text.
std::multimap<int, std::string> Fields(const std::string& message) {
  std::multimap<int, std::string> fields;
  for (std::size_t at = 0; at < message.size();) {
    const std::uint64_t key = Varint(message, at);
    std::size_t size = 0;
    switch (key & 7) {
      case 0:
        fields.emplace(static_cast<int>(key >> 3), std::to_string(Varint(message, at)));
        continue;
      case 1:
        size = 8;
        break;
      case 2:
        size = Varint(message, at);
        break;
      case 5:
        size = 4;
        break;
      default:
        ADD_FAILURE() << "wire type " << (key & 7);
        return fields;
    }
    fields.emplace(static_cast<int>(key >> 3), message.substr(at, size));
    at += size;
  }
  return fields;
}

class EventFileTest : public ScratchTest {
 protected:
  std::vector<std::string> Records() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (!entry.path().filename().string().starts_with("events.out.tfevents.")) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(in), {});
      std::vector<std::string> records;
      for (std::size_t at = 0; at < bytes.size();) {
        const auto size = Number<std::uint64_t>(bytes, at);
        records.push_back(bytes.substr(at + 12, size));
        EXPECT_EQ(Number<std::uint32_t>(bytes, at + 8), Masked(bytes.substr(at, 8)));
        EXPECT_EQ(Number<std::uint32_t>(bytes, at + 12 + size), Masked(records.back()));
        at += size + 16;
      }
      return records;
    }
    ADD_FAILURE() << "no event file";
    return {};
  }
  static std::uint32_t Masked(const std::string& bytes) { return std::rotr(PlainCrc(bytes), 15) + 0xa282ead8u; }
};

TEST_F(EventFileTest, HoldsWhatWasWrittenInTheFormatThatTensorBoardReads) {
  EXPECT_EQ(PlainCrc("123456789"), 0xE3069283u);  // the published check value
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  {
    EventFile events(folder_, 0);
    events.Write(7, {{"Train/loss", 0.5}, {"Perf/total_fps", 1234.0}});
    events.Write(300, {{"Train/loss", 0.25}});
  }
  std::map<std::uint64_t, std::map<std::string, float>> seen;
  bool version = false;
  for (const std::string& record : Records()) {
    const auto event = Fields(record);
    const auto said = event.find(3);
    if (said != event.end()) version = said->second == "brain.Event:2";
    const auto summary = event.find(5), step = event.find(2);
    if (summary == event.end()) continue;
    ASSERT_NE(step, event.end());
    for (const auto& [number, value] : Fields(summary->second)) {
      const auto scalar = Fields(value);
      seen[std::stoull(step->second)][scalar.find(1)->second] = Number<float>(scalar.find(2)->second, 0);
    }
  }
  EXPECT_TRUE(version);
  EXPECT_EQ(seen, (std::map<std::uint64_t, std::map<std::string, float>>{
                      {7, {{"Train/loss", 0.5f}, {"Perf/total_fps", 1234.0f}}}, {300, {{"Train/loss", 0.25f}}}}));
}

}  // namespace
}  // namespace genba::trainer
