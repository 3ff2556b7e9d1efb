// manifest.json of a data set.
#include "datasets/manifest.h"

#include "core/error.h"
#include "tests/datasets/sample.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  datasets::DatasetInfo info = datasets::SampleInfo();
  const std::string empty = datasets::ManifestText(info);
  info.shards.push_back({datasets::ShardName(0), std::string(64, 'a'), 3, 15, 0});
  return {empty, datasets::ManifestText(info)};
}

void Feed(std::string_view input) {
  const std::string text = datasets::ManifestText(datasets::ParseManifest(std::string(input), "fuzz"));
  GENBA_CHECK(datasets::ManifestText(datasets::ParseManifest(text, "own")) == text, "a manifest reads back");
}

}  // namespace genba::fuzz
