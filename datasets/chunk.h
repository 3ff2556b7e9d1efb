// chunk.h - turns a stored HDF5 chunk back into numbers: checksum, inflate, unshuffle, as HDF5's own filters do, but
// never into more bytes than the chunk has. HDF5's deflate grows its buffer for as long as the stream goes on: a file
// of 2 MB becomes gigabytes. Internal to datasets; pure; any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace genba::datasets {

struct ChunkCoding {
  bool deflated = false;  // and shuffled by element before
  std::size_t element_bytes = 1;
  bool require_checksum = true;
};

// stored: the chunk as it lies in the file, its Fletcher-32 last. chunk: exactly what it must become. Returns what is
// wrong; empty when all is well.
std::string DecodeChunk(std::span<const std::uint8_t> stored, const ChunkCoding& coding, std::span<std::uint8_t> chunk);

// HDF5's Fletcher-32: pairs of bytes, the first one the higher.
std::uint32_t Fletcher32(std::span<const std::uint8_t> bytes);

}  // namespace genba::datasets
