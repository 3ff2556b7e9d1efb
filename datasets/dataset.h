// dataset.h - a folder of immutable shards plus the manifest that commits them.
//   DIR/manifest.json   schema, engine version, EnvSpec, resolved config, shards with sha256 and episode
//   counts DIR/shard-00000.h5  whole episodes, robomimic's layout inside
// Law (design 3): a shard is written under a temporary name, closed, fsynced, renamed, its folder fsynced,
// then the manifest is replaced the same way. A crash costs at most the episodes of the shard in flight.
// Shards are byte-identical for equal episodes. Failure: damaged, foreign or future-version files are refused
// with a sentence; other shards stay readable. Threads: a writer or reader belongs to one thread (HDF5 is one
// global lock); HDF5 handles never leave this folder.
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
  int num_episodes = 0;
  std::int64_t num_steps = 0;
  std::uint64_t first_index = 0;  // global number of its first episode
};

struct DatasetInfo {  // what the manifest says
  int schema_version = kSchemaVersion;
  std::string engine_version;  // mj_versionString() of the writer
  std::string revision;        // of genba
  EnvSpec spec;
  int physics_size = 0;     // columns of states
  int state_size = 0;       // of initial_row
  std::string config_toml;  // resolved configuration of the collection
  std::vector<ShardInfo> shards;
};

// Starts or continues a data set. Episodes are appended in order; a shard is committed every
// episodes_per_shard.
class DatasetWriter {
 public:
  // Continues after the last committed shard when the folder holds a data set of an equal description,
  // refuses a different one.
  DatasetWriter(const std::filesystem::path& folder, const DatasetInfo& description, int episodes_per_shard);
  ~DatasetWriter();  // does not commit: call Finish
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;

  std::uint64_t num_committed_episodes() const;
  void Append(const Episode& episode);
  void Finish();  // commits what is pending
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

  const std::filesystem::path& folder() const;
  const DatasetInfo& info() const;
  std::string manifest_sha256() const;
  int num_episodes() const;
  std::int64_t num_steps() const;

  // Episodes in stored order, k in [0, num_episodes()). The shard's hash is checked the first time it is
  // opened.
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
