// What happens to data when disks, processes and files go wrong.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "datasets/hdf5.h"
#include "datasets/shard.h"
#include "tests/datasets/sample.h"

// HDF5 1.10 leaks memory of its own when it refuses damaged metadata.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }

namespace genba::datasets {
namespace {

namespace fs = std::filesystem;

// Three shards of two episodes.
class Damage : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    WriteSample(folder_, 6, 2);
    shard_ = folder_ / "shard-00001.h5";
  }

  // Replaces the middle shard and, as one who means it would, its hash in the manifest.
  void ReplaceShard(const std::string& bytes, bool manifest_too) {
    WriteFileAtomically(shard_, bytes);
    if (!manifest_too) return;
    nlohmann::json manifest = nlohmann::json::parse(ReadFile(folder_ / "manifest.json"));
    manifest["shards"][1]["sha256"] = Sha256(bytes);
    manifest["shards"][1]["bytes"] = bytes.size();
    WriteFileAtomically(folder_ / "manifest.json", Rehashed(manifest));
  }

  // The middle shard is refused in a sentence that names it and holds `why`; the others stay readable.
  void ExpectRefusedAlone(const std::string& why) {
    const Dataset dataset(folder_);
    const std::string sentence = RefusalOf([&] { dataset.Read(2); });
    EXPECT_NE(sentence.find("shard-00001.h5"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find(why), std::string::npos) << sentence;
    EXPECT_NE(RefusalOf([&] { dataset.ReadHeader(3); }), "");
    for (const int k : {0, 1, 4, 5})
      EXPECT_EQ(dataset.Read(k).states, SampleEpisode(static_cast<std::uint64_t>(k)).states);
    const auto problems = dataset.Verify();
    ASSERT_FALSE(problems.empty());
    for (const auto& problem : problems) EXPECT_EQ(problem.file, "shard-00001.h5");
  }

  fs::path shard_;
};

TEST_F(Damage, ATruncatedShardIsRefused) {
  const std::string bytes = ReadFile(shard_);
  for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{0}}) {
    ReplaceShard(bytes.substr(0, size), false);
    ExpectRefusedAlone("bytes (manifest)");
    ReplaceShard(bytes.substr(0, size), true);
    ExpectRefusedAlone("an intact HDF5 file");
    ReplaceShard(bytes, true);
  }
  EXPECT_TRUE(Dataset(folder_).Verify().empty());
}

TEST_F(Damage, AMissingShardIsRefused) {
  fs::remove(shard_);
  ExpectRefusedAlone("readable file");
}

TEST_F(Damage, AForeignFileIsRefused) {
  ReplaceShard("PK\3\4 this is a zip, and one that is longer than any superblock", true);
  ExpectRefusedAlone("an intact HDF5 file");
  hdf5::File foreign = hdf5::File::Create("foreign");
  foreign.root().WriteNumber<std::uint64_t>("keras_version", 3);
  ReplaceShard(foreign.CloseToBytes(), true);
  ExpectRefusedAlone("format");
}

TEST_F(Damage, AShardOfALaterVersionIsRefused) {
  hdf5::File later = hdf5::File::Create("later");
  later.root().WriteString("format", "genba-dataset");
  later.root().WriteNumber<std::int64_t>("schema_version", 7);
  ReplaceShard(later.CloseToBytes(), true);
  ExpectRefusedAlone("schema_version: expected 3, got 7 (written by a later Genba)");
}

TEST_F(Damage, AShardOfAnotherDataSetIsRefused) {
  DatasetInfo other = SampleInfo();
  other.spec.observation[1].shape = {3, 4};
  ShardWriter writer(other, "other");
  Episode episode = SampleEpisode(2);
  episode.obs.resize(episode.obs.size() / 11 * 15);
  episode.last_obs.resize(15);
  episode.wanted.resize(3);
  writer.Append(episode);
  ReplaceShard(writer.CloseToBytes(), true);
  ExpectRefusedAlone("observation.parts.shape: [2,4] against [3,4]");
}

