#include "datasets/dataset.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "datasets/manifest.h"
#include "datasets/schema.h"
#include "datasets/shard.h"

namespace genba::datasets {
namespace {

using Json = nlohmann::json;

template <class T>
std::string TypeName() {
  const std::string bits = std::to_string(8 * sizeof(T));
  return (std::is_floating_point_v<T> ? "float" : std::is_signed_v<T> ? "int" : "uint") + bits;
}

Json FieldJson(const std::string& name, const hdf5::Dims& dims, const std::string& type, const std::string& unit) {
  return {{"name", name}, {"shape", dims}, {"dtype", type}, {"unit", unit}};
}

// A plain file of exactly the size that the manifest says: no link that leads elsewhere, no pipe or device that never
// ends, and nothing longer than it should be is read at all.
std::string ReadShardFile(const std::string& path, std::uint64_t expected_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    if (fd >= 0) ::close(fd);
    throw BadInput({path, "", expected, got});
  };
  if (fd < 0) refuse("a readable file", errno == ELOOP ? "a symbolic link" : std::strerror(errno));
  struct stat about {};
  if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) refuse("a readable file", "something that is no plain file");
  if (static_cast<std::uint64_t>(about.st_size) != expected_bytes)
    refuse(std::to_string(expected_bytes) + " bytes (manifest)", std::to_string(about.st_size));
  std::string bytes(expected_bytes, '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = ::read(fd, bytes.data() + got, bytes.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) refuse("a readable file", n < 0 ? std::strerror(errno) : "fewer bytes");
    got += static_cast<std::size_t>(n);
  }
  ::close(fd);
  return bytes;
}

}  // namespace

int DatasetInfo::num_slots() const {
  int slots = 0;
  for (const FieldSpec& field : spec.observation) slots += field.shape.size() == 2 ? field.shape[0] : 0;
  return slots;
}

struct Dataset::Impl {
  Impl(const std::filesystem::path& folder_in, Integrity integrity_in) : folder(folder_in), integrity(integrity_in) {
    const std::filesystem::path manifest = folder / kManifestName;
    const std::string text = ReadFile(manifest, std::size_t{64} << 20);
    info = ParseManifest(text, manifest.string());
    manifest_sha256 = ManifestHash(info);
    std::int64_t end = 0;
    for (const ShardInfo& shard : info.shards) {
      starts.push_back(static_cast<int>(end));
      end += shard.num_episodes;
      num_steps += shard.num_steps;
      if (end > (1 << 30)) throw BadInput({manifest.string(), "shards", "fewer episodes", std::to_string(end)});
    }
    num_episodes = static_cast<int>(end);
    headers.resize(info.shards.size());
    intact.resize(info.shards.size());
  }

  std::string PathOf(std::size_t s) const { return (folder / info.shards[s].file).string(); }

  // Hash before HDF5: bytes that are not the writer's do not reach the library, unless that is asked for.
  ShardReader OpenShard(std::size_t s) {
    std::string bytes = ReadShardFile(PathOf(s), info.shards[s].bytes);
    const std::string hash = Sha256(bytes);
    intact[s] = hash == info.shards[s].sha256;
    if (!intact[s] && integrity == Integrity::kRequire) throw BadInput(HashRefusal(s, hash));
    return {std::move(bytes), PathOf(s), info, info.shards[s],
            intact[s] ? hdf5::Checksums::kRequire : hdf5::Checksums::kIgnore};
  }

  Refusal HashRefusal(std::size_t s, const std::string& hash) const {
    return {PathOf(s), "sha256", info.shards[s].sha256 + " (manifest)", hash + ": damaged or another file"};
  }

  std::size_t ShardOf(int k) const {
    GENBA_CHECK(k >= 0 && k < num_episodes, "episode " + std::to_string(k) + " of " + std::to_string(num_episodes));
    return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), k) - starts.begin()) - 1;
  }

  const ShardReader& Open(std::size_t s) {
    if (!reader || open_shard != s) {
      reader.reset();
      reader = std::make_unique<ShardReader>(OpenShard(s));
      open_shard = s;
      headers[s] = reader->headers();
    }
    return *reader;
  }

  const std::vector<Episode>& Headers(std::size_t s) {
    if (headers[s].empty()) Open(s);
    return headers[s];
  }

  void VerifyShard(std::size_t s, std::vector<Problem>& problems) const {
    const auto report = [&](const std::string& what) { problems.push_back({info.shards[s].file, what}); };
    try {
      std::string bytes = ReadShardFile(PathOf(s), info.shards[s].bytes);
      const std::string hash = Sha256(bytes);
      if (hash != info.shards[s].sha256) report(BadInput(HashRefusal(s, hash)).what());
      const ShardReader shard(std::move(bytes), PathOf(s), info, info.shards[s], hdf5::Checksums::kRequire);
      for (int k = 0; k < info.shards[s].num_episodes; ++k) shard.Read(k);
    } catch (const Error& error) {
      report(error.what());
    }
  }

  std::filesystem::path folder;
  Integrity integrity;
  DatasetInfo info;
  std::string manifest_sha256;
  std::vector<int> starts;  // first episode of each shard
  int num_episodes = 0;
  std::int64_t num_steps = 0;
  std::unique_ptr<ShardReader> reader;  // the shard read last
  std::size_t open_shard = 0;
  std::vector<std::vector<Episode>> headers;  // by shard; empty until it was opened
  std::vector<bool> intact;                   // by shard; known once it was opened
};

