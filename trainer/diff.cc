#include "trainer/diff.h"

#include "core/error.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;

enum class Kind { kRun, kDataset, kNeither };

Kind KindOf(const fs::path& folder) {
  std::error_code ignored;
  const auto has = [&](const char* name) { return fs::exists(folder / name, ignored); };
  if (has("manifest.json")) return Kind::kDataset;
  return has("config.toml") || has("checkpoints") ? Kind::kRun : Kind::kNeither;
}

std::string What(const fs::path& folder) {
  std::error_code ignored;
  switch (KindOf(folder)) {
    case Kind::kRun:
      return folder.string() + ", a run";
    case Kind::kDataset:
      return folder.string() + ", a data set";
    case Kind::kNeither:
      break;
  }
  if (!fs::exists(folder, ignored)) return folder.string() + ", which is not there";
  return folder.string() + (fs::is_directory(folder, ignored) ? ", a folder without config.toml or manifest.json"
                                                              : ", which is no folder");
}

}  // namespace

nlohmann::json Diff(const fs::path& a, const fs::path& b) {
  if (KindOf(a) != KindOf(b) || KindOf(a) == Kind::kNeither)
    throw BadInput({"diff", "", "two runs or two data sets", What(a) + ", and " + What(b)});
  return KindOf(a) == Kind::kRun ? DiffRuns(a, b) : DiffDatasets(a, b);
}

}  // namespace genba::trainer