TEST_F(Damage, AShardThatTheManifestCountsOtherwiseIsRefused) {
  ReplaceShard(ReadFile(folder_ / "shard-00002.h5"), true);
  ExpectRefusedAlone("index of the first episode: expected 2 (manifest), got 4");
}

TEST_F(Damage, OneBitIsFoundAndOnRequestReadForReplay) {
  std::string bytes = ReadFile(shard_);
  const Episode original = SampleEpisode(2);
  const std::size_t place = bytes.find(std::string_view(reinterpret_cast<const char*>(original.actions.data()),
                                                        original.actions.size() * sizeof(float)));
  ASSERT_NE(place, std::string::npos);
  bytes[place + 9] = static_cast<char>(bytes[place + 9] ^ 1);  // action 2
  ReplaceShard(bytes, false);
  ExpectRefusedAlone("sha256");
  // The same file with the protection off: the wrong value comes through, and nothing else does.
  const Dataset lenient(folder_, Integrity::kReport);
  const Episode read = lenient.Read(2);
  EXPECT_NE(read.actions[2], original.actions[2]);
  EXPECT_EQ(read.actions[1], original.actions[1]);
  EXPECT_EQ(read.states, original.states);
  EXPECT_EQ(lenient.Verify().size(), 2u) << "hash, and the checksum of the array";
  // Somebody who also mends the manifest still meets the checksum of the array.
  ReplaceShard(bytes, true);
  const Dataset dataset(folder_);
  EXPECT_NE(RefusalOf([&] { dataset.Read(2); }).find("data/demo_0/actions"), std::string::npos);
  EXPECT_EQ(dataset.Read(3).actions, SampleEpisode(3).actions);
}

// Any bit anywhere: the hash finds it; with the hash off, a sound refusal or values, never a crash.
TEST_F(Damage, BitsAnywhereNeverCrash) {
  const std::string bytes = ReadFile(shard_);
  int refused = 0, read = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    std::string flipped = bytes;
    const std::size_t place = i * 7919 % bytes.size();
    flipped[place] = static_cast<char>(flipped[place] ^ (1 << (i % 8)));
    ReplaceShard(flipped, false);
    ASSERT_NE(RefusalOf([&] { Dataset(folder_).Read(2); }), "");
    const std::string sentence = RefusalOf([&] {
      const Dataset lenient(folder_, Integrity::kReport);
      for (const int k : {2, 3}) lenient.Read(k);
    });
    ++(sentence.empty() ? read : refused);
  }
  EXPECT_GT(refused, 50);
  EXPECT_GT(read, 50);
}

TEST_F(Damage, ManifestsAreReadStrictly) {
  const nlohmann::json good = nlohmann::json::parse(ReadFile(folder_ / "manifest.json"));
  const auto expect = [&](const std::string& pointer, const nlohmann::json& value, const std::string& why) {
    nlohmann::json bad = good;
    bad[nlohmann::json::json_pointer(pointer)] = value;
    WriteFileAtomically(folder_ / "manifest.json", bad.dump());
    EXPECT_NE(RefusalOf([&] { Dataset{folder_}; }), "") << "its own hash";
    WriteFileAtomically(folder_ / "manifest.json", Rehashed(bad));
    const std::string sentence = RefusalOf([&] { Dataset{folder_}; });
    EXPECT_NE(sentence.find("manifest.json"), std::string::npos) << pointer << ": " << sentence;
    EXPECT_NE(sentence.find(why), std::string::npos) << pointer << ": " << sentence;
  };
  expect("/schema_version", 4, "schema_version: expected 3, got 4 (written by a later Genba)");
  expect("/schema_version", 1, "schema_version: expected 3, got 1 (written by an earlier Genba");
  expect("/physics_size", 4294967301, "physics_size");
  expect("/shards/1/episodes", 2.7, "episodes");
  expect("/shards/1/bytes", std::uint64_t{1} << 40, "bytes");
  expect("/env_spec/substeps", 2.7, "substeps");
  expect("/unknown", 1, "unknown");
  expect("/format", "other", "format");
  expect("/shards/1/file", "../../etc/passwd", "shards[1].file");
  expect("/shards/1/episodes", -2, "episodes");
  expect("/shards/1/episodes", 3, "shards[1]");
  expect("/shards/1/file", "shard-00004.h5", "shards[1]");
  expect("/next_episode", 5, "next_episode");
  expect("/shards/1/first_index", 0, "first_index");
  expect("/env_spec/observation/0/name", "../x", "observation");
  expect("/env_spec/observation/0/shape", {1 << 20, 1 << 20}, "shape");
  expect("/env_spec/horizon", "long", "horizon");
  expect("/physics_size", 0, "physics_size");
  WriteFileAtomically(folder_ / "manifest.json", good.dump().substr(0, 100));
  EXPECT_NE(RefusalOf([&] { Dataset{folder_}; }).find("manifest.json"), std::string::npos);
}