Dataset::Dataset(const std::filesystem::path& folder, Integrity integrity)
    : impl_(std::make_unique<Impl>(folder, integrity)) {}
Dataset::~Dataset() = default;
Dataset::Dataset(Dataset&&) noexcept = default;

const std::filesystem::path& Dataset::folder() const { return impl_->folder; }
const DatasetInfo& Dataset::info() const { return impl_->info; }
std::string Dataset::manifest_sha256() const { return impl_->manifest_sha256; }
int Dataset::num_episodes() const { return impl_->num_episodes; }
std::int64_t Dataset::num_steps() const { return impl_->num_steps; }

Episode Dataset::Read(int k) const {
  CheckInterrupt();  // whoever reads a data set reads for long
  const std::size_t s = impl_->ShardOf(k);
  return impl_->Open(s).Read(k - impl_->starts[s]);
}

Episode Dataset::ReadHeader(int k) const {
  const std::size_t s = impl_->ShardOf(k);
  return impl_->Headers(s)[static_cast<std::size_t>(k - impl_->starts[s])];
}

bool Dataset::Intact(int k) const {
  const std::size_t s = impl_->ShardOf(k);
  impl_->Headers(s);
  return impl_->intact[s];
}

std::vector<Dataset::Problem> Dataset::Verify() const {
  std::vector<Problem> problems;
  for (std::size_t s = 0; s < impl_->info.shards.size(); ++s) {
    CheckInterrupt();
    impl_->VerifyShard(s, problems);
  }
  return problems;
}

Json Dataset::InfoJson() const {
  const DatasetInfo& about = info();
  std::map<std::string, int> tasks, languages;
  int successes = 0;
  for (int k = 0; k < num_episodes(); ++k) {
    const Episode header = ReadHeader(k);
    ++tasks[header.task];
    ++languages[header.language];
    successes += header.success ? 1 : 0;
  }
  Json fields = Json::array(), episode_fields = Json::array();
  Episode one_step;
  one_step.num_steps = 1;
  for (const FieldSpec& field : about.spec.observation) {
    fields.push_back(FieldJson("obs/" + field.name, {field.shape.begin(), field.shape.end()}, "float32", field.unit));
  }
  VisitArrays(one_step, about, [&](const ArrayInfo& array, const auto& values) {
    const std::string type = TypeName<typename std::decay_t<decltype(values)>::value_type>();
    if (array.moment == Moment::kBefore || array.moment == Moment::kAfter) {
      fields.push_back(FieldJson(array.name, {array.dims.begin() + 1, array.dims.end()}, type, array.unit));
    } else {
      episode_fields.push_back(FieldJson(array.name, array.dims, type, array.unit));
    }
  });
  for (const FieldSpec& field : about.spec.observation) {
    episode_fields.push_back(
        FieldJson("obs_last/" + field.name, {field.shape.begin(), field.shape.end()}, "float32", field.unit));
  }
  Json shards = Json::array();
  for (const ShardInfo& shard : about.shards) {
    shards.push_back(
        {{"file", shard.file}, {"sha256", shard.sha256}, {"episodes", shard.num_episodes}, {"steps", shard.num_steps}});
  }
  return {{"schema_version", about.schema_version},
          {"engine_version", about.engine_version},
          {"builder_version", about.builder_version},
          {"processor", about.processor},
          {"revision", about.revision},
          {"policy", about.policy},
          {"manifest_sha256", manifest_sha256()},
          {"episodes", num_episodes()},
          {"steps", num_steps()},
          {"tasks", tasks},
          {"languages", languages},
          {"success_rate", num_episodes() > 0 ? Json(static_cast<double>(successes) / num_episodes()) : Json()},
          {"control_hz", about.spec.control_hz()},
          {"fields", fields},
          {"episode_fields", episode_fields},
          {"shards", shards}};
}

}  // namespace genba::datasets
