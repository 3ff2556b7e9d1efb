#include "datasets/dataset.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/hash.h"
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

}  // namespace

struct Dataset::Impl {
  Impl(const std::filesystem::path& folder_in, Integrity integrity_in) : folder(folder_in), integrity(integrity_in) {
    const std::filesystem::path manifest = folder / kManifestName;
    const std::string text = ReadFile(manifest, std::size_t{64} << 20);
    manifest_sha256 = Sha256(text);
    info = ParseManifest(text, manifest.string());
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
    const std::string bytes = ReadFile(PathOf(s));
    intact[s] = Sha256(bytes) == info.shards[s].sha256;
    if (!intact[s] && integrity == Integrity::kRequire) throw BadInput(HashRefusal(s, bytes));
    return {bytes, PathOf(s), info, info.shards[s], intact[s] ? hdf5::Checksums::kRequire : hdf5::Checksums::kIgnore};
  }

  Refusal HashRefusal(std::size_t s, const std::string& bytes) const {
    return {PathOf(s), "sha256", info.shards[s].sha256 + " (manifest)",
            Sha256(bytes) + ": damaged, cut off or another file"};
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
      const std::string bytes = ReadFile(PathOf(s));
      if (Sha256(bytes) != info.shards[s].sha256) report(BadInput(HashRefusal(s, bytes)).what());
      const ShardReader shard(bytes, PathOf(s), info, info.shards[s], hdf5::Checksums::kRequire);
      for (int k = 0; k < info.shards[s].num_episodes; ++k) {
        const std::string bad = FirstNonFinite(shard.Read(k), info);
        if (!bad.empty()) report("data/demo_" + std::to_string(k) + "/" + bad + " is not finite");
      }
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
  VisitArrays(one_step, about,
              [&](const std::string& name, const auto& values, const hdf5::Dims& dims, const std::string& unit) {
                using Value = typename std::decay_t<decltype(values)>::value_type;
                const bool per_step = name != "initial_row" && name != "final_state";
                if (per_step) {
                  fields.push_back(FieldJson(name, {dims.begin() + 1, dims.end()}, TypeName<Value>(), unit));
                } else {
                  episode_fields.push_back(FieldJson(name, dims, TypeName<Value>(), unit));
                }
              });
  Json shards = Json::array();
  for (const ShardInfo& shard : about.shards) {
    shards.push_back(
        {{"file", shard.file}, {"sha256", shard.sha256}, {"episodes", shard.num_episodes}, {"steps", shard.num_steps}});
  }
  return {{"schema_version", about.schema_version},
          {"engine_version", about.engine_version},
          {"revision", about.revision},
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
