#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
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

fs::path MadeWritable(const fs::path& folder) {
  MakeWritableFolder(folder);
  return folder;
}

}  // namespace

struct DatasetWriter::Impl {
  Impl(const fs::path& folder_in, const DatasetInfo& description)
      : folder(MadeWritable(folder_in)), lock(folder), info(description) {
    const fs::path manifest = folder / kManifestName;
    if (fs::exists(manifest)) {
      Continue(manifest);
      RemoveLeftovers();
      info.writing.clear();
      ReadTail();
    } else {
      RemoveLeftovers();  // the manifest comes before the first shard: shards without one are never ours to replace
      WriteManifest(info);
    }
    RemoveTemporaries(folder);
    next_episode = info.next_episode;
  }

  void Continue(const fs::path& manifest) {
    const DatasetInfo committed = ParseManifest(ReadFile(manifest), manifest.string());
    const std::string difference = DescriptionDifference(committed, info);
    if (!difference.empty()) {
      throw BadInput({manifest.string(), "", "a data set of the same description (choose another folder)", difference});
    }
    info = committed;
  }

  // A killed writer may leave the shard it had announced, or a tail whose successor is committed. Any other shard that
  // the manifest does not list means that the manifest is not the newest: nothing may be replaced then.
  void RemoveLeftovers() const {
    std::vector<fs::path> leftovers;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string file = entry.path().filename().string();
      const std::optional<ShardPlace> place = PlaceOf(file);
      const auto listed = std::find_if(info.shards.begin(), info.shards.end(),
                                       [&](const ShardInfo& shard) { return shard.file == file; });
      if (!place || listed != info.shards.end()) continue;
      if (file != info.writing && !Superseded(*place))
        throw BadInput({entry.path().string(), "", "a shard that " + std::string(kManifestName) + " lists",
                        "one that it does not: an older manifest, or none"});
      leftovers.push_back(entry.path());
    }
    for (const fs::path& leftover : leftovers) fs::remove(leftover);
  }

  bool Superseded(const ShardPlace& tail) const {
    return tail.tail_end && std::any_of(info.shards.begin(), info.shards.end(), [&](const ShardInfo& shard) {
             return PlaceOf(shard.file)->number == tail.number && EndOfShard(shard, info) >= *tail.tail_end;
           });
  }

  std::uint64_t PerShard() const { return static_cast<std::uint64_t>(info.episodes_per_shard); }

  bool LastIsTail() const { return !info.shards.empty() && EndOfShard(info.shards.back(), info) % PerShard() != 0; }

  void ReadTail() {
    if (!LastIsTail()) return;
    const Dataset dataset(folder);
    for (int k = dataset.num_episodes() - info.shards.back().num_episodes; k < dataset.num_episodes(); ++k)
      pending.push_back(dataset.Read(k));
  }

  // Up to number everything has come: shards that end before it are full.
  void Reach(std::uint64_t number) {
    GENBA_CHECK(number >= next_episode, "episodes come in the order of their numbers");
    const std::uint64_t boundary = number / PerShard() * PerShard();
    if (boundary <= next_episode && !(boundary == next_episode && boundary > info.next_episode)) return;
    next_episode = boundary;
    Commit();
  }

  void Append(Episode episode) {
    CheckRecorded(episode, info);
    Reach(episode.index);
    const std::uint64_t number = episode.index;
    pending.push_back(std::move(episode));
    Covered(number);
  }

  // The shard of what is pending, which it takes as it comes: so little is left to do when it is committed. A commit ends
  // it; the tail's next one begins anew. HDF5 tells files that are open apart by their names.
  ShardWriter& Growing() {
    const ShardPlace place{pending.front().index / PerShard(), std::nullopt};
    if (!growing) growing.emplace(info, (folder / ShardName(place)).string() + " (growing)");
    for (auto k = static_cast<std::size_t>(growing->num_episodes()); k < pending.size(); ++k)
      growing->Append(pending[k]);
    return *growing;
  }

  void Covered(std::uint64_t number) {
    if (next_episode == info.next_episode) waiting_since = Clock::now();
    next_episode = number + 1;
    if (!pending.empty()) Growing();
    if (next_episode % PerShard() == 0) Commit();
  }

  void WriteManifest(const DatasetInfo& next) const { WriteFileAtomically(folder / kManifestName, ManifestText(next)); }

  // Announces the shard, publishes it, lists it; then the tail that it replaces may go. Whatever fails, the same call
  // does it again.
  void Commit() {
    if (next_episode == info.next_episode) return;
    if (LastIsTail()) Retitle(ShardName({PlaceOf(info.shards.back().file)->number, info.next_episode}));
    DatasetInfo next = info;
    next.next_episode = next_episode;
    std::string replaced;
    if (!pending.empty()) {
      if (LastIsTail()) {
        replaced = next.shards.back().file;
        next.shards.pop_back();
      }
      next.shards.push_back(Publish(next));
    }
    WriteManifest(next);
    info = std::move(next);
    if (!pending.empty() && !LastIsTail()) pending.clear();
    if (!replaced.empty()) fs::remove(folder / replaced);
  }

  void Finish() {
    Commit();
    if (LastIsTail()) Retitle(ShardName({PlaceOf(info.shards.back().file)->number, std::nullopt}));
  }

  // The last shard under another name: announced, copied, listed, and only then the old one goes.
  void Retitle(const std::string& file) {
    const std::string old = info.shards.back().file;
    if (file == old) return;
    DatasetInfo next = info;
    next.writing = file;
    WriteManifest(next);
    WriteFileAtomically(folder / file, ReadFile(folder / old));
    next.shards.back().file = file;
    next.writing = old;
    WriteManifest(next);
    fs::remove(folder / old);
    next.writing.clear();
    WriteManifest(next);
    info = std::move(next);
  }

  ShardInfo Publish(const DatasetInfo& next) {
    ShardPlace place{pending.front().index / PerShard(), std::nullopt};
    if (next.next_episode < (place.number + 1) * PerShard()) place.tail_end = next.next_episode;
    ShardWriter& writer = Growing();
    ShardInfo shard{ShardName(place), "", 0, writer.num_episodes(), writer.num_steps(), writer.first_index()};
    const std::string bytes = writer.CloseToBytes();
    growing.reset();
    shard.sha256 = Sha256(bytes);
    shard.bytes = bytes.size();
    DatasetInfo announced = info;
    announced.writing = shard.file;
    WriteManifest(announced);
    try {
      WriteFileAtomically(folder / shard.file, bytes);
    } catch (const Error&) {
      Withdraw(shard.file);
      throw;
    }
    return shard;
  }

  // A data set is known by its manifest: what could not be published must not leave it another one.
  void Withdraw(const std::string& file) const try {
    if (!fs::exists(folder / file)) WriteManifest(info);
  } catch (const std::exception&) {
    // The announcement stays; the next writer takes it for a killed one's.
  }

  using Clock = std::chrono::steady_clock;
  fs::path folder;
  FolderLock lock;
  DatasetInfo info;                // committed
  std::uint64_t next_episode = 0;  // smallest that may come
  std::vector<Episode> pending;    // of the shard that is not full
  std::optional<ShardWriter> growing;
  Clock::time_point waiting_since;  // of the oldest that is not committed
};

