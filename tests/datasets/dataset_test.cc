#include "datasets/dataset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "datasets/hdf5.h"
#include "datasets/schema.h"
#include "tests/datasets/sample.h"

namespace genba::datasets {
namespace {

namespace fs = std::filesystem;
using DatasetTest = FolderTest;

// Equal in every piece that schema.h names, and in those it leaves out.
void ExpectEqual(const Episode& a, const Episode& b) {
  std::vector<std::string> left, right;
  const auto texts = [](std::vector<std::string>& list) {
    return [&list](const char* name, const std::string& text) { list.push_back(name + ("=" + text)); };
  };
  VisitTexts(a, texts(left));
  VisitTexts(b, texts(right));
  const auto numbers = [](std::vector<std::string>& list) {
    return [&list](const char* name, std::uint64_t number) { list.push_back(name + ("=" + std::to_string(number))); };
  };
  VisitNumbers(a, numbers(left));
  VisitNumbers(b, numbers(right));
  const auto arrays = [](std::vector<std::string>& list) {
    return [&list](const ArrayInfo& array, const auto& values) {
      list.push_back(array.name + hdf5::DimsText(array.dims) +
                     Sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])}));
    };
  };
  VisitArrays(a, SampleInfo(), arrays(left));
  VisitArrays(b, SampleInfo(), arrays(right));
  EXPECT_EQ(left, right);
  EXPECT_EQ(a.obs, b.obs);
  EXPECT_EQ(a.last_obs, b.last_obs);
  EXPECT_EQ(a.cell, b.cell);
  EXPECT_EQ(a.success, b.success);
  EXPECT_EQ(a.plan, b.plan);
  EXPECT_EQ(a.model_xml, b.model_xml);
}

TEST_F(DatasetTest, ReadingWhatWasWrittenGivesTheSameEpisodes) {
  WriteSample(folder_, 7, 3);
  const Dataset dataset(folder_);
  ASSERT_EQ(dataset.num_episodes(), 7);
  ASSERT_EQ(dataset.info().shards.size(), 3u);
  std::int64_t steps = 0;
  for (const int k : {6, 0, 1, 2, 3, 4, 5}) {
    const Episode episode = dataset.Read(k);
    ExpectEqual(SampleEpisode(static_cast<std::uint64_t>(k)), episode);
    steps += episode.num_steps;
  }
  EXPECT_EQ(dataset.num_steps(), steps);
  EXPECT_TRUE(dataset.Verify().empty());
  EXPECT_THROW(dataset.Read(7), std::logic_error);
}

TEST_F(DatasetTest, HeadersCarryNoArrays) {
  WriteSample(folder_, 2, 2);
  const Episode header = Dataset(folder_).ReadHeader(1);
  EXPECT_EQ(header.text, SampleEpisode(1).text);
  EXPECT_EQ(header.num_steps, SampleEpisode(1).num_steps);
  EXPECT_TRUE(header.obs.empty() && header.states.empty() && header.model_xml.empty());
}

TEST_F(DatasetTest, EqualEpisodesAreEqualBytes) {
  WriteSample(folder_ / "a", 6, 3);
  const std::vector<std::string> dirt(100, std::string(10000, 'd'));  // another state of the heap
  {
    DatasetWriter writer(folder_ / "b", SampleInfo(),
                         3);  // cut short after the first shard, continued by another writer
    for (std::uint64_t i = 0; i < 5; ++i) writer.Append(SampleEpisode(i));
  }
  DatasetWriter writer(folder_ / "b", SampleInfo(), 3);
  ASSERT_EQ(writer.num_committed_episodes(), 3u);
  for (std::uint64_t i = 3; i < 6; ++i) writer.Append(SampleEpisode(i));
  writer.Finish();
  for (const char* file : {"shard-00000.h5", "shard-00001.h5", "manifest.json"}) {
    EXPECT_EQ(Sha256File(folder_ / "a" / file), Sha256File(folder_ / "b" / file)) << file;
  }
  EXPECT_NE(Sha256File(folder_ / "a/shard-00000.h5"), Sha256File(folder_ / "a/shard-00001.h5"));
}

