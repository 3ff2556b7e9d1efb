// shard.h - one immutable HDF5 file of whole episodes, in robomimic's layout, as bytes in memory.
// Internal to datasets; DatasetWriter publishes what ShardWriter makes, Dataset hands checked bytes to ShardReader.
//   /                     attributes format, schema_version, engine_version, builder_version, env_spec, …_size
//   /data                 attributes total, env_args
//   /data/demo_<k>        attributes num_samples, model, success and schema.h's; arrays of schema.h; plan, cell;
//                         obs/<field>, obs_last/<field>
//   /mask/<list>          names of demos: train, valid (robomimic's), success, split_<split>
//   /models/<j>           MJCF text, once per distinct scene
// Threads: one. Failure: Error(kBadInput) naming file and key for anything that does not fit the manifest.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/episode.h"
#include "datasets/hdf5.h"

namespace genba::datasets {

// What a recorder may hand over: whole, of this task, finite. A GENBA_CHECK otherwise.
void CheckRecorded(const Episode& episode, const DatasetInfo& info);

class ShardWriter {
 public:
  ShardWriter(const DatasetInfo& info, const std::string& name);
  void Append(const Episode& episode);
  int num_episodes() const { return num_episodes_; }
  std::int64_t num_steps() const { return num_steps_; }
  std::uint64_t first_index() const { return first_index_; }
  std::string CloseToBytes();  // once, last

 private:
  std::int64_t ModelNumber(const std::string& xml);  // writes it when it is new
  void WriteObservation(const hdf5::Group& group, const std::vector<float>& rows, int num_steps) const;

  DatasetInfo info_;
  hdf5::File file_;
  hdf5::Group data_;
  hdf5::Group models_;
  std::map<std::string, std::int64_t> model_numbers_;
  std::map<std::string, std::vector<std::string>> masks_;  // list → demos
  int num_episodes_ = 0;
  std::int64_t num_steps_ = 0;
  std::uint64_t first_index_ = 0;
};

class ShardReader {
 public:
  // Reads all headers. The bytes are kept.
  ShardReader(std::string bytes, const std::string& name, const DatasetInfo& info, const ShardInfo& shard,
              hdf5::Checksums checksums);
  const std::vector<Episode>& headers() const { return headers_; }  // without documents, model text and arrays
  Episode Read(int k) const;

 private:
  void CheckFile() const;
  Episode ReadHeader(int k) const;
  std::vector<float> ReadObservation(const hdf5::Group& group, int num_steps) const;

  DatasetInfo info_;
  std::string name_;
  hdf5::File file_;
  hdf5::Group data_;
  hdf5::Group models_;
  std::vector<Episode> headers_;
};

}  // namespace genba::datasets