TEST_F(Damage, AKilledWriterLosesOnlyTheShardInFlight) {
  const fs::path folder = folder_ / "killed";
  const pid_t child = fork();
  if (child == 0) {
    DatasetWriter writer(folder, SampleInfo(), 2);
    for (std::uint64_t i = 0; i < 5; ++i) writer.Append(SampleEpisode(i));
    // As if in the middle of publishing: announced, and renamed, not yet committed.
    nlohmann::json manifest = nlohmann::json::parse(ReadFile(folder / "manifest.json"));
    manifest["writing"] = "shard-00002.h5";
    WriteFileAtomically(folder / "manifest.json", Rehashed(manifest));
    std::ofstream(folder / ".tmp-genba-2000000000-1-shard-00002.h5") << "torn";
    std::ofstream(folder / "shard-00002.h5") << "torn";
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(Dataset(folder).num_episodes(), 4);
  EXPECT_TRUE(Dataset(folder).Verify().empty());
  DatasetWriter writer(folder, SampleInfo(), 2);
  EXPECT_FALSE(fs::exists(folder / ".tmp-genba-2000000000-1-shard-00002.h5"));
  for (std::uint64_t i = writer.num_committed_episodes(); i < 6; ++i) writer.Append(SampleEpisode(i));
  writer.Finish();
  for (const char* file : {"shard-00000.h5", "shard-00001.h5", "shard-00002.h5", "manifest.json"}) {
    EXPECT_EQ(Sha256File(folder / file), Sha256File(folder_ / file)) << file;
  }
}

// A full disk, played by a limit on the size of files: exit code 0 when the writer said what it should.
int FillTheDisk(const fs::path& folder, rlim_t limit) {
  std::signal(SIGXFSZ, SIG_IGN);
  DatasetWriter writer(folder, SampleInfo(), 2);
  for (std::uint64_t i = 6; i < 8; ++i) {
    const rlimit small{limit, RLIM_INFINITY}, none{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &small);
    try {
      writer.Append(SampleEpisode(i));
    } catch (const Error& error) {
      if (error.exit_code() != 3 || std::string(error.what()).find(folder.string()) == std::string::npos) return 2;
      if (!fs::exists(folder / "manifest.json")) return 3;
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with(".tmp-")) return 3;
      }
      if (Dataset(folder).num_episodes() != 6 || !Dataset(folder).Verify().empty()) return 4;
      setrlimit(RLIMIT_FSIZE, &none);  // space again: nothing of what was in flight is lost either
      writer.Finish();
      return Dataset(folder).num_episodes() == 8 && Dataset(folder).Verify().empty() ? 0 : 5;
    }
  }
  return 1;
}

TEST_F(Damage, AFullDiskLosesNothing) {
  const rlim_t manifest_size = fs::file_size(folder_ / "manifest.json");
  ASSERT_LT(manifest_size, fs::file_size(shard_)) << "so that a limit below it also stops the shard";
  for (const rlim_t limit : {rlim_t{0}, rlim_t{4096}, rlim_t{fs::file_size(shard_) - 1}}) {
    const fs::path copy = folder_.string() + "_" + std::to_string(limit);
    fs::copy(folder_, copy);
    const pid_t child = fork();
    if (child == 0) _exit(FillTheDisk(copy, limit));
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "limit " << limit;
    fs::remove_all(copy);
  }
}

}  // namespace
}  // namespace genba::datasets