TEST_F(DatasetTest, ModelsAreStoredOncePerScene) {
  DatasetInfo info = SampleInfo();
  const auto size = [&](const char* name, bool same_scene) {
    DatasetWriter writer(folder_ / name, info, 20);
    for (std::uint64_t i = 0; i < 20; ++i) {
      Episode episode = SampleEpisode(i);
      for (int n = 0; n < 3000; ++n)
        episode.model_xml += std::to_string(Hash64(std::to_string(n + (same_scene ? 0 : 3000 * static_cast<int>(i)))));
      if (same_scene)
        episode.model_xml = SampleEpisode(0).model_xml + episode.model_xml.substr(SampleEpisode(i).model_xml.size());
      writer.Append(episode);
    }
    writer.Finish();
    return fs::file_size(folder_ / name / "shard-00000.h5");
  };
  EXPECT_LT(size("same", true) * 3, size("other", false));
}

TEST_F(DatasetTest, InfoSaysWhatTheDesignAsksFor) {
  WriteSample(folder_, 4, 3);
  const nlohmann::json json = Dataset(folder_).InfoJson();
  EXPECT_EQ(json.at("schema_version"), 3);
  EXPECT_EQ(json.at("engine_version"), "4.0.1");
  EXPECT_EQ(json.at("episodes"), 4);
  EXPECT_EQ(json.at("steps"), 4 + 5 + 6 + 4);
  EXPECT_EQ(json.at("tasks").at("sample"), 4);
  EXPECT_EQ(json.at("languages").at("ja"), 2);
  EXPECT_EQ(json.at("success_rate"), 0.5);
  EXPECT_EQ(json.at("fields").at(1),
            nlohmann::json({{"name", "obs/parts"}, {"shape", {2, 4}}, {"dtype", "float32"}, {"unit", "m"}}));
}

TEST_F(DatasetTest, StatisticsAreOfSuccessfulEpisodes) {
  WriteSample(folder_, 4, 3);
  const nlohmann::json json = Dataset(folder_).Statistics();
  EXPECT_EQ(json.at("successful_episodes"), 2);
  EXPECT_EQ(json.at("causes").at("timeout"), 2);
  std::vector<double> first;  // column 0 of proprio in episodes 0 and 2
  for (const std::uint64_t index : {0, 2}) {
    const Episode episode = SampleEpisode(index);
    for (std::size_t t = 0; t < static_cast<std::size_t>(episode.num_steps); ++t)
      first.push_back(static_cast<double>(episode.obs[t * 11]));
  }
  double mean = 0, variance = 0;
  for (const double value : first) mean += value / static_cast<double>(first.size());
  for (const double value : first) variance += std::pow(value - mean, 2) / static_cast<double>(first.size());
  const nlohmann::json& field = json.at("fields").at("obs/proprio");
  EXPECT_NEAR(field.at("mean").at(0).get<double>(), mean, 1e-9);
  EXPECT_NEAR(field.at("std").at(0).get<double>(), std::sqrt(variance), 1e-9);
  EXPECT_EQ(field.at("min").at(0), first.front());
  EXPECT_EQ(field.at("max").at(0), first.back());
  EXPECT_EQ(json.at("fields").at("obs/parts").at("q99").size(), 8u);
}

TEST_F(DatasetTest, AnotherDescriptionIsRefusedAndNothingChanges) {
  WriteSample(folder_, 2, 2);
  const std::string before = Sha256File(folder_ / "manifest.json");
  DatasetInfo other = SampleInfo();
  other.config_toml = "[collect]\nseed = 8\n";
  EXPECT_NE(RefusalOf([&] { DatasetWriter(folder_, other, 2); }).find("seed = 8"), std::string::npos);
  other = SampleInfo();
  other.spec.observation[1].shape = {3, 4};
  EXPECT_NE(RefusalOf([&] { DatasetWriter(folder_, other, 2); }).find("parts"), std::string::npos);
  EXPECT_EQ(Sha256File(folder_ / "manifest.json"), before);
}

