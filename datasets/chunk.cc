#include "datasets/chunk.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace genba::datasets {

std::uint32_t Fletcher32(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kPairs = 360;  // so many sums of 16 bits fit into 32
  const auto fold = [](std::uint32_t sum) { return (sum & 0xffff) + (sum >> 16); };
  std::uint32_t sum = 0, sum_of_sums = 0;
  const std::size_t even = bytes.size() / 2 * 2;
  for (std::size_t at = 0; at < even;) {
    for (const std::size_t stop = std::min(even, at + 2 * kPairs); at < stop; at += 2) {
      sum += static_cast<std::uint32_t>(bytes[at] << 8 | bytes[at + 1]);
      sum_of_sums += sum;
    }
    sum = fold(sum);
    sum_of_sums = fold(sum_of_sums);
  }
  if (even < bytes.size()) {
    sum += static_cast<std::uint32_t>(bytes[even] << 8);
    sum_of_sums += sum;
    sum = fold(sum);
    sum_of_sums = fold(sum_of_sums);
  }
  return fold(sum_of_sums) << 16 | fold(sum);
}

std::string DecodeChunk(std::span<const std::uint8_t> stored, const ChunkCoding& coding,
                        std::span<std::uint8_t> chunk) {
  std::uint32_t checksum = 0;
  if (stored.size() < sizeof checksum) return "a chunk without a checksum";
  const auto data = stored.first(stored.size() - sizeof checksum);
  std::memcpy(&checksum, stored.data() + data.size(), sizeof checksum);
  if (coding.require_checksum && checksum != Fletcher32(data)) return "a wrong checksum";
  if (!coding.deflated) {
    if (data.size() != chunk.size()) return "a chunk of another size";
    std::copy(data.begin(), data.end(), chunk.begin());
    return "";
  }
  std::vector<std::uint8_t> shuffled(chunk.size());
  uLongf size = shuffled.size();
  if (::uncompress(shuffled.data(), &size, data.data(), data.size()) != Z_OK || size != shuffled.size())
    return "a compressed chunk that is damaged or of another size";
  const std::size_t elements = chunk.size() / coding.element_bytes;
  for (std::size_t byte = 0; byte < coding.element_bytes; ++byte) {
    for (std::size_t i = 0; i < elements; ++i) chunk[i * coding.element_bytes + byte] = shuffled[byte * elements + i];
  }
  return "";
}

}  // namespace genba::datasets
