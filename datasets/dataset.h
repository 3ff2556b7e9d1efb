// dataset.h - a folder of immutable shards plus the manifest that commits them.
//   DIR/manifest.json          schema, maker, EnvSpec, settings that change bytes, shards with sha256 and counts
//   DIR/shard-00002.h5         the whole episodes 2 N … 3 N - 1, robomimic's layout inside; N: episodes_per_shard
//   DIR/shard-00003-000037.h5  the tail while it grows: 3 N … 36; shard-00003.h5 once the collection is done
// Law (design 3): a shard is written under a temporary name, closed, fsynced, renamed, its folder fsynced, then the
// manifest is replaced the same way. Boundaries are by episode number, so that the bytes do not depend on when and how
// often the writing was stopped. Shards are byte-identical for equal episodes. Failure: damaged, foreign or
// other-version files are refused with a sentence; other shards stay readable. Threads: a writer or reader belongs to
// one thread (HDF5 is one global lock); HDF5 handles never leave this folder.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/spec.h"
#include "datasets/episode.h"

namespace genba::datasets {

struct ShardInfo {
  std::string file;    // name inside the folder
  std::string sha256;  // of the whole file
  std::uint64_t bytes = 0;
  int num_episodes = 0;
  std::int64_t num_steps = 0;
  std::uint64_t first_index = 0;  // global number of its first episode
};

struct DatasetInfo {  // what the manifest says
  int schema_version = kSchemaVersion;
  std::string engine_version;  // mj_versionString() of the writer
  int builder_version = 0;     // sim::kBuilderVersion of the writer
  std::string processor;       // ProcessorType() of the writer
  std::string revision;        // of genba
  std::string policy;          // who acted, by content
  EnvSpec spec;
  int physics_size = 0;     // columns of states
  int state_size = 0;       // of initial_row
  int ctrl_size = 0;        // columns of ctrl
  std::string config_toml;  // the settings that change bytes
  int episodes_per_shard = 250;
  std::uint64_t next_episode = 0;  // the first number that no committed shard covers; a fault leaves a gap before it
  std::string writing;             // the shard that is being published; empty when none is
  std::vector<ShardInfo> shards;

  int num_slots() const;  // of the observation's rank-2 fields together
};

// Starts or continues a data set. Episodes come in the order of their numbers; a shard is committed when all its
// numbers have come.
class DatasetWriter {
 public:
  // Continues where the committed shards end when the folder holds a data set of an equal description (the episodes of
  // the tail are read back and written anew with those that follow); refuses a different one, and shards that its
  // manifest does not know.
  DatasetWriter(const std::filesystem::path& folder, const DatasetInfo& description, int episodes_per_shard);
  ~DatasetWriter();  // does not commit: call Finish
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;

  std::uint64_t num_committed_episodes() const;
  std::uint64_t next_episode() const;  // the smallest number that may come
  void Append(Episode episode);
  void Skip(std::uint64_t number);       // it ended in a fault: its place stays empty
  void CommitOlderThan(double seconds);  // the tail, when something has waited for that long
  void Finish();                         // commits what is pending
  const DatasetInfo& info() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What to do with a shard whose SHA-256 differs from the manifest's.
enum class Integrity {
  kRequire,  // refuse it
  kReport,   // read it if its structure is sound (replay looks for the place that differs); Verify still lists
             // it
};

class Dataset {
 public:
  // Reads the manifest only.
  explicit Dataset(const std::filesystem::path& folder, Integrity integrity = Integrity::kRequire);
  ~Dataset();
  Dataset(Dataset&&) noexcept;

  const std::filesystem::path& folder() const;
  const DatasetInfo& info() const;
  std::string manifest_sha256() const;
  int num_episodes() const;
  std::int64_t num_steps() const;

  // Episodes in stored order, k in [0, num_episodes()). The shard's size and hash are checked when it is opened.
  Episode Read(int k) const;
  // Without arrays: identity, text, success, length, cause, fault (for lists).
  Episode ReadHeader(int k) const;
  // Whether the shard that holds k has the bytes the manifest names (kReport reads others too). Opens it, as Read does.
  bool Intact(int k) const;

  struct Problem {
    std::string file;
    std::string what;
  };
  // Opens every shard, checks hash, structure, shapes, finite values; never throws for a bad shard.
  std::vector<Problem> Verify() const;
  // Per-field mean, deviation, min, max, q01, q99 over successful episodes of obs and actions, and episode
  // statistics.
  nlohmann::json Statistics() const;
  nlohmann::json InfoJson() const;  // design.md, `data info`

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace genba::datasets
