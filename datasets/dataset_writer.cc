#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "datasets/dataset.h"
#include "datasets/manifest.h"
#include "datasets/shard.h"

namespace genba::datasets {
namespace {

namespace fs = std::filesystem;

// One writer per folder: a second one would replace committed shards. The kernel lets go when the process dies.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ < 0) throw SystemError("open", folder.string(), errno);
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      const bool taken = errno == EWOULDBLOCK;
      ::close(fd_);
      if (taken) throw Error(ErrorKind::kEnvironment, "another process is writing into " + folder.string());
      fd_ = -1;  // a file system without locks
    }
  }
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

bool HoldsShards(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (IsShardName(entry.path().filename().string())) return true;
  }
  return false;
}

fs::path MadeWritable(const fs::path& folder) {
  MakeWritableFolder(folder);
  return folder;
}

}  // namespace

struct DatasetWriter::Impl {
  Impl(const fs::path& folder_in, const DatasetInfo& description, int per_shard)
      : folder(MadeWritable(folder_in)), lock(folder), info(description), episodes_per_shard(per_shard) {
    RemoveTemporaries(folder);
    const fs::path manifest = folder / kManifestName;
    if (fs::exists(manifest)) {
      Continue(manifest);
    } else {
      // The manifest comes before the first shard, so that shards without one are never ours to replace.
      if (HoldsShards(folder))
        throw BadInput({manifest.string(), "", "present beside the shards of this folder", "none"});
      WriteFileAtomically(manifest, ManifestText(info));
    }
  }

  void Continue(const fs::path& manifest) {
    const DatasetInfo committed = ParseManifest(ReadFile(manifest), manifest.string());
    const std::string difference = DescriptionDifference(committed, info);
    if (!difference.empty()) {
      throw BadInput({manifest.string(), "", "a data set of the same description (choose another folder)", difference});
    }
    info = committed;
    for (const ShardInfo& shard : info.shards) num_committed += static_cast<std::uint64_t>(shard.num_episodes);
    if (num_committed > 0) next_index = Dataset(folder).ReadHeader(static_cast<int>(num_committed) - 1).index + 1;
  }

  void Append(const Episode& episode) {
    if (!bytes.empty()) Commit();  // an earlier commit failed: once more before anything is added
    GENBA_CHECK(episode.index >= next_index, "episodes are appended in the order of their index");
    if (!in_flight) in_flight.emplace(info, ShardName(info.shards.size()));
    in_flight->Append(episode);
    next_index = episode.index + 1;
    if (Pending() >= episodes_per_shard) Commit();
  }

  int Pending() const { return in_flight ? in_flight->num_episodes() : 0; }

  void Commit() {
    if (Pending() == 0) return;
    if (bytes.empty()) bytes = in_flight->CloseToBytes();
    const std::string name = ShardName(info.shards.size());
    WriteFileAtomically(folder / name, bytes);
    DatasetInfo next = info;
    next.shards.push_back(
        {name, Sha256(bytes), in_flight->num_episodes(), in_flight->num_steps(), in_flight->first_index()});
    WriteFileAtomically(folder / kManifestName, ManifestText(next));
    num_committed += static_cast<std::uint64_t>(in_flight->num_episodes());
    info = std::move(next);
    in_flight.reset();
    bytes.clear();
  }

  fs::path folder;
  FolderLock lock;
  DatasetInfo info;
  int episodes_per_shard;
  std::uint64_t num_committed = 0;
  std::uint64_t next_index = 0;  // smallest that may follow
  std::optional<ShardWriter> in_flight;
  std::string bytes;  // of a shard whose commit is under way or failed
};

DatasetWriter::DatasetWriter(const fs::path& folder, const DatasetInfo& description, int episodes_per_shard) {
  GENBA_CHECK(episodes_per_shard >= 1, "at least one episode per shard");
  GENBA_CHECK(description.schema_version == kSchemaVersion, "only this schema version can be written");
  CheckDescription(description, folder.string());
  DatasetInfo fresh = description;
  fresh.shards.clear();
  impl_ = std::make_unique<Impl>(folder, fresh, episodes_per_shard);
}
DatasetWriter::~DatasetWriter() = default;

std::uint64_t DatasetWriter::num_committed_episodes() const { return impl_->num_committed; }
void DatasetWriter::Append(const Episode& episode) { impl_->Append(episode); }
void DatasetWriter::Finish() { impl_->Commit(); }
const DatasetInfo& DatasetWriter::info() const { return impl_->info; }

}  // namespace genba::datasets
