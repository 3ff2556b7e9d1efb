// manifest.json of a data set.
#include "datasets/manifest.h"

#include "core/error.h"
#include "tests/datasets/sample.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  datasets::DatasetInfo info = datasets::SampleInfo();
  const std::string empty = datasets::ManifestText(info);
  info.next_episode = 3;
  info.shards.push_back({datasets::ShardName({0, 3}), std::string(64, 'a'), 4096, 3, 15, 0});
  return {empty, datasets::ManifestText(info)};
}

// Its own hash is mended first, so that mutations reach what it protects.
void Feed(std::string_view bytes) {
  nlohmann::json json = nlohmann::json::parse(bytes, nullptr, false);
  const std::string input = json.is_object() ? datasets::Rehashed(std::move(json)) : std::string(bytes);
  const std::string text = datasets::ManifestText(datasets::ParseManifest(input, "fuzz"));
  GENBA_CHECK(datasets::ManifestText(datasets::ParseManifest(text, "own")) == text, "a manifest reads back");
}

}  // namespace genba::fuzz
