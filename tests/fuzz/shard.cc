// A shard whose hash somebody made right. The input is a list of edits of a sound shard, five bytes each: an offset
// (three bytes) and what stands there then (two); the offset 0xFFFFFF cuts the file instead. So mutations reach HDF5's
// structures. One short episode: a run costs milliseconds, all of them opening arrays.
#include "datasets/shard.h"

#include <algorithm>

#include "core/hash.h"
#include "datasets/manifest.h"
#include "tests/datasets/sample.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {
namespace {

struct Sound {
  datasets::DatasetInfo info;
  std::string bytes;
};

const Sound& TheShard() {
  static const Sound sound = [] {
    Sound s{datasets::SampleInfo(), ""};
    datasets::ShardWriter writer(s.info, datasets::ShardName({}));
    writer.Append(datasets::SampleEpisode(0));
    datasets::ShardInfo shard{datasets::ShardName({}), "", 0, 1, writer.num_steps(), 0};
    s.bytes = writer.CloseToBytes();
    s.info.shards.push_back(shard);
    s.info.next_episode = 1;
    s.info.shards[0].sha256 = Sha256(s.bytes);
    s.info.shards[0].bytes = s.bytes.size();
    return s;
  }();
  return sound;
}

std::string Edited(std::string_view edits) {
  std::string bytes = TheShard().bytes;
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(edits[i])); };
  for (std::size_t i = 0; i + 5 <= edits.size() && !bytes.empty(); i += 5) {
    const std::size_t offset = at(i) | at(i + 1) << 8 | at(i + 2) << 16;
    if (offset == 0xFFFFFF) {
      bytes.resize((at(i + 3) | at(i + 4) << 8) % (bytes.size() + 1));
      continue;
    }
    bytes[offset % bytes.size()] = edits[i + 3];
    bytes[(offset + 1) % bytes.size()] = edits[i + 4];
  }
  return bytes;
}

}  // namespace

std::vector<std::string> Seeds() { return {"", std::string("\0\0\0\x89H", 5)}; }

void Feed(std::string_view input) {
  const std::string bytes = Edited(input);
  const datasets::DatasetInfo& info = TheShard().info;
  const datasets::ShardReader reader(bytes, "fuzz", info, info.shards[0], datasets::hdf5::Checksums::kIgnore);
  for (int k = 0; k < static_cast<int>(reader.headers().size()); ++k) (void)reader.Read(k);
}

}  // namespace genba::fuzz