DatasetWriter::DatasetWriter(const fs::path& folder, const DatasetInfo& description, int episodes_per_shard) {
  GENBA_CHECK(episodes_per_shard >= 1, "at least one episode per shard");
  GENBA_CHECK(description.schema_version == kSchemaVersion, "only this schema version can be written");
  CheckDescription(description, folder.string());
  DatasetInfo fresh = description;
  fresh.shards.clear();
  fresh.next_episode = 0;
  fresh.writing.clear();
  fresh.episodes_per_shard = episodes_per_shard;
  impl_ = std::make_unique<Impl>(folder, fresh);
}
DatasetWriter::~DatasetWriter() = default;

std::uint64_t DatasetWriter::num_committed_episodes() const {
  std::uint64_t count = 0;
  for (const ShardInfo& shard : impl_->info.shards) count += static_cast<std::uint64_t>(shard.num_episodes);
  return count;
}
std::uint64_t DatasetWriter::next_episode() const { return impl_->next_episode; }
void DatasetWriter::Append(Episode episode) { impl_->Append(std::move(episode)); }
void DatasetWriter::Skip(std::uint64_t number) {
  impl_->Reach(number);
  impl_->Covered(number);
}
void DatasetWriter::CommitOlderThan(double seconds) {
  const std::chrono::duration<double> waited = Impl::Clock::now() - impl_->waiting_since;
  if (impl_->next_episode != impl_->info.next_episode && waited.count() >= seconds) impl_->Commit();
}
void DatasetWriter::Finish() { impl_->Finish(); }
const DatasetInfo& DatasetWriter::info() const { return impl_->info; }

}  // namespace genba::datasets
