// genba diff of two data sets: they are compared episode by episode, however they are cut into shards.
#include "trainer/diff.h"

#include <fstream>
#include <functional>

#include "core/atomic_file.h"
#include "datasets/schema.h"
#include "scratch.h"
#include "tests/datasets/sample.h"

namespace genba::trainer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class DataDiffs : public ScratchTest {
 protected:
  fs::path Write(const std::string& name, const std::function<void(datasets::Episode&)>& change = {}, int per_shard = 3,
                 const datasets::DatasetInfo& info = datasets::SampleInfo()) const {
    fs::remove_all(folder_ / name);
    datasets::DatasetWriter writer(folder_ / name, info, per_shard);
    for (std::uint64_t i = 0; i < 7; ++i) {
      datasets::Episode episode = datasets::SampleEpisode(i);
      if (change) change(episode);
      writer.Append(std::move(episode));
    }
    writer.Finish();
    return folder_ / name;
  }
};

TEST_F(DataDiffs, OtherShardsAreTheSameContent) {
  datasets::DatasetInfo info = datasets::SampleInfo();
  info.config_toml += "episodes_per_shard = 2\n";
  info.revision = "another";
  const fs::path a = Write("a"), b = Write("b", {}, 2, info);
  const json result = Diff(a, b);
  EXPECT_TRUE(result.at("equal").get<bool>()) << result.dump(1);
  EXPECT_EQ(result.at("episodes").at("common"), 7);
  EXPECT_FALSE(result.at("episodes").at("same_shards").get<bool>());
  EXPECT_EQ(result.at("settings").at("apart").size(), 2u);
  EXPECT_TRUE(result.at("metrics").is_null() && result.at("checkpoints").is_null());
  EXPECT_TRUE(Diff(a, a).at("episodes").at("same_shards").get<bool>());
}

// One bit of each array of one episode, in its second step where it has steps.
TEST_F(DataDiffs, OneChangedNumberIsFoundInEveryArray) {
  const datasets::DatasetInfo info = datasets::SampleInfo();
  std::vector<std::pair<std::string, datasets::Moment>> arrays;
  const datasets::Episode sample = datasets::SampleEpisode(4);
  datasets::VisitArrays(sample, info, [&](const datasets::ArrayInfo& array, const auto&) {
    arrays.emplace_back(array.name, array.moment);
  });
  const fs::path plain = Write("plain");
  for (const auto& [name, moment] : arrays) {
    const bool per_step = moment == datasets::Moment::kBefore || moment == datasets::Moment::kAfter;
    std::int64_t last_of_row = 0;
    const fs::path other = Write("other", [&, name = name](datasets::Episode& episode) {
      if (episode.index != 4) return;
      datasets::VisitArrays(episode, info, [&](const datasets::ArrayInfo& array, auto& values) {
        if (name != array.name) return;
        const std::size_t row = per_step ? values.size() / static_cast<std::size_t>(episode.num_steps) : values.size();
        last_of_row = static_cast<std::int64_t>(row) - 1;
        auto* bytes = reinterpret_cast<std::uint8_t*>(&values[per_step ? 2 * row - 1 : row - 1]);
        bytes[0] = static_cast<std::uint8_t>(bytes[0] ^ 1);
      });
    });
    const json first = Diff(plain, other).at("first");
    EXPECT_EQ(first.at("episode"), 4) << name;
    EXPECT_EQ(first.at("field"), name);
    EXPECT_EQ(first.at("index"), last_of_row) << name;
    EXPECT_EQ(first.at("step"), per_step ? 1 : moment == datasets::Moment::kStart ? 0 : 4) << name;
    EXPECT_NE(first.at("a"), first.at("b")) << name;
  }
}

TEST_F(DataDiffs, ObservationsAndDocumentsAreNamedInside) {
  const fs::path plain = Write("plain");
  json first = Diff(plain, Write("other",
                                 [](datasets::Episode& episode) {
                                   if (episode.index == 5) episode.obs[3 * 11 + 3 + 6] += 1;
                                 }))
                   .at("first");
  EXPECT_EQ(first.at("episode"), 5);
  EXPECT_EQ(first.at("step"), 3);
  EXPECT_EQ(first.at("field"), "obs/parts");
  EXPECT_EQ(first.at("index"), 6);
  first = Diff(plain, Write("other",
                            [](datasets::Episode& episode) {
                              if (episode.index >= 2) episode.plan = R"({"draws":[88]})", episode.states[0] += 1;
                            }))
              .at("first");
  EXPECT_EQ(first.at("episode"), 2);
  EXPECT_EQ(first.at("field"), "plan.draws[0]");
  EXPECT_EQ(first.at("b"), 88);
}

TEST_F(DataDiffs, MissingEpisodesAreADifference) {
  const fs::path whole = Write("whole"), part = folder_ / "part";
  datasets::WriteSample(part, 5, 3);
  const json result = Diff(part, whole);
  EXPECT_FALSE(result.at("equal").get<bool>());
  EXPECT_EQ(result.at("episodes").at("only_in").at("b").at("episodes"), 2);
  EXPECT_EQ(result.at("first").at("episode"), 5);
  EXPECT_EQ(result.at("episodes").at("different"), 0);
  datasets::DatasetWriter writer(folder_ / "gap", datasets::SampleInfo(), 3);
  for (std::uint64_t i = 0; i < 7; ++i) i == 1 ? writer.Skip(i) : writer.Append(datasets::SampleEpisode(i));
  writer.Finish();
  const json gap = Diff(whole, folder_ / "gap");
  EXPECT_EQ(gap.at("first").at("episode"), 1);
  EXPECT_EQ(gap.at("episodes").at("common"), 6);
  EXPECT_EQ(gap.at("episodes").at("different"), 0) << "the rest is compared by number, not by position";
}

TEST_F(DataDiffs, AnotherSpecificationOrSettingIsNamed) {
  const fs::path plain = Write("plain");
  datasets::DatasetInfo info = datasets::SampleInfo();
  info.config_toml = "[collect]\nseed = 8\n";
  EXPECT_EQ(Diff(plain, Write("seed", {}, 3, info)).at("first").at("key"), "collect.seed");
  info = datasets::SampleInfo();
  info.spec.horizon = 61;
  const json result = Diff(plain, Write("spec", {}, 3, info));
  EXPECT_TRUE(result.at("episodes").is_null());
  EXPECT_EQ(result.at("first").at("key"), "env_spec.horizon");
}

TEST_F(DataDiffs, ADamagedShardIsRefused) {
  const fs::path a = Write("a"), b = Write("b"), shard = b / "shard-00001.h5";
  std::string bytes = ReadFile(shard);
  bytes[bytes.size() / 2] ^= 1;
  fs::permissions(shard, fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(shard, std::ios::binary) << bytes;
  const std::string words = RefusalOf([&] { Diff(a, b); });
  EXPECT_NE(words.find(shard.string() + ": sha256"), std::string::npos) << words;
}

}  // namespace
}  // namespace genba::trainer