TEST_F(DatasetTest, ShardsWithoutAManifestAreNotReplaced) {
  WriteSample(folder_, 2, 2);
  fs::remove(folder_ / "manifest.json");
  EXPECT_NE(RefusalOf([&] { DatasetWriter(folder_, SampleInfo(), 2); }).find("manifest.json"), std::string::npos);
  EXPECT_NE(RefusalOf([&] { Dataset{folder_}; }).find("manifest.json"), std::string::npos);
}

TEST_F(DatasetTest, ShardsThatAnOlderManifestDoesNotKnowAreNotReplaced) {
  for (const int episodes : {4, 5}) {  // whole shards, and a tail
    const fs::path folder = folder_ / std::to_string(episodes);
    WriteSample(folder, episodes, 2);
    nlohmann::json manifest = nlohmann::json::parse(ReadFile(folder / "manifest.json"));
    manifest["shards"] = nlohmann::json::array();
    for (const int next : {0, episodes}) {
      manifest["next_episode"] = next;
      WriteFileAtomically(folder / "manifest.json", Rehashed(manifest));
      EXPECT_NE(RefusalOf([&] { DatasetWriter(folder, SampleInfo(), 2); }).find("shard-"), std::string::npos);
    }
    EXPECT_TRUE(fs::exists(folder / "shard-00000.h5"));
  }
}

// Law 1: however often the writing stops and goes on, whatever is left out, the same bytes under the same names.
TEST_F(DatasetTest, BytesDoNotDependOnWhenTheTailWasCommitted) {
  const auto write = [](DatasetWriter& writer, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i < to; ++i) {
      if (i == 4 || i == 11 || (i >= 15 && i < 20)) {
        writer.Skip(i);
      } else {
        writer.Append(SampleEpisode(i));
      }
    }
  };
  const auto listing = [](const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder))
      files[entry.path().filename().string()] = Sha256File(entry.path());
    return files;
  };
  for (const std::uint64_t end : {3u, 10u, 12u, 18u, 20u, 23u}) {
    const fs::path whole = folder_ / ("whole" + std::to_string(end)), parts = folder_ / ("parts" + std::to_string(end));
    {
      DatasetWriter writer(whole, SampleInfo(), 5);
      write(writer, 0, end);
      writer.Finish();
    }
    for (std::uint64_t at = 0; at < end;) {
      DatasetWriter writer(parts, SampleInfo(), 5);
      ASSERT_EQ(writer.next_episode(), at);
      const std::uint64_t next = std::min(end, at + 1 + at % 3);
      write(writer, at, next);
      if (at % 2 == 0) writer.CommitOlderThan(0);
      writer.Finish();
      at = next;
    }
    EXPECT_EQ(listing(whole), listing(parts)) << end;
    EXPECT_TRUE(Dataset(parts).Verify().empty());
  }
}

TEST_F(DatasetTest, OneWriterAtATime) {
  DatasetWriter writer(folder_, SampleInfo(), 2);
  EXPECT_NE(RefusalOf([&] { DatasetWriter(folder_, SampleInfo(), 2); }).find("another process"), std::string::npos);
}

TEST_F(DatasetTest, OrderShapeAndFiniteValuesAreTheRecordersDuty) {
  DatasetWriter writer(folder_, SampleInfo(), 9);
  writer.Append(SampleEpisode(3));
  EXPECT_THROW(writer.Append(SampleEpisode(3)), std::logic_error);
  Episode episode = SampleEpisode(4);
  episode.obs.pop_back();
  EXPECT_THROW(writer.Append(episode), std::logic_error);
  episode = SampleEpisode(4);
  episode.actions[0] = std::nanf("");
  EXPECT_THROW(writer.Append(episode), std::logic_error);
  writer.Append(SampleEpisode(4));
  writer.Finish();
  EXPECT_EQ(Dataset(folder_).num_episodes(), 2) << "what was refused left no trace";
}

}  // namespace
}  // namespace genba::datasets
